import { describe, expect, it } from 'vitest';
import { fingerprint, messageIdOf } from '../../src/pipeline/mail/fingerprint.ts';
import { BOUNDED_MS } from '../support/bounded.ts';

const headers = [
  'Message-ID: <one@partner.example>',
  'From: sam@partner.example',
  'Date: Mon, 3 Mar 2025 10:00:00 +0100',
  'Subject: Long',
  ' subject',
];
const mail = (lines: readonly string[], end = '\r\n') => Buffer.from(lines.join(end));

describe('one mail, one fingerprint', () => {
  const one = fingerprint(mail([...headers, '', 'Hello', 'there', '']));

  it('whatever the delivery added', () => {
    const other = [
      'Return-Path: <x@partner.example>',
      'Received: from mx',
      ' by eu',
      'Delivered-To: eu@b.example',
      ...headers,
      'X-Spam: no',
      '',
      'Hello',
      'there',
    ];
    expect(fingerprint(mail(other))).toBe(one);
  });

  it('whatever the line ends, trailing blank lines and folding', () => {
    expect(fingerprint(mail([...headers, '', 'Hello', 'there', '', '', ''], '\n'))).toBe(one);
    expect(fingerprint(mail([...headers.slice(0, 3), 'Subject: Long subject', '', 'Hello', 'there']))).toBe(one);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
  });

  it('another one for another body, sender, date or subject', () => {
    const others = [
      [...headers, '', 'Hello', 'you'],
      [...headers, '', 'Hello', '', 'there'],
      ['From: eve@partner.example', ...headers, '', 'Hello', 'there'],
      [...headers.slice(0, 2), 'Date: Mon, 3 Mar 2025 10:00:01 +0100', ...headers.slice(3), '', 'Hello', 'there'],
      [...headers.slice(0, 3), 'Subject: Other', '', 'Hello', 'there'],
      [...headers.slice(1), '', 'Hello', 'there'],
    ];
    const all = [one, ...others.map((lines) => fingerprint(mail(lines)))];
    expect(new Set(all).size).toBe(all.length);
  });
});

it('is quick on 25 MB', () => {
  const raw = Buffer.concat([mail([...headers, '', '']), Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(330_000))]);
  const start = performance.now();
  fingerprint(raw);
  expect(performance.now() - start).toBeLessThan(BOUNDED_MS);
});

it('the Message-ID as the parsed mail has it', () => {
  expect(messageIdOf(mail([...headers, '', 'x']))).toBe('<one@partner.example>');
  expect(messageIdOf(mail(['Message-ID: bare@x.example', '', 'x']))).toBe('<bare@x.example>');
  expect(messageIdOf(mail(['Subject: x', '', 'Message-ID: <no@x.example>']))).toBeNull();
});
