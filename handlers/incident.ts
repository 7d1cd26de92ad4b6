import { incidentCard, incidentListCard, rcaCard } from '../src/cards/incident-card.ts';
import type { Form } from '../src/chat/form.ts';
import type { Reply } from '../src/chat/reply.ts';
import type { Request } from '../src/chat/request.ts';
import {
  analyseIncident,
  closeIncident,
  type Declaration,
  declareIncident,
  noteIncident,
  recordFix,
} from '../src/operations/declare-incident.ts';
import { describeIncident, latestIncident, listIncidents } from '../src/operations/describe-incident.ts';
import { assignIncident, stateImpact } from '../src/operations/lead-incident.ts';
import type { Call, Handler } from './handler.ts';
import { reasonForm } from './reason-form.ts';
import { toAsker } from './show.ts';
import { isPress, reasonOf, subjectOf, textOf } from './words.ts';

const showIncident = async ({ context, request }: Call): Promise<Reply> =>
  toAsker(incidentCard(await describeIncident(context, subjectOf(request), request.receivedAt)));

/** The named one, or all that are open and the last ones. */
const show = async (call: Call): Promise<Reply> =>
  call.request.subject === undefined
    ? toAsker(incidentListCard(await listIncidents(call.context), call.context.policy()))
    : showIncident(call);

const showLatest = async ({ context, person, request }: Call): Promise<Reply> =>
  toAsker(
    incidentCard(await describeIncident(context, await latestIncident(context, person), request.receivedAt)),
  );

const declarationOf = (request: Request): Declaration => {
  const { severity, who } = request.flags ?? {};
  const what = textOf(request.args);
  return {
    service: subjectOf(request),
    ...(what === undefined ? {} : { what }),
    ...(severity === undefined ? {} : { severity }),
    ...(who === undefined ? {} : { who }),
  };
};

const noteOf = (request: Request) => {
  const { reason: text } = reasonOf(request, request.args);
  return { incident: subjectOf(request), ...(text === undefined ? {} : { text }) };
};

const findings = ['what', 'why', 'unnoticed', 'actions'] as const;

const isAnalysis = ({ flags = {} }: Request): boolean => findings.some((name) => flags[name] !== undefined);

const rcaForm = async ({ context, request }: Call): Promise<Form> => {
  const { incident } = await describeIncident(context, subjectOf(request), request.receivedAt);
  const { analysis } = incident;
  const field = (
    name: (typeof findings)[number],
    label: string,
    initial: string | undefined,
    hint?: string,
  ) => ({
    name,
    label,
    required: true,
    kind: 'text' as const,
    maxLength: 2_000,
    ...(hint === undefined ? {} : { hint }),
    ...(initial === undefined ? {} : { initial }),
  });
  return {
    title: 'Root-cause analysis',
    verb: 'incident rca',
    subject: subjectOf(request),
    submitLabel: 'Save',
    fields: [
      field('what', 'What happened', analysis?.what),
      field('why', 'Why', analysis?.why),
      field('unnoticed', 'Why it was not noticed', analysis?.unnoticed),
      field(
        'actions',
        'Actions',
        analysis?.actions.map(({ text, owner, due }) => `${text}; ${owner}; ${due}`).join('\n'),
        'One a line: what; who; until when',
      ),
    ],
  };
};

export const incident: readonly Handler[] = [
  { verb: 'incident', usage: '[INC-n]', summary: 'what is wrong now, and what was', show },
  {
    verb: 'incident show',
    usage: '<INC-n>',
    summary: 'an incident with its timeline',
    subject: 'required',
    show: showIncident,
  },
  {
    verb: 'incident declare',
    usage: '<service> <what is wrong> [--severity minor|major|outage] [--who lead]',
    summary: 'say that something is wrong: people are told, a timeline begins',
    subject: 'required',
    act: ({ context, cause, request }) => declareIncident(context, cause, declarationOf(request)),
    show: showLatest,
  },
  {
    verb: 'incident fix',
    usage: '<service> <what was done> [--severity minor|major|outage] [--who person]',
    summary: 'write down what was done first and is documented after; it leaves debts',
    subject: 'required',
    act: ({ context, cause, request }) => recordFix(context, cause, declarationOf(request)),
    show: showLatest,
  },
  {
    verb: 'incident note',
    usage: '<INC-n> <what you see or do>',
    summary: 'add to the timeline',
    subject: 'required',
    act: ({ context, cause, request }) => noteIncident(context, cause, noteOf(request)),
    show: showIncident,
    form: reasonForm('Note'),
  },
  {
    verb: 'incident role',
    usage: '<INC-n> <lead|communications|operations|scribe> <person>',
    summary: 'say who does what',
    subject: 'required',
    act: ({ context, cause, request }) =>
      assignIncident(context, cause, {
        incident: subjectOf(request),
        part: request.args[0] ?? '',
        person: request.args[1] ?? '',
      }),
    show: showIncident,
  },
  {
    verb: 'incident impact',
    usage: '<INC-n> <from> [until]',
    summary: 'say when its impact began, and ended: `22:10` or `2026-11-28T22:10`',
    subject: 'required',
    act: ({ context, cause, request }) =>
      stateImpact(context, cause, { incident: subjectOf(request), period: request.args }),
    show: showIncident,
  },
  {
    verb: 'incident close',
    usage: '<INC-n> <what ended it>',
    summary: 'the impact is over; what is owed for it stays',
    subject: 'required',
    act: ({ context, cause, request }) => closeIncident(context, cause, noteOf(request)),
    show: showIncident,
    form: reasonForm('Close'),
  },
  {
    verb: 'incident rca',
    usage: '<INC-n> [--what …] [--why …] [--unnoticed …] [--actions …]',
    summary: 'the root-cause analysis, as Markdown; with its parts: write it',
    subject: 'required',
    form: {
      wanted: (request) => isPress(request) && request.subject !== undefined,
      open: rcaForm,
      faults: {
        'analysis-incomplete': 'what',
        'actions-unreadable': 'actions',
        'action-undated': 'actions',
        'unknown-person': 'actions',
      },
    },
    act: async ({ context, cause, request }) => {
      if (!isAnalysis(request)) return;
      const { what, why, unnoticed, actions } = request.flags ?? {};
      await analyseIncident(context, cause, {
        incident: subjectOf(request),
        ...(what === undefined ? {} : { what }),
        ...(why === undefined ? {} : { why }),
        ...(unnoticed === undefined ? {} : { unnoticed }),
        ...(actions === undefined ? {} : { actions }),
      });
    },
    show: async ({ context, request }) =>
      toAsker(rcaCard(await describeIncident(context, subjectOf(request), request.receivedAt))),
  },
];
