import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAnswer } from '../../handlers/answer.ts';
import type { Handler } from '../../handlers/handler.ts';
import { handlers } from '../../handlers/index.ts';
import type { Button } from '../../src/chat/card.ts';
import { renderCard } from '../../src/chat/console/render.ts';
import { requestWords } from '../../src/chat/parse.ts';
import type { Reply } from '../../src/chat/reply.ts';
import type { Request } from '../../src/chat/request.ts';
import type { Context } from '../../src/operations/context.ts';
import { policyOf } from './shop.ts';

export interface Said extends Reply {
  /** The card as a terminal shows it. */
  readonly text: string;
  readonly request: Request;
}

/** Where people talk to the bot: what they type and press, and what it answers. */
export interface Desk {
  say(person: string, line: string): Promise<Said>;
  /** Presses the button of a card that has this verb (and these words in its label). */
  press(person: string, on: Pick<Reply, 'card'>, verb: string, label?: string): Promise<Said>;
  /** The same request again, as platforms send it when an answer was slow. */
  again(said: Said): Promise<Said>;
  ask(request: Partial<Request>): Promise<Said>;
}

export const openDesk = (context: Context, table: readonly Handler[] = handlers): Desk => {
  const answer = createAnswer(context, table);
  let asked = 0;
  const ask: Desk['ask'] = async (words) => {
    asked += 1;
    const request: Request = {
      id: `request-${asked}`,
      actor: { platform: 'console', id: 'rita' },
      verb: '',
      args: [],
      receivedAt: context.clock.now(),
      ...words,
    };
    const reply = await answer(request);
    const { text } = renderCard(reply.card, { zone: context.policy().timezone, width: 120, color: false });
    return { ...reply, text, request };
  };
  const as = (id: string) => ({ actor: { platform: 'console', id } }) as const;
  return {
    ask,
    say: (person, line) => ask({ ...as(person), ...requestWords(line, table) }),
    press: (person, { card }, verb, label = '') => {
      const button: Button | undefined = card.buttons.find((b) => b.verb === verb && b.label.includes(label));
      if (button === undefined)
        throw new Error(
          `no ${verb} ${label} on: ${card.buttons.map((b) => `${b.verb} (${b.label})`).join(', ')}`,
        );
      return ask({ ...as(person), verb: button.verb, subject: button.subject, args: button.args ?? [] });
    },
    again: ({ request }) => ask(request),
  };
};

/** The example that comes with Signalbox. */
export const astronomyShop = () =>
  policyOf(
    readFileSync(
      join(import.meta.dirname, '..', '..', 'examples', 'astronomy-shop', 'signalbox.yaml'),
      'utf8',
    ),
  );
