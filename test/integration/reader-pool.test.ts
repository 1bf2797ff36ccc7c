import { afterEach, expect, it } from 'vitest';
import { createReaderPool, type ReaderPool } from '../../src/adapters/reader-pool.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const good = mail('Super admin email: owner@client.example\nZoho product name: CRM');
/** For a good mail far more than enough, on a busy machine too; a stuck one never ends. */
const PATIENCE = 3_000;
const stuckThread = new URL('../support/stuck-thread.ts', import.meta.url);
const greedy = Buffer.from('From: sam@partner.example\nSubject: greedy\n\nCustomer email: a@client.example');
const stuck = Buffer.from('From: sam@partner.example\nSubject: stuck\n\nCustomer email: a@client.example');
const greedyThread = new URL('../support/greedy-thread.ts', import.meta.url);
/** Twenty megabytes that are small one by one, and forty times as much when an object is made of every line. */
const manyLines = {
  'text parts': multipart('b', `--b\n\n${'x\n'.repeat(1_900_000)}`.repeat(4)),
  'line ends of two characters': multipart('b', `--b\n\n${'<\r\n'.repeat(700_000)}`.repeat(5)),
  'letters that look mangled': multipart('b', `--b\n\n${'é\n'.repeat(700_000)}`.repeat(5)),
  'lines outside of all parts': multipart('nowhere', 'x\n'.repeat(10_000_000)),
  'an attachment of text': multipart('b', `--b\nContent-Type: application/octet-stream\n\n${'x\n'.repeat(10_000_000)}`),
};

function mail(body: string): Buffer {
  return Buffer.from(`From: sam@partner.example\nSubject: Request\nMessage-ID: <1@partner.example>\n\n${body}`);
}

function multipart(boundary: string, body: string): Buffer {
  return Buffer.from(
    `From: sam@partner.example\nContent-Type: multipart/mixed; boundary=${boundary}\n\n${body}\n--b--`,
  );
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

it('a mail that takes too long is read by hand and says so; the others do not wait for it', async () => {
  const readers = pool({ threads: 2, thread: stuckThread, limits: { milliseconds: PATIENCE } });
  const order: string[] = [];
  const past = readers.read(stuck).finally(() => order.push('stuck'));
  const others = Array.from({ length: 20 }, () => readers.read(good).finally(() => order.push('good')));
  const { mail: bad, enquiry, pastLimit } = await past;
  expect(pastLimit).toMatch(/longer than \d+ ms/);
  expect(bad).toMatchObject({
    degraded: true,
    subject: 'stuck',
    degradedBecause: expect.stringMatching(/longer than/),
  });
  expect(enquiry.fields.customerEmail?.value).toBe('a@client.example');
  expect((await Promise.all(others)).every((other) => !other.mail.degraded && other.pastLimit === null)).toBe(true);
  expect(order.at(-1)).toBe('stuck');
  expect((await readers.read(good)).mail.degraded).toBe(false);
});

it('a mail that is too large is read by hand, as far as that goes', async () => {
  const { mail: read, pastLimit } = await pool({ threads: 1, limits: { bytes: 100 } }).read(mail('x'.repeat(100)));
  expect(pastLimit).toMatch(/bytes, more than 100/);
  expect(read).toMatchObject({ subject: 'Request', from: { address: 'sam@partner.example' } });
});

it('a mail that eats the memory of its thread is read by hand; the thread is replaced', async () => {
  const readers = pool({ threads: 1, thread: greedyThread, limits: { heapMegabytes: 80, milliseconds: 60_000 } });
  expect((await readers.read(greedy)).pastLimit).toMatch(/memory/);
  expect((await readers.read(good)).mail.degraded).toBe(false);
});

// A thread that is out of memory may take the process along: mail must not get it there. It has five times as much.
it.each(Object.entries(manyLines))('%s by the million do not fill the memory of a thread', async (_, raw) => {
  const readers = pool({ threads: 1, limits: { heapMegabytes: 100, milliseconds: 60_000 } });
  expect((await readers.read(raw)).pastLimit).toBeNull();
});

it('the limit does not count while a mail waits for its turn', async () => {
  const readers = pool({ threads: 1, thread: stuckThread, limits: { milliseconds: PATIENCE } });
  const past = [readers.read(stuck), readers.read(stuck)];
  const waited = readers.read(good);
  for (const one of await Promise.all(past)) expect(one.pastLimit).not.toBeNull();
  expect((await waited).mail.degraded).toBe(false);
});

it('what cannot be read by hand either is permanent', async () => {
  const readers = pool({ threads: 1, limits: { milliseconds: 0 } });
  await expect(readers.read(greedy)).rejects.toMatchObject({ verdict: 'permanent', code: 'unreadable' });
});

it('close waits for what is being read', async () => {
  const readers = createReaderPool({ policy, threads: 1 });
  const reading = readers.read(good);
  await readers.close();
  expect((await reading).mail.subject).toBe('Request');
});
