/** A daemon on real servers that partners ask and answer: one world for a test file. */
import { afterAll, beforeAll, expect } from 'vitest';
import type { ThreadKey } from '../../src/pipeline/reply/thread.ts';
import { WORDS } from './conversations.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { deskVariables } from './desk/environment.ts';
import { type DeskDouble, startDeskDouble } from './desk/server.ts';
import { historyOf, replyIn, settledMail, type TicketSeen, ticketFor } from './ledger-view.ts';
import { letter } from './letters.ts';
import { changeFile } from './policy-copy.ts';
import { openWorld, type World } from './world.ts';

/** A request that we have asked back on. */
export type Asked = {
  readonly name: string;
  readonly ticket: TicketSeen;
  readonly question: string;
  readonly subject: string;
};

export const agent = (name: string): string => `Agent <agent@${name}.example>`;
export const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

export type Conversations = ReturnType<typeof conversationWorld>;

/** Registers the hooks of one test file. Its mailboxes take mail for name+tag. */
export function conversationWorld(tickets: 'ledger:' | 'desk:' = 'ledger:') {
  let world: World;
  let daemon: Daemon;
  let double: DeskDouble | undefined;

  beforeAll(async () => {
    world = await openWorld({ queue: 'redis' });
    changeFile(`${world.env.POLICY_DIR}/mailboxes.yaml`, 'plusAddressing: false', 'plusAddressing: true');
    if (tickets === 'desk:') double = await startDeskDouble();
    daemon = startDaemon({ ...world.env, TICKETS: tickets, ...(double ? deskVariables(double) : {}) });
  });
  afterAll(async () => {
    await daemon?.kill9();
    await double?.stop();
    await world?.close();
  });

  /** Delivers a mail and waits for its end. */
  async function send(id: string, mail: Omit<Parameters<typeof letter>[0], 'id'>) {
    await world.deliver([{ mailbox: 'com', raw: letter({ id: `${id}@mail.example`, ...mail }) }]);
    return await settledMail(world, `${id}@mail.example`);
  }

  /** A request in a language that we have asked back on. */
  async function asked(name: string, language: keyof typeof WORDS = 'en'): Promise<Asked> {
    const { subject, request } = WORDS[language];
    await send(name, { subject, from: agent(name), lines: request });
    const reply = await replyIn(world, `${name}@mail.example`, ['sent']);
    expect(reply).toMatchObject({ kind: 'missing-superadmin-ask', recipient: `agent@${name}.example` });
    const ticket = withoutUntold(await ticketFor(world, `${name}@mail.example`));
    return { name, ticket, question: reply.message_id, subject };
  }

  async function ticketNow({ id }: TicketSeen): Promise<TicketSeen | undefined> {
    const [row] = await world.query<TicketSeen>(`select * from ticket where id = ${id}`);
    return row && withoutUntold(row);
  }

  async function signingKey(): Promise<ThreadKey> {
    const [row] = await world.query<{ id: number; secret: string }>(
      'select id, secret from thread_key order by id desc',
    );
    if (!row) throw new Error('no key was made');
    return { id: row.id.toString(36), secret: row.secret };
  }

  /** The mail is on a ticket of its own, which says why; the other is as it was. */
  async function expectApart({ ticket }: Asked, mail: { state: string; ticket_id: number | null }, because: RegExp) {
    expect(mail.state).toBe('ticketed');
    expect(mail.ticket_id).not.toBe(ticket.id);
    const told = (await historyOf(world, Number(mail.ticket_id))).filter(({ what }) => what === 'not appended');
    expect(told.map((event) => event.because)).toEqual([expect.stringMatching(because)]);
    expect(await ticketNow(ticket)).toEqual(ticket);
  }

  return {
    get world() {
      return world;
    },
    /** Of a world with Desk. */
    get double() {
      if (!double) throw new Error('this world has no Desk');
      return double;
    },
    ...{ send, asked, ticketNow, signingKey, expectApart },
  };
}

/** Whether Desk is to be told something says nothing about the ticket. */
function withoutUntold(row: TicketSeen & { untold?: boolean }): TicketSeen {
  const { untold: _, ...ticket } = row;
  return ticket;
}
