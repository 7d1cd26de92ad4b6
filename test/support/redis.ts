import { Redis } from 'ioredis';
import { inject } from 'vitest';

/** The run's Redis; null where none is installed: `describe.skipIf(noRedis)`. Shared, so take `testRedis()`. */
export const redisUrl = inject('redisUrl');

export const noRedis = redisUrl === null;

/** The lane's name in test titles, so that a skipped lane says why. */
export const redisLane = noRedis ? 'Redis (skipped: no redis-server on this machine)' : 'Redis';

const withRedis = async <T>(url: string, act: (client: Redis) => Promise<T>): Promise<T> => {
  const client = new Redis(url);
  try {
    return await act(client);
  } finally {
    client.disconnect();
  }
};

/** An empty database of its own on the run's Redis, so that tests never meet. */
export const testRedis = async (): Promise<{ url: string; drop(): Promise<void> }> => {
  if (redisUrl === null) {
    throw new Error('no redis-server on this machine: guard with describe.skipIf(noRedis)');
  }
  // Database 0 holds nothing but the count of the others.
  const url = `${redisUrl}/${await withRedis(redisUrl, (client) => client.incr('databases'))}`;
  return {
    url,
    drop: async () => {
      await withRedis(url, (client) => client.flushdb());
    },
  };
};
