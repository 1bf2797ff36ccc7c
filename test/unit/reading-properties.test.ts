/** Whatever a mail holds: reading it never throws, loses nothing, and takes time in proportion to its length. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParsedMail } from '../../src/model.ts';
import { htmlLines } from '../../src/pipeline/html/html.ts';
import { parseAddresses } from '../../src/pipeline/mail/address-header.ts';
import { parseMail } from '../../src/pipeline/mail/parse.ts';
import { readMail } from '../../src/pipeline/mail/read.ts';
import { decodeBytes, decodeCharset } from '../../src/pipeline/mime/charset.ts';
import { decodeWords } from '../../src/pipeline/mime/encoded-words.ts';
import { parameterOf } from '../../src/pipeline/mime/parameters.ts';
import { rtfText } from '../../src/pipeline/mime/rtf.ts';
import { decompressRtf } from '../../src/pipeline/mime/rtf-compressed.ts';
import { readTnef } from '../../src/pipeline/mime/tnef.ts';
import { takeOutFiles } from '../../src/pipeline/mime/uuencode.ts';
import { layOut } from '../../src/pipeline/separate/layout.ts';
import { linesOf, sourceOf } from '../../src/pipeline/separate/lines.ts';
import { readingOf } from '../../src/pipeline/words/reading.ts';
import { loadPolicy } from '../../src/policy.ts';
import { BOUNDED_MS } from '../support/bounded.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const reading = readingOf(policy);
/** The seed is fixed: a failure is the same on every machine. */
const RUNS = { numRuns: 300, seed: 20_250_303 };

/** Pieces that mean something to a reader, in any order: they find more than random letters do. */
const PIECES = [
  ...[
    'From: ',
    'To: ',
    'Subject: ',
    'Content-Type: ',
    'multipart/mixed',
    '; boundary=b',
    'text/html',
    'message/rfc822',
  ],
  ...[
    'Content-Transfer-Encoding: ',
    'base64',
    'quoted-printable',
    '=\n',
    '=C3',
    '=?utf-8?Q?',
    '?=',
    '=?gb2312?B?',
    '--b',
    '--b--',
  ],
  ...[
    '\n',
    '\r\n',
    '\r',
    '\n\n',
    ' ',
    '\t',
    '\0',
    '> ',
    '>> ',
    '-- ',
    '---',
    '____________',
    'begin 644 a',
    'end',
    '`',
  ],
  ...[
    'On 3 Mar 2025 at 10:00, Zoho <z@b.example> wrote:',
    'Forwarded message',
    '-----Original Message-----',
    'Sent: ',
    'Date: 3 Mar 2025 10:00',
  ],
  ...[
    'a@b.example',
    '<a@b.example>',
    '@',
    ',',
    '(',
    ')',
    '"',
    '\\',
    ';',
    ':',
    '：',
    'ZOID: 76006415',
    'Customer email: ',
    'Product: Zoho CRM',
  ],
  ...[
    '<div>',
    '</div>',
    '<table><tr><td>',
    '</td></tr>',
    '<blockquote type="cite">',
    '<p style="display:none">',
    '<style>.a{',
    '}',
    '<!--',
    '&amp;',
    '&#',
    '<',
  ],
  ...[
    'é',
    'Ã©',
    '客户',
    'عميل',
    'ลูกค้า',
    '\u202e',
    '\ud800',
    'Kind regards,',
    '+34 600 123 456',
    'Sent from my iPhone',
    'begin:',
    '{\\rtf1',
    '\\u12?',
    '{\\*',
  ],
];
const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(''));
const bytes = fc.oneof(
  soup.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
  fc
    .tuple(soup, fc.uint8Array({ maxLength: 60 }), soup)
    .map(([a, b, c]) => Buffer.concat([Buffer.from(a), b, Buffer.from(c)])),
);
const words = (text: string) =>
  text
    .split(/[\s>]+/)
    .filter(Boolean)
    .sort();

describe('never throws', () => {
  it('on a mail, and answers in the words of the model', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (raw) => {
        const { mail } = await readMail(raw, policy);
        ParsedMail.parse(mail);
      }),
      RUNS,
    );
  });

  it('on the parts of one', () => {
    fc.assert(
      fc.property(soup, bytes, (text, raw) => {
        htmlLines(text);
        parseAddresses(text);
        parameterOf(text, text);
        decodeWords(text);
        decodeBytes(raw);
        for (const charset of ['utf-7', 'iso-2022-kr', 'hz-gb-2312', 'utf-16', 'iso-2022-jp', text])
          decodeCharset(raw, charset);
        takeOutFiles(text);
        rtfText(text);
        decompressRtf(raw);
        readTnef(Buffer.concat([Buffer.from('789f3e220100', 'hex'), raw]));
      }),
      RUNS,
    );
  });
});

describe('loses nothing', () => {
  it('dividing new from old', () => {
    fc.assert(
      fc.property(soup, fc.boolean(), (text, forwarded) => {
        const plain = text.replaceAll('\r', '\n');
        const divided = layOut(
          { text: plain, html: '' },
          forwarded ? 'Fwd: x' : 'Re: x',
          reading,
          'a@b.example',
        ).text();
        expect(words(`${divided.text}\n${divided.quoted}`)).toEqual(words(plain));
      }),
      RUNS,
    );
  });

  it('of a body: what has letters is in the text, in the history or in an attachment', async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom('', 'multipart/mixed; boundary=b', 'text/html', 'message/rfc822'),
        async (body, type) => {
          const raw = Buffer.concat([Buffer.from(`From: a@b.example\nContent-Type: ${type}\n\nHello `), body]);
          const { mail } = await parseMail(raw, policy);
          expect(mail.text + mail.quoted !== '' || mail.attachments.length > 0).toBe(true);
        },
      ),
      RUNS,
    );
  });

  it('every line of HTML can be found in its source', () => {
    fc.assert(
      fc.property(soup, (source) => {
        for (const line of htmlLines(source)) {
          const place = sourceOf(line, 0, line.text.length);
          expect(place === null || (place.start >= 0 && place.end <= source.length && place.start <= place.end)).toBe(
            true,
          );
        }
      }),
      RUNS,
    );
  });
});

/** A second for a megabyte of anything repeated is fifty times what it takes; what grows with the square takes hours. */
const REPEATED = 1_000_000;

describe('time', () => {
  const repeated = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 3 }).map((pieces) => {
    const unit = pieces.join('');
    return unit.repeat(Math.ceil(REPEATED / unit.length));
  });
  const quickly = async (what: string, work: () => unknown) => {
    const start = performance.now();
    await work();
    expect(performance.now() - start, what).toBeLessThan(BOUNDED_MS);
  };

  it('is bounded for a mail of anything repeated', async () => {
    const heads = [
      '',
      'From: ',
      'Subject: ',
      'To: a@b.example\n\n',
      'Content-Type: text/html\n\n',
      'Content-Type: multipart/mixed; boundary=b\n\n',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...heads), repeated, (head, text) =>
        quickly(`${head}${text.slice(0, 60)}`, () => readMail(Buffer.from(head + text), policy)),
      ),
      { numRuns: 60, seed: RUNS.seed },
    );
  });

  it('is bounded for the parts of one', async () => {
    await fc.assert(
      fc.asyncProperty(repeated, (text) =>
        quickly(text.slice(0, 60), () => {
          htmlLines(text);
          linesOf(text);
          layOut({ text, html: text }, text, reading).text();
          parseAddresses(text);
          parameterOf(text, text);
          takeOutFiles(text);
          rtfText(text);
        }),
      ),
      { numRuns: 40, seed: RUNS.seed },
    );
  });
});
