import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PersonId } from '../domain/policy.ts';
import { day } from '../domain/time.ts';

/** What a link does when its page is confirmed. */
export const linkDeeds = ['ack', 'resolve'] as const;
export type LinkDeed = (typeof linkDeeds)[number];

export interface LinkedAnswer {
  readonly deed: LinkDeed;
  readonly page: number;
  readonly person: PersonId;
  /** It is good before this. */
  readonly until: Date;
}

export type AnswerLink = (answer: Omit<LinkedAnswer, 'until'>, now: Date) => string;

/** Whoever wakes up the next day answers in chat. */
const goodMs = day;

/** `base` has no slash at the end. */
export const answerLinks =
  (base: string, secret: { reveal(): string }): AnswerLink =>
  (answer, now) => {
    const path = answerPath({ ...answer, until: new Date(now.getTime() + goodMs) });
    return `${base}${path}?key=${keyOf(path, secret.reveal())}`;
  };

const answerPath = ({ deed, page, person, until }: LinkedAnswer): string =>
  `/answers/${deed}/${page}/${encodeURIComponent(person)}/${until.getTime()}`;

/** Another key than those of hooks and trains, although it is made of the same secret. */
const keyOf = (path: string, secret: string): string =>
  createHmac('sha256', secret).update(`answer ${path}`).digest('hex');

/** What we signed; undefined for everything else. Whether it has expired is another question. */
export const readAnswerLink = (
  secret: string,
  given: { readonly deed: string; readonly page: string; readonly person: string; readonly until: string },
  key: string,
): LinkedAnswer | undefined => {
  const deed = linkDeeds.find((one) => one === given.deed);
  if (deed === undefined || !/^\d{1,9}$/.test(given.page) || !/^\d{1,15}$/.test(given.until))
    return undefined;
  const answer = {
    deed,
    page: Number(given.page),
    person: given.person,
    until: new Date(Number(given.until)),
  };
  const expected = Buffer.from(keyOf(answerPath(answer), secret));
  const shown = Buffer.from(key);
  return shown.length === expected.length && timingSafeEqual(shown, expected) ? answer : undefined;
};
