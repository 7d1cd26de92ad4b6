import { type Call, type Telephony, TelephonyError } from './integration.ts';

export interface TwilioOptions {
  readonly accountSid: string;
  readonly authToken: { reveal(): string };
  readonly from: string;
  readonly apiUrl: string;
  /** Where keys that are pressed are told; without it a call only says what it says. */
  readonly publicUrl?: string | undefined;
}

/** Longer than it ever takes to accept, shorter than the lease of a send. */
const limitMs = 10_000;

/** Twilio's REST API of 2010-04-01 (Messages, Calls), which others speak too. */
export const createTwilio = ({
  accountSid,
  authToken,
  from,
  apiUrl,
  publicUrl,
}: TwilioOptions): Telephony => {
  const ask = async (resource: 'Messages' | 'Calls', fields: Readonly<Record<string, string>>) => {
    const url = `${apiUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/${resource}.json`;
    const credentials = Buffer.from(`${accountSid}:${authToken.reveal()}`).toString('base64');
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Basic ${credentials}` },
        body: new URLSearchParams(fields),
        redirect: 'error',
        signal: AbortSignal.timeout(limitMs),
      });
    } catch {
      // It may have been accepted; twice is better than never.
      throw new TelephonyError('no-answer', 'unknown');
    }
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return textIn(body, 'sid') ?? '';
    const code = `http-${response.status}${textIn(body, 'code') === undefined ? '' : `-${textIn(body, 'code')}`}`;
    if (response.status !== 429 && response.status < 500) throw new TelephonyError(code, 'refused');
    const seconds = Number(response.headers.get('retry-after'));
    throw new TelephonyError(
      code,
      'retry',
      Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 1_000,
    );
  };
  return {
    sms: (to, text) => ask('Messages', { To: to, From: from, Body: text }),
    call: (to, call) => ask('Calls', { To: to, From: from, Twiml: twiml(call, publicUrl), Timeout: '25' }),
  };
};

/** Said twice, because nobody understands the first words of a call at night. Voicemail presses no key. */
const twiml = ({ text, page, level }: Call, publicUrl: string | undefined): string => {
  const say = `<Say>${xml(text)}</Say>`;
  const action = xml(`${publicUrl}/hooks/twilio/keys?page=${page}&level=${level}`);
  return publicUrl === undefined
    ? `<Response>${say}${say}</Response>`
    : `<Response><Gather numDigits="1" timeout="8" action="${action}">${say}<Pause length="1"/>${say}</Gather><Say>Nobody pressed a key.</Say></Response>`;
};

const xml = (text: string): string => text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const textIn = (body: unknown, name: string): string | undefined => {
  if (typeof body !== 'object' || body === null || !(name in body)) return undefined;
  const value: unknown = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};
