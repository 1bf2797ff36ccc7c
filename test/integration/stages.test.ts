/** The stages themselves on real servers, where a test must hold time still, or break something at an exact moment. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReaderPool } from '../../src/adapters/reader-pool.ts';
import { assemble } from '../../src/assemble.ts';
import { readConfig } from '../../src/config.ts';
import { IntakeError } from '../../src/errors.ts';
import { type Instance, openInstance } from '../../src/ledger/leases.ts';
import { endQuarantine, listQuarantine } from '../../src/ledger/quarantine.ts';
import type { MailSender } from '../../src/ports.ts';
import type { Context } from '../../src/stages/context.ts';
import { decideAgain } from '../../src/stages/decide-again.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import { sendReply } from '../../src/stages/send-reply.ts';
import { storeArrivals } from '../../src/stages/store.ts';
import { clockPass } from '../../workers/clock.ts';
import { historyOf, replyNow, type TicketSeen, ticketFor } from '../support/ledger-view.ts';
import { LARGE, type Letter, letter } from '../support/letters.ts';
import { until } from '../support/wait.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
let resources: AsyncDisposableStack;
let ctx: Context;
let unreachable: Context;
let instance: Instance;

beforeAll(async () => {
  resources = new AsyncDisposableStack();
  world = await openWorld({ queue: 'postgresql' });
  resources.defer(() => world.close());
  const assembled = await assemble(readConfig({ ...world.env, LOG_LEVEL: 'silent' }), resources);
  ctx = assembled.ctx;
  const find = () => Promise.reject(new IntakeError('temporary', 'unreachable', 'the directory is down'));
  unreachable = { ...ctx, directory: { ...ctx.directory, find } };
  instance = await openInstance(assembled.ledger.url);
  resources.defer(() => instance.close());
});
afterAll(() => resources.disposeAsync());

async function store(one: Letter): Promise<number> {
  const arrival = { locator: one.id, arrivedAt: new Date(), raw: Buffer.from(letter(one)), oversized: null };
  const [id] = (await storeArrivals(ctx, 'com', { arrivals: [arrival], cursor: null })).keys();
  if (id === undefined) throw new Error(`${one.id} was stored before`);
  return id;
}

async function decided(one: Letter, under = ctx): Promise<TicketSeen> {
  await decideMail(under, await store(one));
  return ticketFor(world, one.id);
}

/** The reply row's id. */
async function replyId(id: string): Promise<number> {
  const reply = (await replyNow(world, id)) as { id?: string } | undefined;
  return Number(reply?.id);
}

const mailState = async (id: number): Promise<string | undefined> =>
  (await world.query<{ state: string }>(`select state from mail where id = ${id}`))[0]?.state;

const acceptedFor = (id: string): number =>
  world.accepted().filter(({ parsed }) => parsed.inReplyTo === `<${id}>`).length;
const decisionsOn = async ({ id }: TicketSeen): Promise<string[]> =>
  (await world.query<{ trigger: string }>(`select trigger from decision where ticket_id = ${id} order by id`)).map(
    ({ trigger }) => trigger,
  );

it('a mail past a limit of the reader is quarantined with its cause; released, it is decided by what its headers say', async () => {
  const pool = createReaderPool({ policy: ctx.policy, threads: 1, limits: { bytes: 100 } });
  const limited: Context = { ...ctx, read: (raw) => pool.read(raw) };
  const id = await store({ id: 'past@limit.example', says: 'nothing' });
  await decideMail(limited, id);
  expect(await listQuarantine(ctx.db, id)).toMatchObject([
    {
      because: expect.stringMatching(/bytes, more than 100/),
      from: expect.stringContaining('@'),
      subject: expect.anything(),
    },
  ]);
  expect(await mailState(id)).toBe('quarantined');

  expect(await endQuarantine(ctx.db, id, 'received')).toBe(true);
  await decideMail(limited, id);
  await pool.close();
  expect(await mailState(id)).toBe('ticketed');
  expect(await endQuarantine(ctx.db, id, 'received')).toBe(false);
});

describe('while the licence directory cannot be asked', () => {
  it('a ticket is made at once, provisionally, and nobody is told anything; when it answers, all follows', async () => {
    const large = await decided({ id: 'large@down.example', says: 'nothing' }, unreachable);
    const ask = await decided({ id: 'ask@down.example', says: 'ask' }, unreachable);
    for (const ticket of [large, ask]) {
      expect(ticket).toMatchObject({
        directory_pending: true,
        decision: { severity: 'S2', priorityCustomer: false, provisional: true, account: null, reply: null },
      });
      expect(ticket.decision.tags).toContain('directory-unreachable');
    }
    expect(await world.query('select from reply')).toEqual([]);

    await clockPass(unreachable);
    expect(await decisionsOn(large)).toEqual(['mail']);

    await clockPass(ctx);
    expect(await ticketFor(world, 'large@down.example')).toMatchObject({
      directory_pending: false,
      superadmin_email: LARGE,
      decision: { severity: 'S1', priorityCustomer: true, provisional: false },
    });
    expect((await historyOf(world, Number(large.id))).at(-1)).toMatchObject({
      by: 'daemon',
      what: expect.stringContaining('severity S2 -> S1'),
      because: expect.stringContaining('the licence directory answers again'),
    });
    expect(await replyNow(world, 'large@down.example')).toBeUndefined();
    await sendReply(ctx, await replyId('ask@down.example'), instance.id);
    expect(await replyNow(world, 'ask@down.example')).toMatchObject({ kind: 'missing-superadmin-ask', state: 'sent' });
    expect(acceptedFor('ask@down.example')).toBe(1);

    await clockPass(ctx);
    expect(await decisionsOn(ask)).toEqual(['mail', 'directory']);
  });

  it('one ticket that cannot be decided again does not hold up the others', async () => {
    const broken = await decided({ id: 'broken@down.example', says: 'nothing' }, unreachable);
    await decided({ id: 'behind@down.example', says: 'nothing' }, unreachable);
    await world.query(`update mail set parsed = null where message_id = '<broken@down.example>'`);
    await clockPass(ctx);
    expect(await ticketFor(world, 'behind@down.example')).toMatchObject({ directory_pending: false });
    await world.query(`update ticket set directory_pending = false where id = ${broken.id}`);
  });

  it('an associate fills the field meanwhile: that stays, and is judged when it answers', async () => {
    const ticket = await decided({ id: 'byhand@down.example', says: 'ask' }, unreachable);
    await setByHand(unreachable, ticket, LARGE);
    expect(await ticketFor(world, 'byhand@down.example')).toMatchObject({
      superadmin_email: LARGE,
      directory_pending: true,
    });
    await clockPass(ctx);
    expect(await ticketFor(world, 'byhand@down.example')).toMatchObject({
      superadmin_email: LARGE,
      superadmin_by: 'associate',
      decision: { severity: 'S1', priorityCustomer: true },
    });
    expect(await replyNow(world, 'byhand@down.example')).toBeUndefined();
  });
});

const setByHand = (under: Context, ticket: TicketSeen, value: string) =>
  decideAgain(under, {
    ticketId: Number(ticket.id),
    trigger: 'set',
    by: 'associate',
    because: 'by hand',
    superadmin: {
      value,
      confidence: 1,
      source: { part: 'text', start: 0, end: 0, label: null, language: null },
    },
  });

describe('at the same moment', () => {
  it('two runs of one mail make one ticket and one reply', async () => {
    const id = await store({ id: 'both@once.example', says: 'ask' });
    await Promise.all(Array.from({ length: 6 }, () => decideMail(ctx, id)));
    expect(await world.query(`select from ticket where mail_id = ${id}`)).toHaveLength(1);
    expect(await world.query(`select from reply where mail_id = ${id}`)).toHaveLength(1);
    expect(await world.query(`select from event where mail_id = ${id} and what like 'ticket % made'`)).toHaveLength(1);
  });

  it('a reply that many take up is sent once', async () => {
    await decided({ id: 'many@once.example', says: 'ask' });
    const id = await replyId('many@once.example');
    const other = await openInstance(world.databaseUrl);
    try {
      await Promise.all(Array.from({ length: 8 }, (_, n) => sendReply(ctx, id, n % 2 ? instance.id : other.id)));
    } finally {
      await other.close();
    }
    expect(await replyNow(world, 'many@once.example')).toMatchObject({ state: 'sent', attempts: 1 });
    expect(acceptedFor('many@once.example')).toBe(1);
  });

  it('an answer that is being decided does not undo what an associate sets meanwhile', async () => {
    const ticket = await decided({ id: 'race@once.example', says: 'ask' });
    const { message_id } = (await replyNow(world, 'race@once.example')) ?? { message_id: '' };
    const answer = await store({
      id: 'answer@once.example',
      subject: 'Re:',
      lines: [LARGE],
      headers: [`In-Reply-To: ${message_id}`],
    });
    let hand: Promise<unknown> | undefined;
    const find: Context['directory']['find'] = async (key, value) => {
      hand ??= setByHand(ctx, ticket, 'owner@small.example');
      await hand;
      return ctx.directory.find(key, value);
    };
    await decideMail({ ...ctx, directory: { ...ctx.directory, find } }, answer);
    expect(await ticketFor(world, 'race@once.example')).toMatchObject({
      superadmin_email: 'owner@small.example',
      superadmin_by: 'associate',
      decision: { severity: 'S2', priorityCustomer: false, account: { superadminEmail: 'owner@small.example' } },
      enquiry: { fields: { superadminEmail: { value: 'owner@small.example' } } },
    });
    expect(await ticketFor(world, 'answer@once.example')).toMatchObject({ id: ticket.id });
  });
});

describe('when the ledger fails at the moment a reply was accepted', () => {
  /** Sends for real, and cuts the connection that is about to write it down. */
  const cutting = (sender: MailSender): MailSender => ({
    ...sender,
    async send(mail) {
      const said = await sender.send(mail);
      const lock = new pg.Client({ connectionString: world.databaseUrl });
      await lock.connect();
      await lock.query('begin; lock table reply in access exclusive mode');
      // Asked from outside: a transaction goes on seeing who waited when it first looked.
      void until(async () => {
        const cut = await world.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where wait_event_type = 'Lock' and datname = current_database() and query like '%reply%'`,
        );
        return cut.length;
      }).finally(() => lock.end());
      return said;
    },
  });

  it('it is written down all the same, and not sent again', async () => {
    await decided({ id: 'cut@ledger.example', says: 'ask' });
    const id = await replyId('cut@ledger.example');
    const com = ctx.senders.com as MailSender;
    await sendReply({ ...ctx, senders: { com: cutting(com) } }, id, instance.id);
    expect(acceptedFor('cut@ledger.example')).toBe(1);
    expect(await replyNow(world, 'cut@ledger.example')).toMatchObject({
      state: 'sent',
      attempts: 1,
      because: expect.stringMatching(/^accepted: 250/),
    });
    expect(acceptedFor('cut@ledger.example')).toBe(1);
  });
});
