import { join } from 'node:path';
import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, test } from 'vitest';
import { IntakeError } from '../../src/errors.ts';
import { ASKING_KINDS, LOOKUP_KEYS } from '../../src/model.ts';
import { type ComposedReply, type ComposeInput, compose } from '../../src/pipeline/reply/compose.ts';
import { createSlots } from '../../src/pipeline/reply/reply-values.ts';
import { loadTemplates } from '../../src/templates.ts';
import { bareInput, fullInput, LANGUAGES, replyPolicy } from '../support/reply-policy.ts';

const templates = loadTemplates(join(import.meta.dirname, '../../templates'), LANGUAGES);
const write = (input: ComposeInput) => compose(templates, replyPolicy, input);

/** Every element with its attributes, in order: what a value must not be able to change. */
function elements(html: string): string[] {
  const found: string[] = [];
  const parser = new Parser({
    onopentag: (name, attributes) => found.push(`${name} ${JSON.stringify(attributes)}`),
    oncomment: (comment) => found.push(`comment ${comment}`),
  });
  parser.end(html);
  return found;
}

/** What a reader sees of the HTML. */
function seen(html: string): string {
  let text = '';
  const parser = new Parser({ ontext: (piece) => (text += piece) }, { decodeEntities: true });
  parser.end(html);
  return text;
}

function expectSound(reply: ComposedReply) {
  for (const part of [reply.subject, reply.text, reply.html]) {
    expect(part).not.toMatch(/\{\{|\}\}|undefined|\[object|NaN/);
    expect(part).not.toMatch(/[\uE000-\uF8FF]/);
  }
  expect(reply.text).not.toMatch(/\*\*|```|<\/?[a-z]|\]\(|&(amp|lt|#39);/);
  expect(reply.text).not.toMatch(/\n{3}|[^\S\n]\n|«»|“”|„“/);
  expect(reply.subject).not.toMatch(/\p{Cc}/u);
}

describe.each(LANGUAGES)('%s', (language) => {
  describe.each(ASKING_KINDS)('%s', (kind) => {
    const label = replyPolicy.labels.languages[language]?.labels.superadminEmail?.[0] ?? '?';
    const full = write(fullInput({ language, kind }));
    const bare = write(bareInput({ language, kind }));

    test('is sound with every optional part, with none, and with each alone or away', () => {
      const all = fullInput({ language, kind });
      const none = bareInput({ language, kind });
      const optional = ['subject', 'understood', 'missing', 'superadmin', 'matchedBy', 'mailbox'] as const;
      const replies = optional.flatMap((part) => [
        write({ ...none, [part]: all[part] }),
        write({ ...all, [part]: none[part] }),
      ]);
      for (const reply of [full, bare, ...replies]) expectSound(reply);
      for (const matchedBy of LOOKUP_KEYS) expectSound(write({ ...none, matchedBy }));
    });

    test('says number, subject, what was understood, and gives a line to copy and fill', () => {
      for (const text of [full.text, seen(full.html)]) {
        expect(text).toContain('P-1042');
        expect(text).toContain('CRM does not load');
        expect(text).toContain('ana@client.example');
        expect(text).toContain('The list stays empty. Since Monday.');
        expect(text).toContain(`yes-${language}`);
        expect(text).toMatch(new RegExp(`^${label} ?:$`, 'm'));
      }
      expect(bare.text).toMatch(new RegExp(`^${label} ?:$`, 'm'));
      expect(full.html).toMatch(new RegExp(`<pre [^>]*>${label} ?:`));
      expect(full.subject).toBe('Re: CRM does not load [P-1042]');
      expect(bare.subject).toBe('Re: [P-1042]');
    });

    test('names the right mailbox, and the other only when it was used wrongly', () => {
      for (const text of [full.text, seen(full.html)]) {
        expect(text).toContain('partner-support@com.example');
        expect(text).toContain('partner-support@eu.example');
      }
      expect(bare.text).not.toContain('partner-support@');
      expect(full.text).toContain('(https://help.eu.example)');
      expect(full.html).toContain('<a href="https://store.eu.example/zstore#partnerhome">');
      expect(bare.html).toContain('<a href="https://help.com.example">');
    });

    test('sets language and direction, and keeps addresses left to right', () => {
      const direction = language === 'ar' ? 'rtl' : 'ltr';
      expect(full.html).toContain(`<html lang="${language}" dir="${direction}">`);
      expect(full.html).toContain(`<div lang="${language}" dir="${direction}"`);
      expect(full.html).toContain('<bdi dir="ltr" style="display:inline-block">ana@client.example</bdi>');
      expect(full.html).toContain('<bdi dir="ltr" style="display:inline-block">P-1042</bdi>');
      expect(full.language).toBe(language);
    });

    test('brings nothing from elsewhere and no colours of its own', () => {
      expect(full.html).not.toMatch(/<(img|link|script|iframe|form|table)\b|url\(|@import|[^-]color:(?!scheme)/);
    });

    test("says the hours of the policy's first response", () => {
      const severities = replyPolicy.commitment.severities;
      const S1 = { ...severities.S1, firstResponse: { target: 11, commitment: 13 } };
      const commitment = { ...replyPolicy.commitment, severities: { ...severities, S1 } };
      const reply = compose(templates, { ...replyPolicy, commitment }, fullInput({ language, kind }));
      expect(reply.text).toMatch(/\b11\b.+\b13\b/);
    });
  });

  test('the super admin is quoted when unknown, and never in a note', () => {
    expect(write(fullInput({ language, kind: 'superadmin-unknown' })).text).toContain('owner@client.example');
    const leaky = [{ field: 'superadminEmail' as const, value: 'owner@client.example' }];
    const note = write(fullInput({ language, kind: 'missing-superadmin-note', understood: leaky }));
    expect(note.text + note.html).not.toContain('owner@client.example');
  });

  test('a note says by what the account was found', () => {
    const note = (matchedBy: ComposeInput['matchedBy']) =>
      write(bareInput({ language, kind: 'missing-superadmin-note', matchedBy })).text;
    expect(note('customerEmail')).toContain(`customer-email-${language}`);
    expect(note('domain')).not.toBe(note(null));
    expect(note('domain')).not.toContain('domain-');
  });
});

describe('fields', () => {
  test('what is missing is asked for first, then other ways to the account that were not given', () => {
    const lines = (input: ComposeInput) =>
      write(input)
        .text.match(/^.+:$(\n^.+:$)*/gm)
        ?.find((block) => block.includes('\n'));
    const understood = [{ field: 'zuid' as const, value: '650456410' }];
    expect(lines(bareInput({ missing: ['superadminEmail', 'description'], understood }))).toBe(
      'SuperAdmin Email Address of the Account:\ndescription-en:\ncustomer-email-en:\nzoid-en:',
    );
  });

  test('a label the language lacks comes from the fallback language, then is the field itself', () => {
    const understood = [
      { field: 'zuid' as const, value: '650456410' },
      { field: 'zgid' as const, value: '655906806' },
    ];
    const { text } = write(fullInput({ language: 'fr', understood }));
    expect(text).toContain('- zuid-en\u00a0: 650456410');
    expect(text).toContain('- zgid\u00a0: 655906806');
  });

  test('what says nothing is not listed', () => {
    const understood = [
      { field: 'reproducible' as const, value: 'unknown' },
      { field: 'product' as const, value: '\u202e\u0007 ' },
    ];
    expect(write(fullInput({ understood })).text).toBe(write(fullInput({ understood: [] })).text);
  });
});

describe('language', () => {
  test.each([
    ['pt-BR', 'pt'],
    ['DE', 'de'],
    ['da', 'en'],
    ['', 'en'],
    ['__proto__', 'en'],
  ])('%s is answered in %s', (wanted, used) => {
    expect(write(fullInput({ language: wanted })).language).toBe(used);
  });

  test('without any template the error is permanent and says so', () => {
    const failure = expect(() => compose(new Map(), replyPolicy, fullInput()));
    failure.toThrow(IntakeError);
    failure.toThrow(expect.objectContaining({ verdict: 'permanent', code: 'no-reply-template' }));
  });
});

describe('subject', () => {
  test.each([
    ['Re: RE : AW: Hello', 'Re: Hello [P-1042]'],
    ['RE[2]: Fwd: [P-1042] Hello', 'Re: Hello [P-1042]'],
    ['رد: مشكلة', 'Re: مشكلة [P-1042]'],
    ['回复：Hello', 'Re: Hello [P-1042]'],
    ['Re: Hello [P-1042]', 'Re: Hello [P-1042]'],
    ['[P-[P-1042]1042] Hello', 'Re: [P- 1042] Hello [P-1042]'],
    ['Reports: Hello', 'Re: Reports: Hello [P-1042]'],
    ['Re: Re:', 'Re: [P-1042]'],
    ['Hello\r\nBcc: victim@client.example', 'Re: Hello Bcc: victim@client.example [P-1042]'],
    ['Hello\u2028\u0085X-A: b', 'Re: Hello X-A: b [P-1042]'],
    ['a\u202egnp.exe\u2066b', 'Re: agnp.exeb [P-1042]'],
    ['=?utf-8?q?=0D=0ABcc:_x?=', 'Re: = ?utf-8?q?=0D=0ABcc:_x?= [P-1042]'],
    ['{{ticketNumber}} {{constructor}} __proto__', 'Re: {{ticketNumber}} {{constructor}} __proto__ [P-1042]'],
  ])('%j -> %j', (subject, expected) => {
    expect(write(fullInput({ subject })).subject).toBe(expected);
  });

  test('a very long one is cut, and the number stays', () => {
    const { subject } = write(fullInput({ subject: '😀'.repeat(50_000) }));
    expect(subject.length).toBeLessThan(210);
    expect(subject).toMatch(/😀… \[P-1042\]$/u);
    expect(subject.isWellFormed()).toBe(true);
  });
});

describe('a stranger’s value', () => {
  const everywhere = (value: string): ComposeInput =>
    fullInput({
      kind: 'superadmin-unknown',
      subject: `x${value}`,
      superadmin: `x${value}`,
      understood: (['customerEmail', 'product', 'description', 'zoid'] as const).map((field) => ({
        field,
        value: `x${value}`,
      })),
    });
  const harmless = elements(write(everywhere('')).html);

  test.each([
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['</title></bdi><script>alert(1)</script>', '</title></bdi><script>alert(1)</script>'],
    ['" onmouseover="x', '" onmouseover="x'],
    ['![a](javascript:x) `b` **c** # d', '![a](javascript:x) `b` **c** # d'],
    ['[a](javascript:alert(1))', '[a](javascript:alert(1))'],
    ['&lt;b&gt; &amp;', '&lt;b&gt; &amp;'],
    ['\n```\n\n# Heading\n- item', ' ``` # Heading - item'],
    ['\uE000\uE001\uF8FF', ''],
    ['$& $1 $`', '$& $1 $`'],
    ['\u202e\u2067\u200f\u061ccom.live', 'com.live'],
    ['\u{e0041}\u200b\ufeff\ud800', '\ufffd'],
    ['![x](http://evil.example/a.png)', '![x]([URL]'],
    [' www.evil.example now', ' [URL] now'],
    [' evil.example/login now', ' [URL] now'],
    [' version 2.1/3, z.B. no', ' version 2.1/3, z.B. no'],
  ])('%j is only text', (value, shown) => {
    const reply = write(everywhere(value));
    expect(elements(reply.html)).toEqual(harmless);
    expect(reply.text).toContain(`- description-en: x${shown}\n`);
    expect(seen(reply.html)).toContain(`description-en: x${shown}\n`);
    expect(reply.text).not.toMatch(/[\uE000-\uF8FF\u202a-\u202e\u2066-\u2069]/);
  });

  test('only a web address of the policy can be the target of a link', () => {
    const { put, target } = createSlots();
    const policy = put('https://help.com.example', 'url');
    expect(target(policy)).toBe('https://help.com.example');
    expect(target(`${policy}x`)).toBeNull();
    expect(target(put('javascript:x', 'url'))).toBeNull();
    expect(target(put('https://evil.example', 'word'))).toBeNull();
    expect(target('\uF8FF')).toBeNull();
  });

  test('100 kB are cut', () => {
    const reply = write(everywhere('<b>&"'.repeat(20_000)));
    expect(elements(reply.html)).toEqual(harmless);
    expect(reply.text.length).toBeLessThan(5000);
    expect(reply.html.length).toBeLessThan(16_000);
  });

  test('never yields an element, a header line, a line of text, or a direction (any value)', () => {
    const lines = write(everywhere('')).text.split('\n').length;
    const nasty = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '`',
      '*',
      '[',
      '](',
      '\n',
      '\r',
      '{{',
      '\uE000',
      '\u202e',
      '://',
      '\ud800',
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(nasty, fc.string())).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(value, (any) => {
        const reply = write(everywhere(any));
        expect(elements(reply.html)).toEqual(harmless);
        expect(reply.subject).toMatch(/^Re: [^\p{Cc}\p{Zl}\p{Zp}\uE000-\uF8FF]* ?\[P-1042\]$/u);
        expect(reply.text.split('\n')).toHaveLength(lines);
        expect(reply.text + reply.html).not.toMatch(/[\p{Co}\u202a-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 300 },
    );
  });
});
