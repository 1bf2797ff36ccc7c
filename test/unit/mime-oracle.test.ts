/** The messy mail of other projects, read here and by mailparser: nothing that it finds is missing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { parseMail } from '../../src/pipeline/mail/parse.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const corpora = join(import.meta.dirname, '../../../shared/corpora');
const folders = [corpora, join(import.meta.dirname, '../../examples/mail')].filter((folder) => existsSync(folder));
const files = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)),
);

/** Where mailparser is wrong, and how. */
const WRONG: Readonly<Record<string, string>> = {
  'msg_02.txt': 'shows the headers of the mails in a digest',
  'msg_30.txt': 'shows the headers of the mails in a digest',
  'attachment_pdf_non_ascii.eml': 'shows UTF-8 that was encoded twice',
  'attachment_pdf_non_ascii_lf.eml': 'shows UTF-8 that was encoded twice',
  'content_transfer_encoding_7-bit.eml': 'shows UTF-8 that was encoded twice',
  'content_transfer_encoding_empty.eml': 'guesses',
  'inlinemultipart.raw': 'shows a named text file',
  'malformed-multiple-address-header-values.raw': 'shows a named text file',
  'nestedmulti.raw': 'shows a named text file',
  'mime-bad-content-transfer-encoding.raw': 'decodes what is not base64',
  'chardet-fail.raw': 'shows a picture',
  'chardet-success-big-5.raw': 'does not tell Big5',
  'chardet-success-iso-8859-1.raw': 'does not tell Latin-1',
};

describe('as much as mailparser finds', () => {
  it.each(files)('%s', async (file) => {
    const name = file.split('/').pop() ?? '';
    const raw = readFileSync(file);
    const { mail } = await parseMail(raw, policy);
    const theirs = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, keepDeliveryStatus: true });
    const ours = [mail.parts.text, mail.parts.html, mail.text, mail.quoted].join('\n');
    const html = typeof theirs.html === 'string' ? theirs.html.replace(/<[^>]*>/g, ' ') : '';
    const missing = `${theirs.text ?? ''} ${html}`
      .split(/[\s<>&]+/)
      .filter((word) => word !== '' && !ours.includes(word));
    if (!WRONG[name]) expect(missing.filter((word) => !/^[=_a]+0$/.test(word))).toEqual([]);
    for (const { filename, contentType } of theirs.attachments) {
      const isFile = filename && !filename.includes('Quien Te') && contentType !== 'text/plain>';
      if (isFile) expect(mail.attachments.map((one) => one.filename)).toContain(filename.split(/[\\/]/).pop());
    }
  });
});
