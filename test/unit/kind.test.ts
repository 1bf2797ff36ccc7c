import { describe, expect, it } from 'vitest';
import { parseMail } from '../../src/pipeline/mail/parse.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);

async function kindOf(headers: Readonly<Record<string, string>>, body = 'Hello'): Promise<string> {
  const all: Record<string, string> = { From: 'Sam <sam@partner.example>', Subject: 'Request', ...headers };
  const raw = `${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')}\r\n\r\n${body}`;
  const { mail } = await parseMail(Buffer.from(raw), policy);
  expect(mail.kindBecause).not.toBe('');
  return mail.kind;
}

it.each<[string, Record<string, string>]>([
  ['bounce', { 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b' }],
  ['bounce', { From: 'Mail Delivery <MAILER-DAEMON@mx.example>' }],
  ['bounce', { From: 'postmaster@mx.example', 'Auto-Submitted': 'auto-replied' }],
  ['bounce', { 'Return-Path': '<>' }],
  ['bounce', { 'X-Failed-Recipients': 'a@b.example', 'X-Partner-Intake-Loop': '1' }],
  ['auto-reply', { 'Return-Path': '<>', 'Auto-Submitted': 'auto-replied (vacation)' }],
  ['auto-reply', { 'Content-Type': 'multipart/report; report-type=disposition-notification; boundary=b' }],
  ['own', { 'X-Partner-Intake-Loop': 'abc', 'Auto-Submitted': 'auto-replied' }],
  ['own', { From: 'Zoho <Partner-Support@eu.ZohoCorp.com>' }],
  ['auto-reply', { 'Auto-Submitted': 'auto-generated' }],
  ['auto-reply', { 'X-Autoreply': 'yes' }],
  ['auto-reply', { 'X-Auto-Reply': 'yes' }],
  ['auto-reply', { 'X-Autorespond': 'yes' }],
  ['auto-reply', { 'X-Auto-Respond': 'yes' }],
  ['auto-reply', { 'X-Autoresponder': 'x' }],
  ['auto-reply', { 'X-Loop': 'x' }],
  ['auto-reply', { 'X-FC-MachineGenerated': 'true' }],
  ['auto-reply', { 'X-AMAZON-MAIL-RELAY-TYPE': 'notification' }],
  ['auto-reply', { Precedence: 'auto_reply' }],
  ['auto-reply', { 'X-Auto-Response-Suppress': 'All', From: 'no-reply@partner.example' }],
  ['list', { 'List-Id': '<news.partner.example>' }],
  ['list', { 'List-Unsubscribe': '<mailto:x@partner.example>' }],
  ['list', { Precedence: 'bulk' }],
  ['list', { Precedence: 'list' }],
  ['list', { Precedence: 'junk' }],
])('%s: %o', async (kind, headers) => {
  expect(await kindOf(headers)).toBe(kind);
});

it('a header that stands there twice says what either says, and a comment says nothing', async () => {
  const twice = (name: string, ...values: string[]) => ({
    'X-Mailer': ['x', ...values.map((value) => `${name}: ${value}`)].join('\r\n'),
  });
  expect(await kindOf(twice('Auto-Submitted', 'no', 'auto-replied'))).toBe('auto-reply');
  expect(await kindOf(twice('Auto-Submitted', 'no', 'no'))).toBe('request');
  expect(await kindOf({ 'Auto-Submitted': '(rejected) auto-replied' })).toBe('auto-reply');
  expect(await kindOf({ 'Auto-Submitted': 'no (auto-replied)' })).toBe('request');
  expect(await kindOf(twice('X-Autoreply', 'no', 'yes'))).toBe('auto-reply');
  expect(await kindOf(twice('Precedence', 'first-class', 'auto_reply'))).toBe('auto-reply');
  expect(await kindOf(twice('Precedence', 'first-class', 'bulk'))).toBe('list');
  expect(await kindOf(twice('Precedence', 'first-class', 'list'))).toBe('list');
});

describe('absence notices', () => {
  const starts = Object.entries(policy.labels.languages).flatMap(([code, language]) =>
    language.outOfOffice.map((start) => [code, start] as const),
  );
  it.each(starts)('%s: %s', async (_, start) => {
    expect(await kindOf({ Subject: `=?utf-8?B?${Buffer.from(`${start}: Re: Request`).toString('base64')}?=` })).toBe(
      'auto-reply',
    );
    expect(await kindOf({ Subject: `=?utf-8?B?${Buffer.from(start).toString('base64')}?=` })).toBe('auto-reply');
  });
});

it.each<[string, Record<string, string>, string]>([
  ['plain', {}, 'Hello'],
  ['Auto-Submitted: no', { 'Auto-Submitted': 'no' }, 'Hello'],
  ['Outlook suppresses automatic answers', { 'X-Auto-Response-Suppress': 'DR, OOF, AutoReply' }, 'Hello'],
  ['priority headers', { Precedence: 'first-class', Importance: 'high' }, 'Hello'],
  ['a question about absence notices', { Subject: 'Out of office replies are not sent in Zoho Mail' }, 'Hello'],
  ['a template with such a subject', { Subject: 'Automatic reply' }, 'ZOID: 76006415\nZoho product name: Zoho Mail'],
  ['an own address as a display name', { From: '"partner-support@zohocorp.com" <sam@partner.example>' }, 'Hello'],
])('a person: %s', async (_, headers, body) => {
  expect(await kindOf(headers, body)).toBe('request');
});
