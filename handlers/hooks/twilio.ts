import { smsAnswer } from '../../src/cards/page-words.ts';
import { refusalCard } from '../../src/cards/refusal-card.ts';
import { acknowledgePage, escalatePage, resolvePage } from '../../src/operations/answer-page.ts';
import type { Context } from '../../src/operations/context.ts';
import { describePage } from '../../src/operations/find-pages.ts';
import { identifyPhone } from '../../src/operations/identify.ts';
import { Refused, Repeated } from '../../src/operations/outcome.ts';
import { noteOutcome } from '../../src/operations/send-page.ts';
import { escaped, formIn, xmlReply } from './twiml.ts';

type Deed = 'ack' | 'resolve' | 'escalate';

/** What the number's owner has said, and what it came to, in one sentence. */
const answered = async (
  context: Context,
  said: {
    readonly phone: string;
    readonly deed: Deed | undefined;
    readonly page: string;
    readonly asOf?: number;
    readonly request: string;
    readonly at: Date;
  },
): Promise<string> => {
  const person = identifyPhone(context.policy(), said.phone);
  if (person === undefined) return 'I do not know this number.';
  if (said.deed === undefined) return 'Please answer ACK, RESOLVE or ESCALATE and the number of the page.';
  const cause = { actor: person, at: said.at, request: said.request };
  const { page, asOf } = said;
  try {
    if (said.deed === 'ack') await acknowledgePage(context, cause, { page });
    else if (said.deed === 'resolve') await resolvePage(context, cause, { page });
    else await escalatePage(context, cause, { page, ...(asOf === undefined ? {} : { asOf }) });
  } catch (error) {
    if (error instanceof Refused) return refusalCard(error.refusal, context.policy()).summary;
    // Twilio asks again when an answer was slow: the present state is told.
    if (!(error instanceof Repeated)) throw error;
  }
  return smsAnswer(await describePage(context, page, said.at));
};

const deedOf = (word: string | undefined): Deed | undefined => {
  const text = word?.toLowerCase() ?? '';
  if (/^(ack|acknowledge|take|yes)$/.test(text)) return 'ack';
  if (/^(resolve|resolved|done|fixed)$/.test(text)) return 'resolve';
  return /^(escalate|pass|no)$/.test(text) ? 'escalate' : undefined;
};

const sms = {
  path: '/hooks/twilio/sms',
  scheme: 'twilio',
  parse: (body: unknown) => {
    const form = formIn(body);
    const [, word, number] =
      /^\s*([a-z]+)[\s:#-]*(?:page)?[\s:#-]*(\d{1,9})\b/i.exec(form['Body'] ?? '') ?? [];
    const act = async (context: Context, at: Date) =>
      xmlReply(
        `<Message>${escaped(
          await answered(context, {
            phone: form['From'] ?? '',
            deed: deedOf(word),
            page: `PAGE-${number ?? 0}`,
            request: `twilio:${form['MessageSid'] ?? ''}`,
            at,
          }),
        )}</Message>`,
      );
    return { ok: true as const, value: act };
  },
} as const;

/** A key pressed in a call of ours: the one who was called is the one who answers. */
const keys = {
  path: '/hooks/twilio/keys',
  scheme: 'twilio',
  parse: (body: unknown, query: string) => {
    const form = formIn(body);
    const given = new URLSearchParams(query);
    const deeds: Readonly<Record<string, Deed>> = { '1': 'ack', '2': 'escalate' };
    const digits = form['Digits'] ?? '';
    const act = async (context: Context, at: Date) => {
      const text = await answered(context, {
        phone: form['To'] ?? '',
        deed: deeds[digits],
        page: `PAGE-${given.get('page') ?? ''}`,
        asOf: Number(given.get('level')),
        request: `twilio:${form['CallSid'] ?? ''}:${digits}`,
        at,
      });
      return xmlReply(`<Say>${escaped(text)}</Say>`);
    };
    return { ok: true as const, value: act };
  },
} as const;

/** What became of a message or call of ours. That it arrived is no answer, and changes nothing. */
const fates: Readonly<Record<string, 'lost' | 'unanswered'>> = {
  undelivered: 'lost',
  failed: 'lost',
  canceled: 'lost',
  busy: 'unanswered',
  'no-answer': 'unanswered',
};

const status = {
  path: '/hooks/twilio/status',
  scheme: 'twilio',
  parse: (body: unknown, query: string) => {
    const form = formIn(body);
    const word = form['MessageStatus'] ?? form['CallStatus'] ?? '';
    const fate = fates[word];
    const sid = form['MessageSid'] ?? form['CallSid'] ?? '';
    const act = async (context: Context, at: Date) => {
      if (fate !== undefined)
        await noteOutcome(
          context,
          // Told again it is the same.
          { actor: 'system:twilio', at, request: `twilio:${sid}:${word}` },
          {
            send: Number(new URLSearchParams(query).get('send')),
            outcome: fate,
            reason: `${word} ${form['ErrorCode'] ?? ''}`.trim(),
          },
        );
      return xmlReply('');
    };
    return { ok: true as const, value: act };
  },
} as const;

export const twilio = [sms, keys, status] as const;
