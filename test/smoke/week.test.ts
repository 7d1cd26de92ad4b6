import { describe, it } from 'vitest';
import { type Places, startWithin } from '../support/within.ts';
import { aFormRefused, aStranger, everyNo, everythingTwice, knownByAddress, wholeWeek } from './stories.ts';

const platforms: readonly Places[number][] = ['console', 'slack http', 'slack socket', 'teams'];
/** There is nobody to be a stranger to at one's own prompt, and nothing to fill in. */
const chats = platforms.filter((platform) => platform !== 'console');

const tell =
  (story: (stage: Awaited<ReturnType<typeof startWithin>>['stage']) => Promise<void>) =>
  async (platform: Places[number]): Promise<void> => {
    const { stage } = await startWithin([platform]);
    await story(stage);
    await stage.nothingElse();
  };

describe('told once, and nothing else is said to anybody', () => {
  it.each(platforms)(
    'a release week goes from the first build to the report, on %s',
    tell(wholeWeek),
    120_000,
  );
  it.each(platforms)('L14: every no is the asker’s alone and changes nothing, on %s', tell(everyNo), 60_000);
  it.each(platforms)(
    'L8: what is said, pressed or delivered twice acts once, on %s',
    tell(everythingTwice),
    60_000,
  );
  it.each(chats)('a form that is refused says where and does nothing, on %s', tell(aFormRefused), 60_000);
  it.each(chats)('L7: who is known by their address only may act, on %s', tell(knownByAddress), 60_000);
  it.each(chats)('L7: a stranger changes nothing and learns nothing, on %s', tell(aStranger), 60_000);
});
