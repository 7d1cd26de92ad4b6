import { post, textIn } from './http.ts';
import type { Call, Telephony } from './integration.ts';

export interface TwilioOptions {
  readonly accountSid: string;
  readonly authToken: { reveal(): string };
  readonly from: string;
  readonly apiUrl: string;
  /** Where keys that are pressed, and what becomes of it, are told; without it a call only says what it says. */
  readonly publicUrl?: string | undefined;
}

/** Twilio's REST API of 2010-04-01 (Messages, Calls), which others speak too. */
export const createTwilio = ({
  accountSid,
  authToken,
  from,
  apiUrl,
  publicUrl,
}: TwilioOptions): Telephony => {
  const ask = async (resource: 'Messages' | 'Calls', fields: Readonly<Record<string, string>>) => {
    const credentials = Buffer.from(`${accountSid}:${authToken.reveal()}`).toString('base64');
    const answer = await post({
      url: `${apiUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/${resource}.json`,
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams(fields),
      codeIn: (body) => textIn(body, 'code'),
    });
    return textIn(answer, 'sid') ?? '';
  };
  const statusOf = (send: number): Readonly<Record<string, string>> =>
    publicUrl === undefined ? {} : { StatusCallback: `${publicUrl}/hooks/twilio/status?send=${send}` };
  return {
    sms: (to, text, send) => ask('Messages', { To: to, From: from, Body: text, ...statusOf(send) }),
    call: (to, call) =>
      ask('Calls', {
        To: to,
        From: from,
        Twiml: twiml(call, publicUrl),
        Timeout: '25',
        ...statusOf(call.send),
      }),
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
