/**
 * Twilio as the bot sees it: its REST API (Messages, Calls), and callers and telephones whose calls follow the TwiML that
 * the bot answers with, asked for by signed requests. Written from Twilio's documentation of TwiML Voice, of `<Dial>` and
 * `<Number>`, of `<Gather>`, `<Record>` and of status callbacks.
 */
import { twilioSignature } from '../../src/web/proofs.ts';
import { protocolServer } from './protocol-server.ts';

/** How a telephone answers when it rings. `machine`: is picked up and presses nothing. A digit is what a human presses. */
export type Behaviour = 'busy' | 'no-answer' | 'failed' | 'machine' | `${number}`;

export interface CallerActs {
  /** In turn, whenever keys are asked for. */
  readonly presses?: readonly string[];
  /** Where the caller gives up. */
  readonly hangsUp?: 'at-menu' | 'while-ringing' | 'while-recording';
  /** Seconds of voicemail; 0: says nothing. */
  readonly speaks?: number;
}

export interface TwilioServer {
  readonly url: string;
  /** Numbers not named here are not answered. */
  readonly phones: Map<string, Behaviour>;
  /** What the API does instead of accepting. */
  fault: 'none' | 500 | 'hang' | 'drop';
  /** Later told of each accepted message: `undelivered`, `failed`, `delivered` … */
  messageStatus: string | undefined;
  /** Every request that the bot answers is made that often; the last answer counts. */
  repeats: number;
  /** Somebody calls the bot's number: what they hear and what happens, in order. */
  call(sid: string, from: string, acts?: CallerActs): Promise<readonly string[]>;
  /** Status callbacks that are due are made. */
  settle(): Promise<void>;
}

export interface TwilioOptions {
  /** As the bot's addresses are signed, and where they really are. */
  readonly publicUrl: string;
  readonly siteUrl: () => string;
  readonly authToken: string;
  readonly onSms: (to: string, text: string) => void;
  readonly onCall: (to: string, text: string) => void;
}

export const twilioServer = async (options: TwilioOptions): Promise<TwilioServer> => {
  const { publicUrl, authToken } = options;
  const phones = new Map<string, Behaviour>();
  const state: Pick<TwilioServer, 'fault' | 'messageStatus' | 'repeats'> = {
    fault: 'none',
    messageStatus: undefined,
    repeats: 1,
  };
  const due: (() => Promise<void>)[] = [];
  let calls = 0;

  /** A signed request of ours to the bot, relative to the document that asked for it; its TwiML. */
  const ask = async (url: string, fields: Readonly<Record<string, string>>): Promise<Document> => {
    const path = url.slice(publicUrl.length);
    let text = '';
    for (let n = 0; n < state.repeats; n += 1) {
      const response = await fetch(`${options.siteUrl()}${path}`, {
        method: 'POST',
        headers: { 'x-twilio-signature': twilioSignature(authToken, url, fields) },
        body: new URLSearchParams(fields),
      });
      text = await response.text();
      if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${text}`);
    }
    return { url, verbs: parseXml(text)[0]?.children ?? [] };
  };
  const resolve = (doc: Document, to: string): string => new URL(to, doc.url).href;

  /** Runs a document for one party. `press`: what it presses when asked; undefined: nothing. */
  const perform = async (
    first: Document,
    sid: string,
    party: {
      readonly fields: Readonly<Record<string, string>>;
      hear(words: string): void;
      press(): string | undefined;
      /** False: the party is gone. */
      dial?(verb: Element, doc: Document): Promise<Readonly<Record<string, string>> | false>;
      record?(verb: Element, doc: Document): Promise<Readonly<Record<string, string>> | false | undefined>;
      gone?(): boolean;
    },
  ): Promise<'end' | 'hung-up'> => {
    let doc: Document | undefined = first;
    while (doc !== undefined) {
      const now: Document = doc;
      let next: { url: string; fields: Readonly<Record<string, string>> } | undefined;
      for (const verb of now.verbs) {
        if (verb.name === 'Say') party.hear(verb.text);
        else if (verb.name === 'Hangup') return 'hung-up';
        else if (verb.name === 'Redirect') next = { url: resolve(now, verb.text), fields: {} };
        else if (verb.name === 'Gather') {
          for (const inner of verb.children) if (inner.name === 'Say') party.hear(inner.text);
          if (party.gone?.() === true) return 'hung-up';
          const digits = party.press();
          if (digits !== undefined)
            next = { url: resolve(now, verb.attributes['action'] ?? ''), fields: { Digits: digits } };
        } else if (verb.name === 'Dial') {
          const fields = await party.dial?.(verb, now);
          if (fields === false || fields === undefined) return 'hung-up';
          next = { url: resolve(now, verb.attributes['action'] ?? ''), fields };
        } else if (verb.name === 'Record') {
          const fields = await party.record?.(verb, now);
          if (fields === false) return 'hung-up';
          if (fields !== undefined) next = { url: resolve(now, verb.attributes['action'] ?? ''), fields };
        }
        if (next !== undefined) break;
      }
      doc = next && (await ask(next.url, { CallSid: sid, ...party.fields, ...next.fields }));
    }
    return 'end';
  };

  const server = await protocolServer(async ({ path, body, headers }) => {
    const form = Object.fromEntries(new URLSearchParams(body));
    if (headers.authorization !== `Basic ${Buffer.from(`AC1:${authToken}`).toString('base64')}`)
      return { status: 401, body: { code: 20_003 } };
    if (state.fault === 'hang' || state.fault === 'drop') return state.fault;
    if (state.fault !== 'none') return { status: state.fault, body: {} };
    const to = form['To'] ?? '';
    const callback = form['StatusCallback'];
    calls += 1;
    if (path === '/2010-04-01/Accounts/AC1/Messages.json') {
      const sid = `SM${calls}`;
      options.onSms(to, form['Body'] ?? '');
      const status = state.messageStatus;
      if (callback !== undefined && status !== undefined)
        due.push(async () => void (await ask(callback, { MessageSid: sid, MessageStatus: status, To: to })));
      return { status: 201, body: { sid, status: 'queued' } };
    }
    if (path !== '/2010-04-01/Accounts/AC1/Calls.json') return { status: 404, body: { code: 20_404 } };
    const sid = `CA-out-${calls}`;
    const twiml = { url: `${publicUrl}/`, verbs: parseXml(form['Twiml'] ?? '')[0]?.children ?? [] };
    const words = [...(form['Twiml'] ?? '').matchAll(/<Say>(.*?)<\/Say>/g)].map(([, said]) => said);
    options.onCall(to, words[0] ?? '');
    due.push(async () => {
      const how = phones.get(to) ?? 'no-answer';
      const isAnswered = how === 'machine' || /^\d$/.test(how);
      if (isAnswered)
        await perform(twiml, sid, {
          fields: { To: to, From: form['From'] ?? '' },
          hear: () => {},
          press: () => (how === 'machine' ? undefined : how),
        });
      if (callback !== undefined)
        await ask(callback, { CallSid: sid, To: to, CallStatus: isAnswered ? 'completed' : how });
    });
    return { status: 201, body: { sid, status: 'queued' } };
  });

  const call: TwilioServer['call'] = async (sid, from, acts = {}) => {
    const heard: string[] = [];
    const presses = [...(acts.presses ?? [])];
    const fields = { CallSid: sid, From: from, To: '+15550000', CallStatus: 'in-progress' };
    let asked = 0;
    const end = await perform(await ask(`${publicUrl}/hooks/twilio/voice`, fields), sid, {
      fields,
      hear: (words) => void heard.push(words),
      press: () => presses.shift(),
      gone: () => acts.hangsUp === 'at-menu',
      dial: async (verb, doc) => {
        const [number] = verb.children;
        const to = number?.text ?? '';
        const how = phones.get(to) ?? 'no-answer';
        heard.push(`rings ${to}`);
        if (acts.hangsUp === 'while-ringing') return false;
        if (how === 'busy' || how === 'no-answer' || how === 'failed') return { DialCallStatus: how };
        asked += 1;
        const child = `${sid}-${asked}`;
        const leg = { CallSid: child, ParentCallSid: sid, From: from, To: to };
        const url = resolve(doc, number?.attributes['url'] ?? '');
        const ended = await perform(await ask(url, leg), child, {
          fields: leg,
          hear: (words) => void heard.push(`${to} hears: ${words}`),
          press: () => (how === 'machine' ? undefined : how),
        });
        // The end of the document connects them; a callee that is hung up on was never there.
        if (ended === 'hung-up') return { DialCallStatus: 'no-answer' };
        heard.push(`talks to ${to}`);
        return { DialCallStatus: 'completed', DialCallDuration: '60' };
      },
      record: async (verb, doc) => {
        const seconds = acts.speaks ?? 0;
        if (seconds === 0) return undefined;
        const told = {
          RecordingUrl: `https://api.twilio.example/Recordings/RE-${sid}`,
          RecordingSid: `RE-${sid}`,
          RecordingDuration: String(seconds),
        };
        const later = resolve(doc, verb.attributes['recordingStatusCallback'] ?? '');
        due.push(
          async () => void (await ask(later, { CallSid: sid, RecordingStatus: 'completed', ...told })),
        );
        return acts.hangsUp === 'while-recording' ? false : told;
      },
    });
    return [...heard, end === 'hung-up' ? 'hung up' : 'the end'];
  };

  return Object.assign(state, {
    url: server.url,
    phones,
    call,
    settle: async () => {
      for (const callback of due.splice(0)) await callback();
    },
  });
};

interface Document {
  /** As the bot's public address has it. */
  readonly url: string;
  readonly verbs: readonly Element[];
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const unescaped = (text: string): string =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))).replace(/&amp;/g, '&');

/** As much XML as TwiML has. Throws on what is not well-formed. */
const parseXml = (text: string): readonly Element[] => {
  let rest = text;
  const elements = (until: string | undefined): { children: Element[]; text: string } => {
    const children: Element[] = [];
    let words = '';
    for (;;) {
      const before = /^[^<]*/.exec(rest)?.[0] ?? '';
      words += unescaped(before);
      rest = rest.slice(before.length);
      if (rest === '' && until === undefined) return { children, text: words };
      const close = /^<\/(\w+)>/.exec(rest);
      if (close !== null && close[1] === until) {
        rest = rest.slice(close[0].length);
        return { children, text: words };
      }
      const open = /^<(\w+)((?:\s+\w+="[^"<]*")*)\s*(\/?)>/.exec(rest);
      if (open === null) throw new Error(`no TwiML: ${text}`);
      rest = rest.slice(open[0].length);
      const [, name = '', list = '', selfClosed] = open;
      const attributes = Object.fromEntries(
        [...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)]),
      );
      const inner = selfClosed === '/' ? { children: [], text: '' } : elements(name);
      children.push({ name, attributes, ...inner });
    }
  };
  return elements(undefined).children;
};
