/** What every Mailbox promises (src/ports.ts), as tests that each adapter must pass. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MailboxLimits } from '../../src/adapters/mailbox-limits.ts';
import { IntakeError } from '../../src/errors.ts';
import type { Mailbox } from '../../src/ports.ts';
import { createTestMemory, drainInto, subjectsOf, testMail } from './mailbox-memory.ts';

export type MailboxWorld = {
  open(limits?: Partial<MailboxLimits>): Mailbox;
  /** A mailbox whose folder is not there. */
  openMissing(): Mailbox;
  /** Delivers as a mail server would, with this arrival time (to the second). */
  deliver(raw: Buffer, arrivedAt?: Date): Promise<void>;
  /** A person reads and flags the message with this subject. */
  readByPerson(subject: string): Promise<void>;
  remove(subject: string): Promise<void>;
  /** Everything a mail program can see of the messages: reading must not change it. */
  state(): Promise<unknown>;
  end(): Promise<void>;
};

const ARRIVED = new Date('2026-03-02T10:00:00Z');
const QUICK_MS = 5_000;
const never = (): AbortSignal => new AbortController().signal;

export function mailboxContract(kind: string, start: () => Promise<MailboxWorld>): void {
  describe(`a mailbox (${kind})`, () => {
    let world: MailboxWorld;
    const opened: Mailbox[] = [];
    const open = (limits?: Partial<MailboxLimits>): Mailbox => {
      const mailbox = world.open(limits);
      opened.push(mailbox);
      return mailbox;
    };
    beforeEach(async () => {
      world = await start();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((mailbox) => mailbox.close()));
      await world.end();
    });

    it('yields nothing from an empty mailbox, as often as it is asked', async () => {
      const [mailbox, memory] = [open(), createTestMemory()];
      for (let time = 0; time < 3; time++) {
        expect((await drainInto(mailbox, memory)).flatMap((batch) => batch.arrivals)).toEqual([]);
      }
      expect(await mailbox.list(new Date(0))).toEqual([]);
    });

    it('yields 300 messages once each, oldest first, byte for byte, in batches of at most 50', async () => {
      const sent = Array.from({ length: 300 }, (_, n) => testMail(`mail ${n}`));
      for (const [n, raw] of sent.entries()) await world.deliver(raw, new Date(ARRIVED.getTime() + n * 1000));
      const [mailbox, memory] = [open(), createTestMemory()];
      const batches = await drainInto(mailbox, memory);
      expect(Math.max(...batches.map((batch) => batch.arrivals.length))).toBeLessThanOrEqual(50);
      const stored = [...memory.stored.values()];
      expect(Buffer.concat(stored.map(({ raw }) => raw)).equals(Buffer.concat(sent))).toBe(true);
      expect(stored.map(({ arrivedAt }) => arrivedAt.getTime())).toEqual(
        sent.map((_, n) => ARRIVED.getTime() + n * 1000),
      );
      expect(await drainInto(mailbox, memory)).toEqual([]);
      expect(new Set(await mailbox.list(new Date(0)))).toEqual(new Set(memory.stored.keys()));
    });

    it('cuts batches by bytes too, and leaves a huge message alone in its batch', async () => {
      for (const size of [400, 400, 5_000, 400]) await world.deliver(testMail('sized', size));
      const batches = await drainInto(open({ batchBytes: 2_000 }), createTestMemory());
      expect(batches.map((batch) => batch.arrivals.length).filter((count) => count > 0)).toEqual([2, 1, 1]);
    });

    it('takes what arrives during the drain', async () => {
      for (const subject of ['a', 'b']) await world.deliver(testMail(subject));
      const [mailbox, memory] = [open({ batchMessages: 1 }), createTestMemory()];
      let late = false;
      for await (const batch of mailbox.drain(memory, never())) {
        memory.commit(batch);
        if (!late) await world.deliver(testMail('late'));
        late = true;
      }
      expect(subjectsOf(memory.stored.values()).sort()).toEqual(['a', 'b', 'late']);
    });

    it('yields a batch again when it was not committed', async () => {
      for (const subject of ['a', 'b', 'c']) await world.deliver(testMail(subject));
      const [mailbox, memory] = [open({ batchMessages: 2 }), createTestMemory()];
      for await (const batch of mailbox.drain(memory, never())) {
        expect(batch.arrivals).toHaveLength(2);
        break;
      }
      await drainInto(mailbox, memory);
      expect(subjectsOf(memory.stored.values()).sort()).toEqual(['a', 'b', 'c']);
    });

    it('leaves out what arrived before the start date, in drain and in list', async () => {
      await world.deliver(testMail('old'), new Date('2026-03-01T09:59:59Z'));
      await world.deliver(testMail('new'), new Date('2026-03-01T10:00:00Z'));
      await world.deliver(testMail('older'), new Date('2020-01-01T00:00:00Z'));
      const since = new Date('2026-03-01T10:00:00Z');
      const [mailbox, memory] = [open(), createTestMemory(since)];
      await drainInto(mailbox, memory);
      expect(subjectsOf(memory.stored.values())).toEqual(['new']);
      expect(await mailbox.list(since)).toEqual([...memory.stored.keys()]);
      expect(await mailbox.list(new Date(0))).toHaveLength(3);
    });

    it('takes only the header of an oversized message, with its size', async () => {
      const large = testMail('large', 20_000);
      for (const raw of [testMail('before'), large, testMail('after')]) await world.deliver(raw);
      const memory = createTestMemory();
      await drainInto(open({ maxMessageBytes: 10_000 }), memory);
      const arrivals = [...memory.stored.values()];
      expect(subjectsOf(arrivals)).toEqual(['before', 'large', 'after']);
      expect(arrivals.map(({ oversized }) => oversized)).toEqual([null, large.length, null]);
      expect(arrivals[1]?.raw.toString('latin1')).toBe(
        large.toString('latin1').slice(0, large.indexOf('\r\n\r\n') + 4),
      );
    });

    it('changes nothing that a mail program sees, and cares for no flag', async () => {
      for (const subject of ['unread', 'read']) await world.deliver(testMail(subject));
      await world.readByPerson('read');
      const before = await world.state();
      const [mailbox, memory] = [open(), createTestMemory()];
      await drainInto(mailbox, memory);
      await mailbox.list(new Date(0));
      expect(await world.state()).toEqual(before);
      expect(subjectsOf(memory.stored.values()).sort()).toEqual(['read', 'unread']);
      // Read by a person between two drains: the same message, not a new one.
      await world.readByPerson('unread');
      expect((await drainInto(mailbox, memory)).flatMap((batch) => batch.arrivals)).toEqual([]);
      expect(new Set(await mailbox.list(new Date(0)))).toEqual(new Set(memory.stored.keys()));
    });

    it('goes on over what was deleted meanwhile', async () => {
      for (const subject of ['a', 'b', 'c', 'd']) await world.deliver(testMail(subject));
      const [mailbox, memory] = [open({ batchMessages: 1 }), createTestMemory()];
      let first = true;
      for await (const batch of mailbox.drain(memory, never())) {
        memory.commit(batch);
        if (first) await world.remove('b');
        first = false;
      }
      expect(subjectsOf(memory.stored.values()).sort()).toEqual(['a', 'c', 'd']);
    });

    it('wakes at once for mail that comes while it waits', async () => {
      const [mailbox, memory] = [open({ pollIntervalMs: 60_000 }), createTestMemory()];
      await drainInto(mailbox, memory);
      const waiting = mailbox.wait(never());
      const started = performance.now();
      await world.deliver(testMail('waker'));
      await waiting;
      expect(performance.now() - started).toBeLessThan(QUICK_MS);
      await drainInto(mailbox, memory);
      expect(subjectsOf(memory.stored.values())).toEqual(['waker']);
    });

    it('does not sleep over mail that came between the drain and the wait', async () => {
      const [mailbox, memory] = [open({ pollIntervalMs: 60_000 }), createTestMemory()];
      await drainInto(mailbox, memory);
      await world.deliver(testMail('between'));
      const started = performance.now();
      await mailbox.wait(never());
      expect(performance.now() - started).toBeLessThan(QUICK_MS);
    });

    it('ends a wait after the poll interval, on abort and on close', async () => {
      const polled = open({ pollIntervalMs: 30 });
      await drainInto(polled, createTestMemory());
      await polled.wait(never());
      const patient = open({ pollIntervalMs: 60_000 });
      await drainInto(patient, createTestMemory());
      const stop = new AbortController();
      const waits = [patient.wait(stop.signal), patient.wait(never())];
      stop.abort();
      await waits[0];
      await patient.wait(stop.signal);
      await patient.close();
      await waits[1];
    });

    it('stops draining between two batches when it is aborted, and goes on later', async () => {
      for (const subject of ['a', 'b', 'c']) await world.deliver(testMail(subject));
      const [mailbox, memory] = [open({ batchMessages: 1 }), createTestMemory()];
      const stop = new AbortController();
      for await (const batch of mailbox.drain(memory, stop.signal)) {
        memory.commit(batch);
        stop.abort();
      }
      expect(memory.stored.size).toBe(1);
      expect(await drainInto(mailbox, memory, stop.signal)).toEqual([]);
      await drainInto(mailbox, memory);
      expect(memory.stored.size).toBe(3);
    });

    it('says in plain words how it is', async () => {
      await world.deliver(testMail('one'));
      expect(await open().check()).toMatch(/holds 1 messages/);
    });

    it('says what to mend when the folder is missing, and makes none', async () => {
      const missing = world.openMissing();
      opened.push(missing);
      for (const attempt of [() => missing.check(), () => drainInto(missing, createTestMemory())]) {
        const error = await attempt().then(
          () => null,
          (thrown) => thrown,
        );
        expect(error).toBeInstanceOf(IntakeError);
        expect(error).toMatchObject({ verdict: 'permanent', code: 'config' });
      }
    });
  });
}
