/** Programs in archives and pages that are written so that a look passes over them. */
import { describe, expect, it } from 'vitest';
import { lookAt } from '../../src/pipeline/attachments/look.ts';
import { attachmentIn } from '../../src/pipeline/mail/parse.ts';
import { zip } from '../support/files.ts';
import { bytesOf, FROM, parse, part } from '../support/raw-mails.ts';

const danger = (filename: string, bytes: Buffer | string, contentType = 'application/octet-stream') =>
  lookAt({ filename, contentType }, Buffer.from(bytes as string)).dangerous;
const DOCX = { '[Content_Types].xml': '', 'word/a.xml': '' };
const evil = zip({ 'evil.exe': 'x' });
const plain = zip({ 'readme.txt': 'x' });

/** The same archive with the end record of ZIP64. */
function zip64(bytes: Buffer): Buffer {
  const end = bytes.length - 22;
  const far = Buffer.alloc(56);
  far.writeUInt32LE(0x06064b50, 0);
  far.writeBigUInt64LE(44n, 4);
  far.writeBigUInt64LE(BigInt(bytes.readUInt16LE(end + 10)), 32);
  far.writeBigUInt64LE(BigInt(bytes.readUInt32LE(end + 12)), 40);
  far.writeBigUInt64LE(BigInt(bytes.readUInt32LE(end + 16)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(end), 8);
  const last = Buffer.from(bytes.subarray(end));
  last.fill(0xff, 8, 20);
  return Buffer.concat([bytes.subarray(0, end), far, locator, last]);
}

/** With another number of files in its end record. */
function counting(bytes: Buffer, count: number): Buffer {
  const other = Buffer.from(bytes);
  other.writeUInt16LE(count, other.length - 12);
  return other;
}

describe('an archive', () => {
  it.each<[string, Buffer]>([
    ['that is called an office file inside', zip({ ...DOCX, 'evil.exe': 'x' })],
    ['in ZIP64', zip64(evil)],
    ['behind another', Buffer.concat([plain, evil])],
    ['with something behind its end', Buffer.concat([evil, Buffer.alloc(70_000)])],
    ['whose file ends in a point', zip({ 'evil.exe.': 'x' })],
    ['whose file ends in a space', zip({ 'evil.exe ': 'x' })],
  ])('%s is looked into', (_, bytes) => expect(danger('a.zip', bytes)).toMatch(/^an archive that holds a program/));

  it.each<[string, Buffer]>([
    ['before another', Buffer.concat([evil, plain])],
    ['that counts more files than it names', counting(plain, 2)],
    ['that leads to no directory', zip64(plain).fill(0xff, plain.length - 22 + 40, plain.length - 22 + 56)],
  ])('%s cannot be looked into', (_, bytes) =>
    expect(danger('a.zip', bytes)).toBe('an archive that cannot be looked into'),
  );

  it.each<[string, Buffer]>([
    ['a.zip', zip64(plain)],
    ['a.zip', plain],
    ['a.zip', zip({})],
    ['a.docx', zip(DOCX)],
  ])('is not marked for nothing: %s', (name, bytes) => expect(danger(name, bytes)).toBeNull());
});

describe('a page', () => {
  it.each([
    ['a.html', '<html><img src=x onerror=alert(1)>'],
    ['a.html', '<html><img alt=">"onerror=alert(1)>'],
    ['a.svg', '<svg/onload=alert(1)>'],
    ['', '<svg/onload=alert(1)>'],
    ['a.html', '<a href="&#106;avascript:alert(1)">x</a>'],
    ['a.html', '<a href="&#x6A;avascript&colon;alert(1)">x</a>'],
    ['a.html', '<a href="java\tscript:alert(1)">x</a>'],
  ])('%s %s', (name, page) => expect(danger(name, page)).toMatch(/^a page with a script/));

  it('is not one for its words', () => {
    expect(danger('a.html', '<p>online=1, once = twice, on = off, &#74;ava: script</p>')).toBeNull();
  });

  it('is looked at in no time, however it is made', () => {
    const started = performance.now();
    for (const piece of ['<a ', ' on', ' onabc ', ' onabc\n', '&#', 'java\t', '" '])
      danger('a.html', piece.repeat(500_000));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

it('of a mail with more files than are read, the first are listed, and can be taken out', async () => {
  const files = Array.from({ length: 3_000 }, (_, index) =>
    part(`Content-Type: application/pdf; name=f${index}.pdf\r\nContent-Disposition: attachment`, `%PDF-${index}`),
  ).flat();
  const lines = [
    ...[...FROM, 'Content-Type: multipart/mixed; boundary=b', ''],
    ...[...part('Content-Type: text/plain', 'The totals are wrong'), ...files, '--b--'],
  ];
  const { attachments, text, degradedBecause } = await parse(...lines);
  // 900 parts are read, and one is the text.
  expect(attachments).toHaveLength(899);
  expect(attachments[0]).toMatchObject({ filename: 'f0.pdf', sniffed: 'application/pdf' });
  expect(text).toContain('The totals are wrong');
  expect(degradedBecause).toContain('could not be read');
  const sha256 = attachments[5]?.sha256 ?? '';
  expect((await attachmentIn(bytesOf(lines), sha256))?.toString()).toMatch(/^%PDF-5/);
});
