import type { Card, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { Notice, ShiftProblem } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import { bullets, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { wayNames } from './page-words.ts';
import { clip, count, instant, list, personSpan } from './words.ts';

type Handoff = Extract<Notice, { kind: 'handoff' }>;
type ShiftCheck = Extract<Notice, { kind: 'shift-check' }>;

/** To whoever comes or goes, with what is not over. */
export const handoffCard = (notice: Handoff, policy: Policy): Card => {
  const { what, schedule, other, until, pages, person } = notice;
  const said = what === 'begins' ? `You are on call for ${schedule}.` : `Your shift of ${schedule} is over.`;
  const with_: Text =
    other === null
      ? [what === 'begins' ? ' Nobody was before you' : ' Nobody comes after you']
      : [' ', personSpan(other, policy), what === 'begins' ? ' was before you' : ' has taken over'];
  const mine = pages.filter(({ owner }) => owner === other && other !== null);
  return {
    title: said,
    tone: what === 'ends' && other === null ? 'warning' : 'neutral',
    summary: `${said} ${pages.length === 0 ? 'No page is open.' : `${count(pages.length, 'page')} not over.`}`,
    blocks: [
      {
        kind: 'text',
        text: [said, ...with_, ...(what === 'begins' ? [', until ', instant(until)] : []), '.'],
      },
      {
        kind: 'text',
        text: [pages.length === 0 ? 'No page is open.' : `${count(pages.length, 'page')} not over:`],
      },
      ...bullets(
        pages.map(
          ({ page, summary, severity, owner }): Item => ({
            mark: owner === null ? 'missing' : 'running',
            text: [
              bold(page),
              ` ${clip(summary, 100)} (${severity})`,
              ...(owner === null ? [', nobody has it'] : [', ', personSpan(owner, policy), ' has it']),
            ],
          }),
        ),
      ),
    ],
    buttons:
      what === 'begins'
        ? [
            ...mine.slice(0, 4).map(({ page }) => ({
              ...button('page assign', page, true, [person]),
              label: `Take over ${page}`,
            })),
            ...(pages.length > 0 ? [button('page list', 'all')] : []),
          ]
        : [],
  };
};

/** To the person, and to those who can put somebody else on call. */
export const shiftCheckCard = (notice: ShiftCheck, policy: Policy): Card => {
  const { schedule, person, from, problems } = notice;
  const name = person === null ? 'nobody' : (policy.people.get(person)?.name ?? person);
  const grave = problems.some((problem) => problem !== 'one-way');
  const said = `${schedule}: ${person === null ? 'nobody is on call' : `${name} is on call, and not all is well`}.`;
  return {
    title: said,
    tone: grave ? 'bad' : 'warning',
    summary: said,
    blocks: [
      { kind: 'text', text: [said, ' The shift begins ', instant(from), '.'] },
      ...bullets(
        problems.map((problem) => ({ mark: 'missing', text: problemText(problem, notice, policy) })),
      ),
      {
        kind: 'note',
        text: ['Somebody else: ', `oncall override ${schedule} <person> <from> <to>`, '.'],
      },
    ],
    buttons: [{ ...button('oncall schedule', schedule), label: 'Coming shifts' }],
  };
};

const problemText = (problem: ShiftProblem, notice: ShiftCheck, policy: Policy): Text => {
  const who = personSpan(notice.person ?? '', policy);
  const ways = list(notice.failing.map((way) => wayNames[way] ?? way));
  switch (problem) {
    case 'nobody':
      return ['Pages go to the next step of the escalation at once.'];
    case 'no-way':
      return [who, ' has no address at which a page could arrive.'];
    case 'failing':
      return [who, `: ${ways} failed when a page was sent last; no other way is known.`];
    case 'one-way':
      return [
        who,
        ways === ''
          ? ' can be reached by one way only; a telephone number would be a second one.'
          : `: ${ways} failed when a page was sent last; one way is left.`,
      ];
    case 'unqualified':
      return [
        who,
        ` may not be paged first for services of ${list(notice.tiers)}: somebody else of the escalation is.`,
      ];
    default:
      return assertNever(problem);
  }
};
