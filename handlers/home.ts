import { homeCard } from '../src/cards/home-card.ts';
import { describeHome } from '../src/operations/find-home.ts';
import type { Handler } from './handler.ts';
import { toAsker } from './show.ts';

export const home: readonly Handler[] = [
  {
    verb: 'home',
    usage: '',
    summary: 'what waits for you, what you asked for, who is on call, and the week to come',
    show: async ({ context, person, request }) =>
      toAsker(homeCard(await describeHome(context, person, request.receivedAt), context.policy())),
  },
];
