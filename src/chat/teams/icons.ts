import { crc32, deflateSync } from 'node:zlib';

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

const clear: Colour = [0, 0, 0, 0];
const white: Colour = [255, 255, 255, 255];
const night: Colour = [16, 42, 67, 255];
const mast: Colour = [190, 204, 220, 255];
const red: Colour = [222, 62, 54, 255];
const amber: Colour = [245, 166, 35, 255];
const green: Colour = [46, 160, 92, 255];

/** A railway signal on its mast, in a square of side 1. Undefined: nothing is there. */
type Picture = (x: number, y: number) => Colour | undefined;

const lights = [
  [0.26, red],
  [0.42, amber],
  [0.58, green],
] as const;

const inside = (x: number, y: number, left: number, top: number, right: number, bottom: number): boolean =>
  x >= left && x <= right && y >= top && y <= bottom;

const signal: Picture = (x, y) => {
  const light = lights.find(([at]) => Math.hypot(x - 0.5, y - at) < 0.062);
  if (light !== undefined) return light[1];
  if (inside(x, y, 0.39, 0.15, 0.61, 0.69)) return [8, 20, 34, 255];
  if (inside(x, y, 0.36, 0.12, 0.64, 0.72)) return mast;
  if (inside(x, y, 0.47, 0.72, 0.53, 0.87) || inside(x, y, 0.34, 0.86, 0.66, 0.9)) return mast;
  return night;
};

const outline: Picture = (x, y) => {
  if (lights.some(([at]) => Math.hypot(x - 0.5, y - at) < 0.062)) return white;
  if (inside(x, y, 0.38, 0.12, 0.62, 0.7)) return undefined;
  if (inside(x, y, 0.31, 0.05, 0.69, 0.77)) return white;
  return inside(x, y, 0.45, 0.77, 0.55, 0.9) || inside(x, y, 0.3, 0.88, 0.7, 0.96) ? white : undefined;
};

/** 192 × 192 pixels, as Teams asks of an app's icon. */
export const colorIcon = (): Buffer => png(192, signal);

/** 32 × 32 pixels, white on nothing. */
export const outlineIcon = (): Buffer => png(32, outline);

/** PNG (W3C), 8-bit RGBA, each pixel the mean of 16 points of the picture. */
const png = (side: number, picture: Picture): Buffer => {
  const raw = Buffer.alloc((side * 4 + 1) * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const points = Array.from({ length: 16 }, (_, n) => {
        const x = (column + ((n % 4) + 0.5) / 4) / side;
        const y = (row + (Math.floor(n / 4) + 0.5) / 4) / side;
        return picture(x, y) ?? clear;
      });
      const opaque = points.filter(([, , , alpha]) => alpha > 0);
      const mean = (of: readonly Colour[], part: 0 | 1 | 2 | 3, count: number): number =>
        count === 0 ? 0 : Math.round(of.reduce((sum, point) => sum + point[part], 0) / count);
      const at = row * (side * 4 + 1) + 1 + column * 4;
      for (const part of [0, 1, 2] as const) raw[at + part] = mean(opaque, part, opaque.length);
      raw[at + 3] = mean(points, 3, points.length);
    }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, sum]);
};
