import type { Card } from '../card.ts';
import type { Incoming } from './activity.ts';
import type { Poster } from './post.ts';
import type { Told } from './receive.ts';

type Receive = (incoming: Incoming, receivedAt: Date) => Promise<Told>;

/**
 * For trying Signalbox out alone, where nothing proves who anybody is: `as olga` makes the one at the keyboard olga, as
 * at the console's prompt. Never with credentials.
 */
export const withPersonas = (
  receive: Receive,
  { poster, userOf }: { readonly poster: Poster; readonly userOf: (person: string) => string | undefined },
): Receive => {
  const acting = new Map<string, string>();
  return async (incoming, receivedAt) => {
    const { event, user, actor, place } = incoming;
    const name =
      event.kind === 'command' ? /^as\s+([\w.-]+)$/i.exec(event.text)?.[1]?.toLowerCase() : undefined;
    if (name !== undefined && user !== undefined) {
      const id = userOf(name);
      if (id !== undefined) acting.set(user, id);
      return {
        status: 200,
        afterwards: async () =>
          void (await poster.say(place, poster.drawn(personaCard(name, id !== undefined)))),
      };
    }
    const id = user === undefined ? undefined : acting.get(user);
    return receive(
      id === undefined || actor === undefined ? incoming : { ...incoming, actor: { ...actor, id } },
      receivedAt,
    );
  };
};

const personaCard = (name: string, known: boolean): Card => ({
  title: known ? `You are ${name} now` : `Nobody is called ${name}`,
  tone: known ? 'good' : 'warning',
  summary: known
    ? 'What you say and press from now on is theirs.'
    : 'The policy has no such person with a Teams id.',
  blocks: [],
  buttons: [],
});
