/** What Twilio posts: a form of texts. */
export type Form = Readonly<Record<string, string>>;

export const formIn = (body: unknown): Form =>
  Object.fromEntries(
    Object.entries(typeof body === 'object' && body !== null ? body : {}).map(([name, value]) => [
      name,
      String(value),
    ]),
  );

export const xmlReply = (xml: string) => ({ status: 200, xml: `<Response>${xml}</Response>` }) as const;

export const escaped = (text: string): string =>
  text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

export const say = (text: string): string => `<Say>${escaped(text)}</Say>`;
