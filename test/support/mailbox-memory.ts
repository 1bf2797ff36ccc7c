/** What the ledger does for a mailbox, in memory: for tests of the adapters alone. */
import type { Arrival, Batch, Cursor, Mailbox, MailboxMemory } from '../../src/ports.ts';

export type TestMemory = MailboxMemory & {
  readonly stored: Map<string, Arrival>;
  commit(batch: Batch): void;
};

/** A memory that refuses what the real one must never see: a message twice, or a cursor that goes back. */
export function createTestMemory(since: Date = new Date(0)): TestMemory {
  const stored = new Map<string, Arrival>();
  let cursor: Cursor | null = null;
  return {
    stored,
    since,
    cursor: async () => cursor,
    known: async (locators) => new Set(locators.filter((locator) => stored.has(locator))),
    commit(batch) {
      for (const arrival of batch.arrivals) {
        if (stored.has(arrival.locator)) throw new Error(`${arrival.locator} came twice`);
        stored.set(arrival.locator, arrival);
      }
      const next = batch.cursor;
      if (next && cursor?.epoch === next.epoch && next.position < cursor.position) {
        throw new Error(`the cursor went back from ${cursor.position} to ${next.position}`);
      }
      cursor = next ?? cursor;
    },
  };
}

/** Drains a mailbox into a memory, committing each batch; returns the batches. */
export async function drainInto(
  mailbox: Mailbox,
  memory: TestMemory,
  signal: AbortSignal = new AbortController().signal,
): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of mailbox.drain(memory, signal)) {
    memory.commit(batch);
    batches.push(batch);
  }
  return batches;
}

/** The subjects of what was stored, in the order in which it came. */
export const subjectsOf = (arrivals: Iterable<Arrival>): string[] =>
  [...arrivals].map(({ raw }) => /^Subject: (.*?)\r?$/m.exec(raw.toString('latin1'))?.[1] ?? '(none)');

/** A small message; `padding` bytes make it larger. */
export function testMail(subject: string, padding = 0): Buffer {
  const lines = [
    'From: partner@partner.example',
    'To: partner-support@zoho.example',
    `Subject: ${subject}`,
    `Message-ID: <${subject.replaceAll(' ', '-')}@partner.example>`,
    '',
    `Text of ${subject}: a byte above 7 bits follows \u00e9`,
    'x'.repeat(padding),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
}
