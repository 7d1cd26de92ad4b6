import { pageCard, pageListCard } from '../src/cards/page-card.ts';
import { pageReportCard } from '../src/cards/page-report-card.ts';
import type { Reply } from '../src/chat/reply.ts';
import type { Request } from '../src/chat/request.ts';
import { acknowledgePage, assignPage, escalatePage, resolvePage } from '../src/operations/answer-page.ts';
import type { Context } from '../src/operations/context.ts';
import { describePage, openPages, pageOfAlert } from '../src/operations/find-pages.ts';
import { addPeople, mergePages } from '../src/operations/join-pages.ts';
import { refuse } from '../src/operations/outcome.ts';
import { raisePage } from '../src/operations/raise-by-hand.ts';
import { reportPages } from '../src/operations/report-pages.ts';
import type { Call, Handler } from './handler.ts';
import { peopleIn, personForm, raiseForm, snoozeForm } from './page-forms.ts';
import { toAsker } from './show.ts';
import { durationOf, subjectOf, textOf } from './words.ts';

const showPage = async ({ context, request }: Call, name = subjectOf(request)): Promise<Reply> =>
  toAsker(pageCard(await describePage(context, name, request.receivedAt)));

const showPages = async ({ context }: Call): Promise<Reply> =>
  toAsker(pageListCard(await openPages(context), context.policy()));

/** What the button saw; a command typed by a person means the page as it is. */
const asOf = (args: readonly string[]): { readonly asOf?: number } =>
  /^\d+$/.test(args[0] ?? '') ? { asOf: Number(args[0]) } : {};

const mostWeeks = 104;

/** The last four weeks, or as many as are asked for. */
const showReport = async (context: Context, { args, receivedAt: until }: Request): Promise<Reply> => {
  const weeks = Math.min(Math.max(Number(/^\d+$/.exec(args[0] ?? '')?.[0] ?? 4), 1), mostWeeks);
  const from = new Date(until.getTime() - weeks * 7 * 86_400_000);
  const policy = context.policy();
  return toAsker(pageReportCard(await reportPages(context.store, policy, { from, until }), policy));
};

const asCard = (word: string): boolean => /^(chg|dep)-\d+$/i.test(word);

/** `4` is `PAGE-4`. */
const targetOf = ({ args }: Request): string => (args[0] ?? '').replace(/^#?(\d+)$/, 'PAGE-$1').toUpperCase();

export const page: readonly Handler[] = [
  {
    verb: 'page',
    usage: '[PAGE-n]',
    summary: 'pages that are not over',
    show: (call) => (call.request.subject === undefined ? showPages(call) : showPage(call)),
  },
  { verb: 'page list', usage: '', summary: 'pages that are not over', show: showPages },
  {
    verb: 'page show',
    usage: '<PAGE-n>',
    summary: 'a page, what it is about and who was told',
    subject: 'required',
    show: (call) => showPage(call),
  },
  {
    verb: 'page report',
    usage: '[weeks]',
    summary: 'how on-call duty went: how fast people answered, what did not arrive, who was woken',
    show: ({ context, request }) => showReport(context, request),
  },
  {
    verb: 'page raise',
    usage: '[service|CHG-n|DEP-n] <what is wrong…> [--severity critical|error|warning|info]',
    summary: 'get whoever is on call',
    form: raiseForm,
    act: ({ context, cause, request }) => {
      const { args, flags = {}, subject } = request;
      const [first = '', ...rest] = args;
      const isService = context.policy().services.has(first);
      const about = subject ?? (asCard(first) ? first.toUpperCase() : undefined);
      const isNamed = isService || (subject === undefined && about !== undefined);
      const summary = textOf(isNamed ? rest : args) ?? textOf([flags['summary'] ?? '']);
      if (summary === undefined && about === undefined)
        refuse({ code: 'summary-missing', facts: {}, next: `page raise ${first} <what is wrong>`.trim() });
      const severity = flags['severity'];
      return raisePage(context, cause, {
        key: request.id,
        ...(summary === undefined ? {} : { summary }),
        ...(isService ? { service: first } : {}),
        ...(about === undefined ? {} : { about }),
        ...(severity === undefined ? {} : { severity }),
      });
    },
    show: async (call) => {
      const id = await pageOfAlert(call.context, 'chat', call.request.id);
      return id === undefined ? showPages(call) : showPage(call, `PAGE-${id}`);
    },
  },
  {
    verb: 'page ack',
    usage: '<PAGE-n>',
    summary: 'take a page: nobody else is paged from now on',
    subject: 'required',
    act: ({ context, cause, request }) => acknowledgePage(context, cause, { page: subjectOf(request) }),
    show: (call) => showPage(call),
  },
  {
    verb: 'page snooze',
    usage: '<PAGE-n> <30m>',
    summary: 'take a page and be reminded of it later',
    subject: 'required',
    form: snoozeForm,
    act: ({ context, cause, request }) =>
      acknowledgePage(context, cause, {
        page: subjectOf(request),
        forMs: durationOf(request.args[0] ?? request.flags?.['for'] ?? ''),
      }),
    show: (call) => showPage(call),
  },
  {
    verb: 'page resolve',
    usage: '<PAGE-n>',
    summary: 'say that it is over',
    subject: 'required',
    act: ({ context, cause, request }) => resolvePage(context, cause, { page: subjectOf(request) }),
    show: (call) => showPage(call),
  },
  {
    verb: 'page escalate',
    usage: '<PAGE-n>',
    summary: 'page the next ones now',
    subject: 'required',
    act: ({ context, cause, request }) =>
      escalatePage(context, cause, { page: subjectOf(request), ...asOf(request.args) }),
    show: (call) => showPage(call),
  },
  {
    verb: 'page assign',
    usage: '<PAGE-n> <person>',
    summary: 'hand a page to somebody, who is paged; to oneself: take it over',
    subject: 'required',
    form: personForm('Assign', 'Whom?'),
    act: ({ context, cause, request }) =>
      assignPage(context, cause, { page: subjectOf(request), person: peopleIn(request)[0] ?? '' }),
    show: (call) => showPage(call),
  },
  {
    verb: 'page add',
    usage: '<PAGE-n> <person> [person…]',
    summary: 'page more people, without taking it from whoever has it',
    subject: 'required',
    form: personForm('Add people', 'Who is to help?'),
    act: ({ context, cause, request }) =>
      addPeople(context, cause, { page: subjectOf(request), people: peopleIn(request) }),
    show: (call) => showPage(call),
  },
  {
    verb: 'page merge',
    usage: '<PAGE-n> <PAGE-n>',
    summary: 'make the first page part of the second one',
    subject: 'required',
    act: ({ context, cause, request }) =>
      mergePages(context, cause, { page: subjectOf(request), into: targetOf(request) }),
    show: (call) => showPage(call, targetOf(call.request)),
  },
];
