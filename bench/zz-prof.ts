/**
 * Mails per second from IMAP to a committed ticket and an accepted reply, with one daemon and real servers on this machine.
 * node bench/throughput.ts [mails]
 */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { startDaemon } from '../test/support/daemon.ts';
import { populate } from '../test/support/population.ts';
import { until } from '../test/support/wait.ts';
import { openWorld } from '../test/support/world.ts';

const DEFAULT_COUNT = 3_000;
const PATIENCE = { timeout: 300_000, every: 50 };
const count = Number(process.argv[2] ?? DEFAULT_COUNT);

const [cpu] = cpus();
console.log(
  `${cpus().length} cores (${cpu?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${count} mails, every one ticketed and answered`,
);

for (const queue of ['redis'] as ('redis'|'postgresql')[]) {
  const world = await openWorld({ queue, fileSent: false });
  try {
    const { messages, expected } = populate(count, { answered: true });
    await world.deliver(messages);
    const daemon = startDaemon({ ...world.env, LOG_LEVEL: 'warn', NODE_OPTIONS: '--cpu-prof --cpu-prof-dir=/tmp/prof' });
    const rows = async (table: string, where = 'true'): Promise<number> =>
      Number((await world.query<{ n: string }>(`select count(*) as n from ${table} where ${where}`))[0]?.n ?? 0);
    await until(async () => (await rows('mail')) > 0, { ...PATIENCE, what: 'the first mail' });
    const start = performance.now();
    let decided = 0;
    await until(
      async () => {
        if (decided === 0 && (await rows('ticket')) === expected.length) decided = performance.now();
        return (await rows('reply', "state = 'sent'")) === expected.length;
      },
      { ...PATIENCE, what: 'all replies' },
    );
    const end = performance.now();
    const usage = execFileSync('ps', ['-o', 'rss=,cputimes=', '-p', String(daemon.pid)])
      .toString()
      .trim()
      .split(/\s+/)
      .map(Number);
    await daemon.stop();
    const rate = (until: number): string => (count / ((until - start) / 1000)).toFixed(0);
    console.log(
      `${queue === 'redis' ? 'Redis + PostgreSQL' : 'embedded default (PostgreSQL only)'}: ${rate(end)} mails/s to the accepted reply, ${rate(decided)} mails/s to the ticket; ` +
        `daemon ${usage[1]} s CPU, ${Math.round((usage[0] ?? 0) / 1024)} MiB`,
    );
  } finally {
    await world.close();
  }
}
