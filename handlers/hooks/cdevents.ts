import { z } from 'zod';
import type { Context } from '../../src/operations/context.ts';
import { recordEvent } from '../../src/operations/record-event.ts';
import { faultsIn } from './alert-words.ts';
import { eventReply } from './event-reply.ts';

const name = z.string().min(1).max(500);

/** CDEvents 0.3 to 0.5: what is not read is not asked for. Older ones have `version` for `specversion`. */
const CdEvent = z.looseObject({
  context: z.looseObject({ id: name, source: name, type: name, timestamp: z.string().optional() }),
  subject: z.looseObject({ id: name, content: z.looseObject({}).prefault({}) }),
});

/** CloudEvents 1.0, JSON event format. */
const Envelope = z
  .looseObject({
    specversion: z.literal('1.0', { error: 'must be 1.0' }),
    id: name,
    source: name,
    type: name,
    data: z.unknown().optional(),
    data_base64: z.string().optional(),
  })
  .transform(({ data, data_base64: encoded, ...attributes }) => ({
    ...attributes,
    data: data ?? (encoded === undefined ? undefined : jsonIn(encoded)),
  }));

const jsonIn = (base64: string): unknown => {
  try {
    const json: unknown = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    return json;
  } catch {
    return undefined;
  }
};

const structured = 'application/cloudevents+json';

/** CDEvents in CloudEvents over HTTP: attributes in `ce-` headers (binary mode), or all of it in the body (structured). */
export const cdevents = {
  path: '/hooks/cdevents',
  scheme: 'events',
  media: [structured],
  parse: (body: unknown, _proof: string, header: (name: string) => string | undefined) => {
    const envelope = Envelope.safeParse(
      isStructured(header('content-type'))
        ? body
        : {
            specversion: header('ce-specversion'),
            id: header('ce-id'),
            source: header('ce-source'),
            type: header('ce-type'),
            data: body,
          },
    );
    if (!envelope.success)
      return {
        ok: false as const,
        faults: [
          { path: '', message: `is no CloudEvent: ce- headers, or ${structured}` },
          ...faultsIn(envelope.error),
        ],
      };
    const { data: event, error } = CdEvent.safeParse(envelope.data.data);
    if (event === undefined) return { ok: false as const, faults: faultsIn(error) };
    const { id, source, type } = event.context;
    const fault = (path: string, message: string) => ({ ok: false as const, faults: [{ path, message }] });
    if (envelope.data.type !== type) return fault('context.type', 'is not the type of its CloudEvent');
    const [, subject, predicate] =
      /^dev\.cdevents\.([a-z]+)\.([a-z]+)\.\d+\.\d+\.\d+[\w.-]*$/.exec(type) ?? [];
    if (subject === undefined) return fault('context.type', 'is not dev.cdevents.SUBJECT.PREDICATE.VERSION');
    const act = async (context: Context, receivedAt: Date) =>
      eventReply(
        await recordEvent(
          context,
          {
            source: 'cdevents',
            type: `${subject}.${predicate}`,
            // Its own, not its envelope's: that one may be another one at each hop.
            id: `${source} ${id}`,
            body: event,
          },
          receivedAt,
        ),
      );
    return { ok: true as const, value: act };
  },
} as const;

const isStructured = (contentType = ''): boolean => contentType.trim().toLowerCase().startsWith(structured);
