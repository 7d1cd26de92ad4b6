import { type ShopOptions, shop, week48 } from './shop.ts';
import type { World } from './world.ts';

/** The shop with those who sign for exceptions: `bea` for the business, `sol` and `sue` for senior management. */
export const strictShop = (options: ShopOptions = {}, veryLate = '[operations: 1]'): string =>
  shop(options)
    .replace('  pia: {}\n', '  pia: {}\n  bea: {}\n  sol: {}\n  sue: {}\n')
    .replace(
      '  public-relations: [pia]\n',
      '  public-relations: [pia]\n  business-owner: [bea]\n  senior-management: [sol, sue]\n',
    )
    .replace('  alone: { owners: [dev] }', '  alone: { team: loners, owners: [dev] }')
    .replace('  standard: []\n', `  standard: []\n  veryLate: ${veryLate}\n`);

/** `CHG-1` of `alone`, dev's, which missed the first cutoff of week 48 and waits on week 49. */
export const missed = async (world: World, service = 'alone'): Promise<string> => {
  const name = await world.submit('dev', service);
  await world.build(service, '1.0.0');
  await world.advance(week48.inTest);
  return name;
};

/** All papers of both cutoffs, with the signatures of the type's own seats. */
export const allPapers = async (world: World, name: string): Promise<void> => {
  await world.passInTest(name);
  await world.passReady(name);
};

export const sign = async (world: World, name: string, ...people: readonly string[]): Promise<void> => {
  for (const person of people) await world.approve(person, name);
};
