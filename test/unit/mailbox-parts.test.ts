/** The pure parts of reading mailboxes: addresses, batches, headers, pauses. */
import { describe, expect, it } from 'vitest';
import { backoff } from '../../src/adapters/backoff.ts';
import { parseImapUrl } from '../../src/adapters/imap-account.ts';
import { headerOf, inBatches } from '../../src/adapters/mailbox-batches.ts';
import { MAILBOX_LIMITS } from '../../src/adapters/mailbox-limits.ts';
import { UserError } from '../../src/errors.ts';

describe('parseImapUrl', () => {
  it.each([
    ['imaps://ana@imap.mail.example:993/INBOX', ['imap.mail.example', 993, 'tls', 'ana', 'INBOX']],
    ['imaps://ana%40mail.example@imap.mail.example', ['imap.mail.example', 993, 'tls', 'ana@mail.example', 'INBOX']],
    ['imaps://ana@mail.example@imap.mail.example/', ['imap.mail.example', 993, 'tls', 'ana@mail.example', 'INBOX']],
    ['imaps://ana@h.example/Team%20A/In', ['h.example', 993, 'tls', 'ana', 'Team A/In']],
    ['imap://ana@127.0.0.1:4000/INBOX', ['127.0.0.1', 4000, 'plain', 'ana', 'INBOX']],
    ['imap://ana@localhost', ['localhost', 143, 'plain', 'ana', 'INBOX']],
    ['imap://ana@[::1]:4000', ['::1', 4000, 'plain', 'ana', 'INBOX']],
    ['imap://ana@imap.mail.example', ['imap.mail.example', 143, 'starttls', 'ana', 'INBOX']],
    ['imap://ana@127.evil.example', ['127.evil.example', 143, 'starttls', 'ana', 'INBOX']],
  ])('reads %s', (url, expected) => {
    const { host, port, security, user, folder } = parseImapUrl(url, 'p');
    expect([host, port, security, user, folder]).toEqual(expected);
  });

  it.each(['nonsense', 'https://ana@h.example/', 'imaps://h.example/INBOX', 'imaps://ana:secret@h.example/'])(
    'refuses %s in one line that tells no secret',
    (url) => {
      const attempt = () => parseImapUrl(url, 'p');
      expect(attempt).toThrow(UserError);
      expect(attempt).not.toThrow(/secret|\n/);
    },
  );
});

describe('inBatches', () => {
  const limits = { ...MAILBOX_LIMITS, batchMessages: 3, batchBytes: 100, maxMessageBytes: 1_000, maxHeaderBytes: 10 };
  const sizes = (...given: number[]): number[][] =>
    inBatches(
      given.map((size) => ({ size })),
      limits,
    ).map((batch) => batch.map(({ size }) => size));

  it('ends a batch by count or by bytes, keeps the order and leaves nothing out', () => {
    expect(sizes()).toEqual([]);
    expect(sizes(1, 1, 1, 1)).toEqual([[1, 1, 1], [1]]);
    expect(sizes(60, 40, 1)).toEqual([[60, 40], [1]]);
    expect(sizes(1, 500, 1)).toEqual([[1], [500], [1]]);
    // Of an oversized message only the header is read.
    expect(sizes(50, 5_000, 40)).toEqual([[50, 5_000, 40]]);
  });
});

describe('headerOf', () => {
  it.each([
    ['A: 1\r\nB: 2\r\n\r\nbody\r\n\r\n', 'A: 1\r\nB: 2\r\n\r\n'],
    ['A: 1\n\nbody\r\n\r\n', 'A: 1\n\n'],
    ['A: 1\r\n', 'A: 1\r\n'],
    ['A: 1\r\nB: 22222222222222222222', 'A: 1\r\nB: 22222222222222'.slice(0, 20)],
  ])('cuts %j', (raw, expected) => {
    expect(headerOf(Buffer.from(raw), 20).toString()).toBe(expected);
  });
});

describe('backoff', () => {
  it('doubles from a second to five minutes and is spread over the upper half', () => {
    expect([0, 1, 2, 3].map((attempt) => backoff(attempt, () => 1))).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(backoff(3, () => 0)).toBe(4_000);
    for (const attempt of [9, 100, 1e9, Number.POSITIVE_INFINITY]) expect(backoff(attempt, () => 1)).toBe(300_000);
    expect(backoff(-1, () => 1)).toBe(1_000);
  });
});
