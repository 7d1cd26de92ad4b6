import {
  connected,
  goodbye,
  greeting,
  menu,
  nobodyCame,
  nothingSaid,
  recorded,
  ringing,
  whisper,
} from '../../src/cards/line-words.ts';
import type { Context } from '../../src/operations/context.ts';
import {
  beginCall,
  chooseService,
  describeTurn,
  keepVoicemail,
  nextTurn,
  takeCall,
} from '../../src/operations/phone-line.ts';
import { escaped, type Form, formIn, say, xmlReply } from './twiml.ts';

/** Callers and those who are rung hear the next thing by asking for it at these, which stand beside each other. */
const step = <Path extends string>(
  name: Path,
  answer: (
    context: Context,
    said: { readonly form: Form; readonly query: URLSearchParams; readonly at: Date },
  ) => Promise<string>,
) =>
  ({
    path: `/hooks/twilio/${name}`,
    scheme: 'twilio',
    parse: (body: unknown, query: string) => {
      const form = formIn(body);
      const act = async (context: Context, at: Date) =>
        xmlReply(await answer(context, { form, query: new URLSearchParams(query), at }));
      return { ok: true as const, value: act };
    },
  }) as const;

const actor = 'system:phone';
const longestMessage = 180;
const sidOf = (form: Form): string => form['CallSid'] ?? '';
const turn = (path: string, sid: string, leg: number): string =>
  escaped(`${path}?${new URLSearchParams({ call: sid, leg: String(leg) })}`);
const turnIn = (query: URLSearchParams) => ({
  sid: query.get('call') ?? '',
  leg: Number(query.get('leg')),
});

const voice = step('voice', async (context, { form, at }) => {
  const sid = sidOf(form);
  const caller = form['From'] ?? 'an unknown number';
  const { page, services } = await beginCall(context, { actor, at }, { sid, caller });
  const hello = say(greeting(page));
  return services.length === 0
    ? `${hello}${say(ringing)}<Redirect>line-next?leg=0</Redirect>`
    : `${hello}<Gather numDigits="1" timeout="8" action="line-chosen">${say(menu(services))}</Gather><Redirect>line-chosen</Redirect>`;
});

const chosen = step('line-chosen', async (context, { form, at }) => {
  await chooseService(context, { actor, at }, { sid: sidOf(form), key: form['Digits'] ?? '' });
  return `${say(ringing)}<Redirect>line-next?leg=0</Redirect>`;
});

/** Also what is asked when a telephone was not answered, was busy, or was answered by no human. */
const next = step('line-next', async (context, { form, query, at }) => {
  const sid = sidOf(form);
  const leg = Number(query.get('leg'));
  const now = await nextTurn(context, { actor, at }, { sid, leg });
  switch (now.kind) {
    case 'ring': {
      const seconds = Math.round(context.policy().oncall.line.ring / 1_000);
      const number = `<Number url="${turn('line-whisper', sid, leg)}">${escaped(now.phone)}</Number>`;
      return `<Dial answerOnBridge="true" timeout="${seconds}" action="line-next?leg=${leg + 1}">${number}</Dial>`;
    }
    case 'over':
      return `${say(goodbye)}<Hangup/>`;
    case 'nobody':
      return `${say(nobodyCame)}<Record maxLength="${longestMessage}" timeout="5" finishOnKey="#" playBeep="true" action="line-left" recordingStatusCallback="line-recording"/>${say(nothingSaid)}`;
  }
});

/** Heard by the one who was rung, before the two are connected. */
const asked = step('line-whisper', async (context, { query }) => {
  const given = turnIn(query);
  const about = await describeTurn(context, given);
  if (about === undefined) return '<Hangup/>';
  const words = say(whisper(about.call.caller, about.call.service));
  return `<Gather numDigits="1" timeout="8" action="${turn('line-take', given.sid, given.leg)}">${words}<Pause length="1"/>${words}</Gather><Hangup/>`;
});

const take = step('line-take', async (context, { form, query, at }) => {
  if (form['Digits'] !== '1') return '<Hangup/>';
  await takeCall(context, at, turnIn(query));
  // The end of what is said connects them.
  return say(connected);
});

/** Told by the caller's own call, and once more when the recording is there. */
const keep = async (context: Context, form: Form, at: Date): Promise<void> => {
  const { RecordingUrl: url } = form;
  const seconds = Number(form['RecordingDuration'] ?? 0);
  if (url === undefined || !/^https?:/i.test(url)) return;
  await keepVoicemail(context, { actor, at }, { sid: sidOf(form), url, seconds });
};

const left = step('line-left', async (context, { form, at }) => {
  await keep(context, form, at);
  return `${say(recorded)}<Hangup/>`;
});

const recording = step('line-recording', async (context, { form, at }) => {
  await keep(context, form, at);
  return '';
});

export const phoneLine = [voice, chosen, next, asked, take, left, recording] as const;
