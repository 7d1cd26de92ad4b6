import { describe, expect, it } from 'vitest';
import { startSpawned } from '../support/spawned.ts';
import type { Places } from '../support/within.ts';
import { wholeWeek } from './stories.ts';

const platforms: readonly Places[number][] = ['slack http', 'slack socket', 'teams', 'console'];

describe.each(platforms)('`signalbox start` on %s', (platform) => {
  it('carries a release week from the first build to the report, and its log holds no secret', async () => {
    const { stage, log, instances } = await startSpawned([platform]);
    await wholeWeek(stage);
    await stage.nothingElse();
    expect(await instances[0]?.end('SIGTERM')).toBe(0);
    expect(log()).not.toMatch(/xoxb-|xapp-|test-signing-secret|test-app-password|access-\d|hook-secret/);
  }, 400_000);
});
