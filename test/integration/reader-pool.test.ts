import { afterEach, expect, it } from 'vitest';
import { createReaderPool, type ReaderPool } from '../../src/adapters/reader-pool.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const good = mail('Super admin email: owner@client.example\nZoho product name: CRM');
/** Takes seconds to read in full: tens of thousands of header lines, each looked at by the MIME parser. */
const slow = mail(`${'Customer email: a@client.example\n'.repeat(600_000)}`);

function mail(body: string): Buffer {
  return Buffer.from(`From: sam@partner.example\nSubject: Request\nMessage-ID: <1@partner.example>\n\n${body}`);
}

const open: ReaderPool[] = [];
function pool(options: Omit<Parameters<typeof createReaderPool>[0], 'policy'>): ReaderPool {
  const created = createReaderPool({ policy, ...options });
  open.push(created);
  return created;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((created) => created.close()));
});

it('reads in threads what the pipeline reads, leaving the bytes alone', async () => {
  const { mail: read, enquiry } = await pool({ threads: 1 }).read(good);
  expect(read).toMatchObject({ kind: 'request', degraded: false, from: { address: 'sam@partner.example' } });
  expect(enquiry.fields).toMatchObject({
    superadminEmail: { value: 'owner@client.example' },
    product: { value: 'Zoho CRM' },
  });
  expect(good.toString('latin1', 0, 5)).toBe('From:');
});

it('a mail that takes too long is read by hand and says so; the others are read in full', async () => {
  const readers = pool({ threads: 2, limits: { milliseconds: 400 } });
  await readers.read(good);
  const [bad, ...others] = await Promise.all([
    readers.read(slow),
    ...Array.from({ length: 20 }, () => readers.read(good)),
  ]);
  expect(bad.mail).toMatchObject({ degraded: true, subject: 'Request' });
  expect(bad.mail.degradedBecause).toMatch(/longer than 400 ms/);
  expect(bad.enquiry.fields.customerEmail?.value).toBe('a@client.example');
  expect(others.every(({ mail: other }) => !other.degraded)).toBe(true);
});

it('a mail that eats the memory of its thread is read by hand; the thread is replaced', async () => {
  const readers = pool({ threads: 1, limits: { heapMegabytes: 40, milliseconds: 60_000 } });
  const bad = await readers.read(mail('x\n'.repeat(12_000_000)));
  expect(bad.mail.degraded).toBe(true);
  expect(bad.mail.degradedBecause).toMatch(/memory/i);
  expect((await readers.read(good)).mail.degraded).toBe(false);
});

it('the limit does not count while a mail waits for its turn', async () => {
  const readers = pool({ threads: 1, limits: { milliseconds: 2_000 } });
  const start = performance.now();
  const reading = Array.from({ length: 6 }, () => readers.read(mail('Product: CRM\n'.repeat(30_000))));
  const read = await Promise.all(reading);
  expect(
    read.every(({ mail: one }) => !one.degraded),
    `after ${performance.now() - start} ms`,
  ).toBe(true);
});

it('what cannot be read at all is permanent', async () => {
  const readers = pool({ threads: 1, limits: { milliseconds: 0 } });
  await expect(readers.read(slow)).rejects.toMatchObject({ verdict: 'permanent', code: 'unreadable' });
});

it('close waits for what is being read', async () => {
  const readers = createReaderPool({ policy, threads: 1 });
  const reading = readers.read(good);
  await readers.close();
  expect((await reading).mail.subject).toBe('Request');
});
