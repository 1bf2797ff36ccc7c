import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchForLeaks } from '../support/leak-check.ts';
import { freePort } from '../support/server-process.ts';
import { until } from '../support/wait.ts';

let outer: string | undefined;
beforeEach(() => {
  outer = process.env.TMPDIR;
});
afterEach(() => {
  process.env.TMPDIR = outer;
});

const gone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

it('names and ends a process that outlives its test', async () => {
  const end = watchForLeaks(0);
  const pid = Number(execFileSync('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }));
  await expect(end()).rejects.toThrow(`${pid} sleep 1000`);
  await until(() => gone(pid));
});

it('sees a server that rewrote its command line and environment', async () => {
  const end = watchForLeaks(0);
  const port = await freePort();
  const server = `redis-server --bind 127.0.0.1 --port ${port} --daemonize yes --dir "$TMPDIR" --pidfile "$TMPDIR/pid"`;
  execFileSync('sh', ['-c', `${server}; while [ ! -s "$TMPDIR/pid" ]; do sleep 0.1; done`], { stdio: 'ignore' });
  await expect(end()).rejects.toThrow(`redis-server 127.0.0.1:${port}`);
});

it('is content when everything has ended', async () => {
  const end = watchForLeaks(0);
  execFileSync('true');
  await end();
});
