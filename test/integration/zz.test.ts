import { it } from 'vitest';
import { startDaemon } from '../support/daemon.ts';
import { openWorld } from '../support/world.ts';
import { startRedis } from '../support/redis.ts';
it('x', async () => {
  const t = performance.now(); const lap = (...s: unknown[]) => console.log(...s, Math.round(performance.now() - t));
  const world = await openWorld({ queue: 'postgresql' }); lap('world');
  const redis = await startRedis();
  const d = startDaemon({ ...world.env, REDIS_URL: redis.url }); await d.says(/"started"/); lap('up');
  await redis.stop(); lap('redis gone');
  const stopped = d.stop();
  const r = await Promise.race([stopped, new Promise((r) => setTimeout(r, 15000, 'hangs'))]); lap(r);
  console.log(d.output().slice(-1500));
  await d.kill9(); await world.close();
}, 200000);
