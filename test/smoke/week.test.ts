import { describe, it } from 'vitest';
import { type Places, startWithin } from '../support/within.ts';
import { wholeWeek } from './stories.ts';

const platforms: readonly Places[number][] = ['console', 'slack http', 'slack socket', 'teams'];

describe.each(platforms)('on %s', (platform) => {
  it('a release week goes from the first build to the report', async () => {
    const { stage } = await startWithin([platform]);
    await wholeWeek(stage);
    await stage.nothingElse();
  });
});
