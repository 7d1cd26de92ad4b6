import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The server's end of one WebSocket (RFC 6455): text frames, pings and closing; no fragments, no extensions. */
export interface ServerSocket {
  send(message: unknown): void;
  close(): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export const acceptWebSocket = (req: IncomingMessage, stream: Duplex): ServerSocket => {
  const key = req.headers['sec-websocket-key'] ?? '';
  const accept = createHash('sha1').update(`${key}${magic}`).digest('base64');
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const messages: ((message: unknown) => void)[] = [];
  const closes: (() => void)[] = [];
  let buffered = Buffer.alloc(0);
  stream.on('data', (data: Buffer) => {
    buffered = Buffer.concat([buffered, data]);
    for (;;) {
      const frame = readFrame(buffered);
      if (frame === undefined) return;
      buffered = buffered.subarray(frame.size);
      if (frame.opcode === 1) for (const listener of messages) listener(JSON.parse(frame.payload.toString()));
      if (frame.opcode === 9) stream.write(frameOf(10, frame.payload));
      if (frame.opcode === 8) stream.end(frameOf(8, frame.payload));
    }
  });
  stream.on('close', () => {
    for (const listener of closes) listener();
  });
  stream.on('error', () => stream.destroy());
  return {
    send: (message) => stream.write(frameOf(1, Buffer.from(JSON.stringify(message)))),
    close: () => stream.destroy(),
    onMessage: (listener) => void messages.push(listener),
    onClose: (listener) => void closes.push(listener),
  };
};

const readFrame = (
  data: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly size: number } | undefined => {
  if (data.length < 2) return undefined;
  const opcode = data.readUInt8(0) & 0x0f;
  const second = data.readUInt8(1);
  let length = second & 0x7f;
  let at = 2;
  if (length === 126) {
    if (data.length < 4) return undefined;
    length = data.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (data.length < 10) return undefined;
    length = Number(data.readBigUInt64BE(2));
    at = 10;
  }
  const masked = (second & 0x80) !== 0;
  const size = at + (masked ? 4 : 0) + length;
  if (data.length < size) return undefined;
  const payload = Buffer.from(data.subarray(size - length, size));
  if (masked) {
    const mask = data.subarray(at, at + 4);
    for (let i = 0; i < payload.length; i++)
      payload.writeUInt8(payload.readUInt8(i) ^ mask.readUInt8(i % 4), i);
  }
  return { opcode, payload, size };
};

const frameOf = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([0x80 | opcode, 127]), bigEndian(length)]);
  return Buffer.concat([head, payload]);
};

const bigEndian = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};
