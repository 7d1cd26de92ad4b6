import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**', '.signalbox/**'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    globalSetup: ['test/support/postgres-server.ts', 'test/support/redis-server.ts'],
    reporters: ['default', './test/support/last-line.ts'],
    // Wall-clock rules name their zone; nothing may depend on the host's.
    env: { TZ: 'UTC' },
  },
});
