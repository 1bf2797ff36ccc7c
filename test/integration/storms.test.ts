/** Machines that answer each other: only counting stops them, and it does. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSmtpSender } from '../../src/adapters/sender-smtp.ts';
import { replies } from '../../src/ledger/index.ts';
import { type Instance, openInstance } from '../../src/ledger/leases.ts';
import type { Policy } from '../../src/policy.ts';
import type { MailSender } from '../../src/ports.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { clockWorld, MONDAY } from '../support/clock-world.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { letter } from '../support/letters.ts';
import { LICENCES } from '../support/population.ts';
import { quickPolicy } from '../support/quick-policy.ts';
import { type SinkMessage, type SmtpSink, startSmtpSink } from '../support/smtp-sink.ts';
import { until } from '../support/wait.ts';

const w = clockWorld();

/** The two daemons begin at once, and talk while the autoresponders have their day. */
const MOST = 5;
const ENDS = ['alpha', 'beta'] as const;
type End = (typeof ENDS)[number];
const addressOf = (end: End): string => `support@${end}.example`;
let dovecot: Dovecot;
let folder: string;
const sinks: Partial<Record<End, SmtpSink>> = {};
const daemons: Daemon[] = [];

/** A relay as there should be none: what says that a machine wrote the mail, or which mail it answers, is gone. */
const nasty = (raw: Buffer): string =>
  raw
    .toString('latin1')
    .replace(
      /^(auto-submitted|precedence|x-auto-response-suppress|x-partner-intake-loop|in-reply-to|references):.*\r\n([ \t].*\r\n)*/gim,
      '',
    )
    .replace(/^Subject:.*\r\n([ \t].*\r\n)*/im, 'Subject: Totals\r\n');

/** The ledger of one of them: on the server of the other tests, and not theirs. */
function ledgerOf(end: End): string {
  const url = new URL(w.url);
  url.pathname = `/${end}`;
  return url.href;
}

/** One whose replies arrive in the other's inbox. */
async function startEnd(end: End, other: End): Promise<void> {
  const own = join(folder, end);
  await mkdir(own);
  const policy = await quickPolicy(own, { maxRepliesPerRecipientAndDay: String(MOST) });
  const mailboxes = join(policy, 'mailboxes.yaml');
  await writeFile(
    mailboxes,
    (await readFile(mailboxes, 'utf8')).replace('partner-support@zohocorp.com', addressOf(end)),
  );
  const sink = await startSmtpSink({ onAccept: async (raw) => void (await dovecot.append(other, nasty(raw))) });
  sinks[end] = sink;
  await w.query(`create database ${end}`);
  daemons.push(
    startDaemon({
      ...{ MAILBOX_COM: `imap://${end}@127.0.0.1:${dovecot.port}/INBOX`, MAILBOX_COM_PASSWORD: 'secret' },
      ...{ SMTP_COM: sink.url, DATABASE_URL: ledgerOf(end), LICENCES: `csv:${join(folder, 'licences.csv')}` },
      ...{ POLICY_DIR: policy, VAR_DIR: own, CONSOLE_PORT: '0', LOG_LEVEL: 'info' },
    }),
  );
}

beforeAll(async () => {
  dovecot = await startDovecot({ users: ENDS.map((name) => ({ name, password: 'secret' })) });
  folder = await mkdtemp(join(tmpdir(), 'storms-'));
  await writeFile(join(folder, 'licences.csv'), LICENCES);
  const first = letter({ id: 'first@beta.example', from: addressOf('beta'), to: addressOf('alpha'), says: 'ask' });
  await dovecot.append('alpha', first);
  await Promise.all([startEnd('alpha', 'beta'), startEnd('beta', 'alpha')]);
});
afterAll(async () => {
  for (const daemon of daemons) await daemon.kill9();
  for (const sink of Object.values(sinks)) await sink.stop();
  await dovecot?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function queryAt(url: string, text: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query<{ because: string }>(text);
  } finally {
    await client.end();
  }
}

describe('fifty autoresponders for a day', () => {
  const PEERS = 50;
  const MINUTE = 60_000;
  /** Ten of them are one company's. */
  const COMPANY = 10;
  const addressOf = (n: number): string => (n < COMPANY ? `peer${n}@company.example` : `peer${n}@peer${n}.example`);
  let sink: SmtpSink;
  let sender: MailSender;
  let instance: Instance;

  beforeAll(async () => {
    sink = await startSmtpSink();
    sender = createSmtpSender({ url: new URL(sink.url), login: null, find: async () => 'unknown' });
    instance = await openInstance(w.url);
  });
  afterAll(async () => {
    await instance?.close();
    await sender?.close();
    await sink?.stop();
  });

  /** Every minute: what came is decided, what is due is sent, and who got a mail answers it at once, as a person would have written it. */
  async function day(figures: Partial<Policy['outbound']>): Promise<SinkMessage[]> {
    const start = sink.messages.length;
    let answered = start;
    let inbox = Array.from({ length: PEERS }, (_, n) => addressOf(n));
    let written = 0;
    const policy = { ...w.ctx.policy, outbound: { ...w.ctx.policy.outbound, ...figures } };
    const times: Date[] = [];
    for (let minute = 0; minute < 24 * 60; ) {
      const time = new Date(Date.parse(MONDAY) + minute * MINUTE);
      const ctx = { ...w.at(time.toISOString()), policy, senders: { com: sender, eu: sender } };
      await Promise.all(
        inbox.map((from) => {
          written += 1;
          // In a new thread, with nothing that says what it answers: no limit of a ticket holds it.
          const asked = { id: `auto-${written}@peer.example`, from, says: 'ask' } as const;
          return w.arrive({ ...asked, subject: `Totals ${written}` }, time.toISOString(), ctx);
        }),
      );
      const due = await replies.unfinishedReplies(ctx.db, new Date(Date.now() + MINUTE), time, 1_000, ['com', 'eu']);
      for (let index = 0; index < due.length; index += 4)
        await Promise.all(due.slice(index, index + 4).map((id) => sendReply(ctx, id, instance.id)));
      const fresh = sink.messages.slice(answered);
      answered = sink.messages.length;
      times.push(...fresh.map(() => time));
      inbox = fresh.flatMap(({ envelope }) => envelope.to);
      // Nothing happens until a mail that waits may leave.
      const [next] = await w.query<{ due: Date | null }>(
        `select min(next_attempt_at) as due from reply where state = 'intended'`,
      );
      if (inbox.length > 0) minute += 1;
      else if (next?.due) minute = Math.max(minute + 1, Math.ceil((next.due.getTime() - Date.parse(MONDAY)) / MINUTE));
      else break;
    }
    for (const time of times) {
      const hour = times.filter((one) => one <= time && time.getTime() - one.getTime() < 60 * MINUTE);
      expect(hour.length).toBeLessThanOrEqual(policy.outbound.maxMailsPerMailboxAndHour);
    }
    return sink.messages.slice(start);
  }

  function counted(name: string, sent: readonly SinkMessage[], of: (address: string) => string): number {
    const counts = Map.groupBy(sent, ({ envelope }) => of(envelope.to[0] ?? ''));
    const most = Math.max(...[...counts.values()].map(({ length }) => length));
    process.stdout.write(`${name}: ${sent.length} mails in all, to ${counts.size} peers, at most ${most} to one\n`);
    return most;
  }
  const domain = (address: string): string => address.split('@')[1] ?? '';

  it('with the policy as it is: the storm switch stops it within the hour', async () => {
    const sent = await day({});
    const { storm } = w.ctx.policy.outbound;
    counted('fifty autoresponders, shipped policy', sent, (address) => address);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThanOrEqual(storm.replies);
    expect(await w.notices()).toHaveLength(1);
    const states = await w.query<{ state: string }>('select distinct state from reply order by 1');
    expect(states.map(({ state }) => state)).toEqual(['held', 'sent']);
    expect(await w.query("select id from reply where state = 'held' and because not like 'storm: %'")).toEqual([]);
  });

  it('without the switch: nobody gets more than one recipient, one company and one hour may', async () => {
    const figures = {
      maxRepliesPerRecipientAndDay: 3,
      maxRepliesPerDomainAndDay: 9,
      storm: { replies: 100_000, minutes: 10 },
    };
    const sent = await day(figures);
    expect(counted('fifty autoresponders, limits alone', sent, (address) => address)).toBe(3);
    expect(counted('the same by company', sent, domain)).toBe(9);
    // Everybody but the one company got all that one recipient may, hour by hour: nothing was lost on the way.
    expect(sent).toHaveLength((PEERS - COMPANY) * 3 + 9);
    expect(await w.query("select id from reply where state not in ('sent', 'held')")).toEqual([]);
  });
});

describe('two daemons answer each other', () => {
  it('until one has sent the other what a recipient gets in a day; the last one is held', async () => {
    const held = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const end of ENDS) {
        const { rows } = await queryAt(ledgerOf(end), "select because from reply where state = 'held'");
        found.push(...rows.map(({ because }) => because));
      }
      return found;
    };
    const [because] = await until(
      async () => {
        const found = await held();
        return found.length > 0 ? found : null;
      },
      { timeout: 30_000, every: 200, what: 'one end to hold a reply' },
    );
    expect(because).toBe(`the recipient has had ${MOST} replies in a day`);
    const sent = Object.entries(sinks).map(([end, { messages }]) => [end, messages.length] as const);
    const total = sent.reduce((sum, [, count]) => sum + count, 0);
    process.stdout.write(
      `two daemons, a relay that hides what they are: ${sent.map((one) => one.join(' sent ')).join(', ')}; ${total} in all\n`,
    );
    for (const [, count] of sent) expect(count).toBeLessThanOrEqual(MOST);
    // They did answer each other, or this proves nothing.
    expect(total).toBeGreaterThanOrEqual(2 * MOST - 1);
  });
});
