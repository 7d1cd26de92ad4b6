import type { Block, Button, Card, Text, Tone } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { changeName } from '../domain/change.ts';
import { expectedDuration } from '../domain/phases.ts';
import type { ChangeView, TrainView } from '../domain/view.ts';
import { bullets, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { currentStep } from './deployment-words.ts';
import { excuseLine } from './excuse-words.ts';
import { ownedByRoles } from './owners.ts';
import { type Status, statusOf } from './status.ts';
import { type Aboard, failingBlocks, neededBlocks, nightButtons, waveBlocks } from './train-night.ts';
import {
  clip,
  clockTime,
  count,
  cutoffName,
  dayTime,
  duration,
  list,
  personSpan,
  timeLeft,
} from './words.ts';

export { calendarCard } from './calendar-card.ts';

/** The anchor of a train: what comes next, what is in the way, how the night goes. Exceptions first. */
export const trainCard = (view: TrainView): Card => {
  const aboard = view.changes
    .filter(({ change }) => change.state !== 'withdrawn')
    .map((change): Aboard => ({ view: change, status: statusOf(change) }));
  const night = isNight(view, aboard);
  const sentence = night ? nightSentence(view, aboard) : boardingSentence(view, aboard);
  return {
    title: `Train ${view.train.id} · ${phase(view, night)}`,
    tone: tone(view, aboard, night),
    summary: sentence,
    blocks: [
      { kind: 'text', text: [sentence] },
      ...progress(aboard, night),
      ...(night ? [...waveBlocks(view, aboard), ...neededBlocks(aboard)] : []),
      ...bullets([...cutoffItems(view), ...windowItems(view), ...goItems(view)]),
      ...exceptions(aboard, night),
      ...(night ? failingBlocks(view, aboard) : []),
      ...fine(aboard, night),
    ],
    buttons: ownedByRoles(trainButtons(view, aboard), (pressed) => rolesFor(pressed, view), view.policy),
    page: view.train.id,
    shownBy: { verb: 'train status', subject: view.train.id },
  };
};

const of = (aboard: readonly Aboard[], ...kinds: readonly Status['kind'][]): readonly Aboard[] =>
  aboard.filter(({ status }) => kinds.includes(status.kind));

const isNight = (view: TrainView, aboard: readonly Aboard[]): boolean =>
  // An emergency may have been deployed days before.
  allClosed(view) && (view.window.open || of(aboard, 'live', 'deployed', 'undone').length > 0);

const allClosed = (view: TrainView): boolean => view.cutoffs.every(({ closed }) => closed);

const phase = (view: TrainView, night: boolean): string => {
  if (view.ended) return 'ended';
  if (view.paused) return 'paused';
  if (view.go === 'nogo') return 'no-go';
  if (night) return view.window.open ? 'window open' : 'after the window';
  const next = view.cutoffs.find(({ closed }) => !closed);
  if (next === undefined) return view.go === 'go' ? 'go' : 'waits for the go';
  return next === view.cutoffs[0] ? 'boarding' : `boarding closed, ${cutoffName(next.name)} is next`;
};

const tone = (view: TrainView, aboard: readonly Aboard[], night: boolean): Tone => {
  if (
    of(aboard, 'undone').length > 0 ||
    aboard.some(({ status }) => status.kind === 'live' && status.tone === 'bad')
  )
    return 'bad';
  if (view.paused || view.go === 'nogo' || of(aboard, 'blocked').length > 0) return 'warning';
  if (aboard.some(({ status }) => status.kind === 'missing' && status.tone === 'warning')) return 'warning';
  const settled = of(aboard, night ? 'deployed' : 'ready').length;
  return aboard.length > 0 && settled === aboard.length ? 'good' : 'neutral';
};

const boardingSentence = (view: TrainView, aboard: readonly Aboard[]): string => {
  if (aboard.length === 0) return view.ended ? 'No change was on this train.' : 'No change is aboard yet.';
  return `${count(aboard.length, 'change')} aboard: ${counts(aboard, [
    ['ready', ['ready']],
    ['missing something', ['missing']],
    ['stopped', ['blocked']],
    ['deployed already', ['deployed']],
  ])}.`;
};

const nightSentence = (view: TrainView, aboard: readonly Aboard[]): string => {
  const words = counts(aboard, [
    ['deployed', ['deployed']],
    ['running', ['live']],
    ['rolled back or failed', ['undone']],
    ['held', ['missing', 'blocked']],
    [view.ended ? 'not deployed' : 'waiting', ['ready']],
  ]);
  return words === ''
    ? 'The window is open; no change is aboard.'
    : `${count(aboard.length, 'change')}: ${words}.`;
};

const counts = (
  aboard: readonly Aboard[],
  groups: readonly (readonly [string, readonly Status['kind'][]])[],
): string =>
  list(
    groups.flatMap(([word, kinds]) => {
      const n = of(aboard, ...kinds).length;
      return n === 0 ? [] : [`${n} ${word}`];
    }),
  );

const progress = (aboard: readonly Aboard[], night: boolean): readonly Block[] =>
  aboard.length === 0
    ? []
    : [
        {
          kind: 'progress',
          done: of(aboard, night ? 'deployed' : 'ready').length,
          total: aboard.length,
          label: [night ? 'deployed' : 'ready'],
        },
      ];

const cutoffItems = (view: TrainView): readonly Item[] => {
  const next = view.cutoffs.find(({ closed }) => !closed);
  return view.cutoffs.flatMap((cutoff): readonly Item[] => {
    // What has long closed is of no interest in the night.
    if (cutoff.closed && next === undefined) return [];
    const meeting: Text = cutoff.meeting === undefined ? [] : [', meeting ', clockTime(cutoff.meeting)];
    if (cutoff.closed)
      return [{ mark: 'done', text: [cutoffName(cutoff.name), ' closed ', dayTime(cutoff.at), ...meeting] }];
    return [
      {
        mark: cutoff === next ? 'running' : 'waiting',
        text: [
          cutoffName(cutoff.name),
          ' closes ',
          dayTime(cutoff.at),
          ...meeting,
          ...(cutoff === next ? [', ', ...timeLeft(cutoff.at, view.now)] : []),
        ],
      },
    ];
  });
};

const windowItems = ({ window, train, ended, now, policy }: TrainView): readonly Item[] => {
  if (window.open && window.closes !== undefined)
    return [
      {
        mark: 'running',
        text: [
          'window open until ',
          dayTime(window.closes),
          ', ',
          ...timeLeft(window.closes, now),
          ...(window.atEnd === undefined
            ? []
            : [
                `; what runs then ${window.atEnd.choice === 'finish' ? 'may finish' : 'is stopped and rolled back'} (`,
                personSpan(window.atEnd.person, policy),
                ')',
              ]),
        ],
      },
    ];
  const frozen: readonly Item[] =
    window.frozenBy === undefined
      ? []
      : [{ mark: 'failed', text: [`production is frozen: ${window.frozenBy}`] }];
  if (window.nextOpens !== undefined) {
    const { nextOpens } = window;
    const closes = train.windows
      .flatMap((w) => w.open)
      .find(({ from }) => from.getTime() === nextOpens.getTime());
    return [
      ...frozen,
      {
        mark: 'waiting',
        text: [
          'window ',
          dayTime(nextOpens),
          ...(closes === undefined ? [] : [' to ', clockTime(closes.until)]),
        ],
      },
    ];
  }
  if (ended) return frozen;
  const past = train.windows.some(({ closes }) => closes <= now);
  return [
    ...frozen,
    past
      ? { mark: 'done', text: ['the window has closed'] }
      : { mark: 'failed', text: ['this train has no window in which production may be changed'] },
  ];
};

const goItems = (view: TrainView): readonly Item[] => {
  const why = view.goReason === null || view.goReason === '' ? '' : `: ${clip(view.goReason, 200)}`;
  const paused: readonly Item[] = view.paused
    ? [{ mark: 'failed', text: ['paused: nothing more starts; what runs goes on'] }]
    : [];
  if (view.go === 'go') return [{ mark: 'done', text: [`go${why}`] }, ...paused];
  if (view.go === 'nogo') return [{ mark: 'failed', text: [`no-go${why}`] }, ...paused];
  return allClosed(view) && !view.ended ? [{ mark: 'missing', text: ['no go yet'] }, ...paused] : paused;
};

const rank: Readonly<Record<Status['kind'], number>> = {
  undone: 0,
  blocked: 1,
  live: 2,
  missing: 3,
  ready: 4,
  deployed: 5,
  withdrawn: 6,
};

/** What somebody has to act on, the worst first. */
const exceptions = (aboard: readonly Aboard[], night: boolean): readonly Block[] => {
  const items = of(aboard, 'undone', 'blocked', 'live', 'missing')
    .toSorted((a, b) => rank[a.status.kind] - rank[b.status.kind])
    .map(exception);
  return items.length === 0
    ? []
    : [{ kind: 'heading', text: night ? 'Under way or in the way' : 'Not ready yet' }, ...bullets(items)];
};

const exception = ({ view, status }: Aboard): Item => {
  const { change, policy, deployment } = view;
  const name: Text = [bold(changeName(change.id)), ` ${change.service} ${change.version}`];
  const [first, ...others] = status.excuses;
  if (first === undefined) {
    return { mark: status.mark, text: [...name, ` ${status.phrase}`, ...underWay(deployment)] };
  }
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return { mark: status.mark, text: [...name, ': ', ...excuseLine(first, policy), more] };
};

/** `, step switch, 3 min of about 5 min at 22:10` */
const underWay = (view: ChangeView['deployment']): Text => {
  const startedAt = view?.deployment.startedAt ?? null;
  if (view?.deployment.state !== 'running' || startedAt === null) return [];
  const { deployment, now } = view;
  const step = currentStep(view);
  const elapsed = duration(now.getTime() - startedAt.getTime());
  return [
    ...(step === undefined ? [] : [`, step ${step}`]),
    `, ${elapsed} of about ${duration(expectedDuration(deployment.plan))} at `,
    clockTime(now),
  ];
};

/** Names only: nobody has to do anything about them. */
const fine = (aboard: readonly Aboard[], night: boolean): readonly Block[] => {
  const named = (kind: Status['kind']): string =>
    list(
      of(aboard, kind).map(({ view: { change } }) => `${change.service} ${change.version}`),
      'and',
      15,
    );
  const lines = [
    { kind: 'deployed' as const, word: 'Deployed' },
    { kind: 'ready' as const, word: night ? 'Waiting for their turn' : 'Ready' },
  ].filter(({ kind }) => of(aboard, kind).length > 0);
  return lines.map(({ kind, word }) => ({ kind: 'text', text: [bold(word), `: ${named(kind)}`] }));
};

/** Undefined: everybody's. */
const rolesFor = ({ verb }: Button, { policy }: TrainView): readonly string[] | undefined => {
  if (verb.startsWith('train ')) return policy.releaseManagers;
  if (/^deploy (pause|resume|stop|end|resolve|rollback)$/.test(verb))
    return ['operations', ...policy.releaseManagers];
  return undefined;
};

const trainButtons = (view: TrainView, aboard: readonly Aboard[]): readonly Button[] => {
  const { id } = view.train;
  if (view.ended) return [];
  const decidable = allClosed(view) && aboard.length > 0;
  const boarded = view.changes.filter(({ change }) => change.state === 'boarded');
  return [
    ...(decidable && view.go !== 'go' ? [button('train go', id)] : []),
    ...(decidable && view.go !== 'nogo' ? [button('train nogo', id)] : []),
    ...(decidable && boarded.length > 1 ? [button('train decide', id)] : []),
    ...(view.paused ? [button('deploy resume', id)] : []),
    ...(!view.paused && view.go === 'go' ? [button('deploy pause', id)] : []),
    ...nightButtons(view, aboard),
    ...(aboard.length > 0 ? [button('deploy plan', id)] : []),
    ...(isNight(view, aboard) ? [button('page raise', id)] : []),
  ];
};
