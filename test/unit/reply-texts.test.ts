/** Every text we ship, in every language and kind, with all that can be in it and with nothing: what partners really read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'htmlparser2';
import { describe, expect, test } from 'vitest';
import { REPLY_KINDS, type ReplyKind, type Severity } from '../../src/model.ts';
import { type ComposedReply, type ComposeInput, compose } from '../../src/pipeline/reply/compose.ts';
import type { Receipt } from '../../src/pipeline/reply/receipt.ts';
import { SAMPLE_RECEIPT, sampleInput } from '../../src/pipeline/reply/sample.ts';
import { loadPolicy } from '../../src/policy.ts';
import { loadTemplates } from '../../src/templates.ts';

const ROOT = join(import.meta.dirname, '../..');
const policy = loadPolicy(join(ROOT, 'policy'));
const { replyLanguages } = policy.outbound;
const templates = loadTemplates(join(ROOT, 'templates'), replyLanguages);
const write = (input: ComposeInput): ComposedReply => compose(templates, policy, input);
const of = (kind: ReplyKind, language: string, over: Partial<ComposeInput> = {}): ComposedReply =>
  write({ ...sampleInput(kind, language), ...over });

/** Nothing that need not be there. */
const bare = (kind: ReplyKind, language: string): ComposedReply =>
  of(kind, language, {
    subject: '',
    understood: [],
    missing: [],
    superadmin: null,
    matchedBy: null,
    mailbox: { used: 'com', expected: 'com' },
    receipt: null,
  });

/** Elements with their attributes, and the text between them. */
function read(html: string): { elements: string[]; links: string[]; text: string } {
  const elements: string[] = [];
  const links: string[] = [];
  let text = '';
  const parser = new Parser({
    onopentag(name, attributes) {
      elements.push(`${name} ${JSON.stringify(attributes)}`);
      if (name === 'a') links.push(attributes.href ?? '');
    },
    oncomment: (comment) => elements.push(`comment ${comment}`),
    ontext: (piece) => (text += piece),
  });
  parser.end(html);
  return { elements, links, text };
}

function expectSound(reply: ComposedReply): void {
  for (const part of [reply.subject, reply.text, reply.html]) {
    expect(part).not.toMatch(/\{\{|\}\}|undefined|\[object|NaN|Invalid Date/);
    expect(part).not.toMatch(/[\p{Co}\u202a-\u202e\u2066-\u2069]/u);
  }
  expect(reply.text, 'Markdown or HTML in the text').not.toMatch(/\*\*|`|<\/?[a-z]|\]\(|&(amp|lt|quot|#39);|^#|^>/m);
  expect(reply.text, 'empty places').not.toMatch(/\n{3}|[^\S\n]\n|«»|“”|„“|„”|「」|""|\(\)|（）|« »/);
  expect(reply.html).not.toMatch(/<(img|link|script|iframe|form|table)\b|url\(|@import|[^-]color:(?!scheme)/);
}

test('there are texts in every language that we read', () => {
  expect([...replyLanguages].toSorted()).toEqual(Object.keys(policy.labels.languages).toSorted());
  const folders = readdirSync(join(ROOT, 'templates'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).toSorted()).toEqual([...replyLanguages].toSorted());
  expect(replyLanguages).toHaveLength(18);
});

const LANGUAGES = [...replyLanguages];
const { com, eu } = policy.mailboxes.mailboxes;

describe.each(LANGUAGES)('%s', (language) => {
  const words = policy.labels.languages[language];
  const label = (field: 'superadminEmail' | 'customerEmail' | 'product') => words?.labels[field]?.[0] ?? '?';
  const direction = language === 'ar' ? 'rtl' : 'ltr';

  test.each(REPLY_KINDS)('%s is whole with everything, with nothing, and with each part alone or away', (kind) => {
    const all = sampleInput(kind, language);
    const full = of(kind, language);
    const none = bare(kind, language);
    expectSound(full);
    expectSound(none);
    for (const { text } of [full, none, read(full.html), read(none.html)].map((one) => ({ text: one.text })))
      expect(text).toContain('P-1042');
    for (const text of [full.text, read(full.html).text]) {
      expect(text).toContain('Reports show wrong totals');
      expect(text).toContain('ana.martins@client.example');
      expect(text).toContain(label('customerEmail'));
      expect(text).toContain(label('product'));
      expect(text, 'both mailboxes').toContain(com.address);
      expect(text).toContain(eu.address);
    }
    expect(none.text, 'no mailbox when it was the right one').not.toContain(com.address);
    expect(read(full.html).links.toSorted()).toEqual([eu.helpCentre, eu.store].toSorted());
    expect(read(none.html).links.toSorted()).toEqual([com.helpCentre, com.store].toSorted());
    expect(full.text).toContain(`(${eu.helpCentre})`);
    expect(full.subject).toBe('Re: Reports show wrong totals [P-1042]');
    expect(full.html).toContain(`<html lang="${language}" dir="${direction}">`);
    expect(full.html).toContain(`<div lang="${language}" dir="${direction}"`);
    expect(full.language).toBe(language);
    const optional = ['subject', 'understood', 'missing', 'superadmin', 'matchedBy', 'mailbox', 'receipt'] as const;
    const without = { subject: '', understood: [], missing: [], superadmin: null, matchedBy: null, receipt: null };
    for (const part of optional) {
      const mailbox = { used: 'com', expected: 'com' } as const;
      const nothing = { ...without, mailbox };
      expectSound(write({ ...all, [part]: nothing[part] }));
      expectSound(write({ ...all, ...nothing, [part]: all[part] }));
    }
    if (kind === 'receipt') expect(full.text).not.toContain(label('superadminEmail'));
    else
      expect(
        read(full.html)
          .text.split('\n')
          .map((line) => line.replace(/\s?[:：]$/, '')),
      ).toContain(label('superadminEmail'));
  });

  test.each(REPLY_KINDS)('%s says all that the English text says', (kind) => {
    expect(variablesOf(kind, language)).toEqual(variablesOf(kind, 'en'));
  });

  test('asked for what was given in vain, it says so', () => {
    const input = sampleInput('missing-superadmin-ask', language);
    const understood = input.understood.filter(({ field }) => field === 'product');
    const paragraphs = (reply: ComposedReply) => reply.text.split('\n\n').length;
    expect(paragraphs(write({ ...input, understood: [...understood, { field: 'zgid', value: '655906806' }] }))).toBe(
      paragraphs(write({ ...input, understood })) + 1,
    );
  });

  test('a receipt tells each reason in words of its own, and only what was decided', () => {
    const tell = (over: Partial<Receipt>) =>
      of('receipt', language, { receipt: { ...SAMPLE_RECEIPT, words: [], ...over } }).text;
    const impact = (severity: Severity) => tell({ severity });
    const none = { severity: null, why: null, respondBy: null };
    const texts = [
      impact('S1'),
      impact('S2'),
      impact('S3'),
      tell({ severity: 'S1', why: 'large-account' }),
      tell({ severity: 'S3', why: 'how-to' }),
      tell({ severity: 'S3', exempt: 'feature-request', respondBy: null }),
      tell({ severity: 'S3', exempt: 'product-limitation', respondBy: null }),
      tell({ severity: 'S3', exempt: 'other', respondBy: null }),
      tell({ ...none, why: 'partner-operations' }),
      tell(none),
      of('receipt', language).text,
    ];
    expect(new Set(texts).size).toBe(texts.length);
    for (const text of texts) expect(text).not.toMatch(/\n{3}| {2}|\*\*/);
    for (const text of texts.slice(0, 5)) expect(text).toContain('2026');
    for (const text of texts.slice(5, 10)) expect(text).not.toContain('2026');
    for (const text of texts.slice(8, 10)) expect(text).not.toMatch(/\bS[123]\b/);
    expect(texts.at(-1)).toContain('shows wrong totals');
    // 13:05 in London is 14:05 in Berlin, in winter.
    expect(texts.at(-1)).toMatch(/14[:.]05/);
    expect(texts.filter((text) => text.includes(timeZoneIn(language)))).toHaveLength(6);
  });

  test.each(REPLY_KINDS)('%s: a hostile value changes nothing around it', (kind) => {
    const everywhere = (value: string): ComposedReply => {
      const hostile = `x${value}`;
      const input = sampleInput(kind, language);
      return write({
        ...input,
        subject: hostile,
        understood: input.understood.map(({ field }) => ({ field, value: hostile })),
        superadmin: input.superadmin && hostile,
        receipt: input.receipt ? { ...input.receipt, words: [hostile, hostile] } : null,
      });
    };
    const harmless = everywhere('');
    const expected = { elements: read(harmless.html).elements, lines: harmless.text.split('\n').length };
    for (const value of HOSTILE) {
      const reply = everywhere(value);
      expect(read(reply.html).elements, value.slice(0, 40)).toEqual(expected.elements);
      expect(reply.text.split('\n'), value.slice(0, 40)).toHaveLength(expected.lines);
      expect(reply.subject).toMatch(/^Re: x[^\p{Cc}\p{Zl}\p{Zp}\p{Co}]* ?\[P-1042\]$/u);
      expect(reply.subject.length).toBeLessThan(210);
      expect(reply.subject).not.toContain('=?');
      expect(reply.text + reply.html).not.toMatch(/[\p{Co}\u202a-\u202e\u2066-\u2069]|evil\.example/u);
      expect(reply.text.length).toBeLessThan(6000);
    }
  });
});

function variablesOf(kind: ReplyKind, language: string): string[] {
  const source = readFileSync(join(ROOT, 'templates', language, `${kind}.md`), 'utf8');
  const names = [...source.matchAll(/\{\{(?:#(?:if|each|unless) |else if )?([a-z]\w*)/gi)].map(
    ([, name]) => name ?? '',
  );
  return [...new Set(names)].filter((name) => name !== 'else').toSorted();
}

const HOSTILE = [
  '</bdi></p><script>alert(1)</script><img src=x onerror=alert(1)>',
  '**a** [b](javascript:c) ![d](https://evil.example/e.png) `f` # g\n\n- h\n> i\n```\nj',
  '\r\nBcc: victim@client.example\r\n\r\nbody',
  '\u202egpj.exe\u2067\u200f\u061c \u2028\u2029\u0085',
  '=?utf-8?q?=0D=0ABcc:_victim@client.example?=',
  '{{ticketNumber}}{{#each understood}}{{/each}}{{constructor}} $& $1',
  '\uE000\uE001\uF8FF www.evil.example evil.example/login',
  'y'.repeat(10_000),
];

function timeZoneIn(language: string): string {
  const format = new Intl.DateTimeFormat(language, { timeZone: 'Europe/Berlin', timeZoneName: 'long' });
  const at = new Date('2026-03-02T13:05:00Z');
  return format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '?';
}
