/** What is kept of an attachment: its hash, what it is by its content, why it is dangerous, and what it is to the person who reads the ticket. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { lookAt } from '../../src/pipeline/attachments/look.ts';
import { pixelsOf } from '../../src/pipeline/attachments/pixels.ts';
import { roleAmong, roleOf } from '../../src/pipeline/attachments/role.ts';
import { attachmentIn } from '../../src/pipeline/mail/parse.ts';
import { cleanFileName } from '../../src/pipeline/mime/file-name.ts';
import { jpeg, ole, png, rar4, sevenZip, webp, zip } from '../support/files.ts';
import { bytesOf, FROM, mime, parse, part } from '../support/raw-mails.ts';
import { writeWinmail } from '../support/tnef-writer.ts';

const look = (filename: string, bytes: Buffer | string, contentType = 'application/octet-stream') =>
  lookAt({ filename, contentType }, Buffer.from(bytes as string));
const DOCX = { '[Content_Types].xml': '', 'word/document.xml': '' };
const ISO = Buffer.concat([Buffer.alloc(0x8001), Buffer.from('CD001')]);

describe('by its content a file is', () => {
  it.each<[string, Buffer | string, string]>([
    ['application/pdf', '%PDF-1.7\n', 'a.pdf'],
    ['image/png', png(10, 20), 'a.png'],
    ['image/jpeg', jpeg(10, 20), 'a.jpg'],
    ['image/gif', 'GIF89a\x0a\0\x14\0', 'a.gif'],
    ['image/webp', webp(10, 20), 'a.webp'],
    ['application/zip', zip({ 'a.txt': 'a' }), 'a.zip'],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', zip(DOCX), 'a.docx'],
    ['application/vnd.oasis.opendocument.text', zip({ mimetype: 'application/vnd.oasis.opendocument.text' }), 'a.odt'],
    ['application/vnd.ms-excel', ole('Workbook'), 'a.xls'],
    ['application/vnd.rar', rar4(0), 'a.rar'],
    ['application/x-7z-compressed', sevenZip(), 'a.7z'],
    ['text/plain', 'MZ and BM are letters; so is BZh\n', 'a.txt'],
    ['text/html', '\ufeff\n<!-- saved --><html><p>Hello', 'a.xls'],
    ['text/plain', Buffer.from('\ufeffHallo', 'utf16le'), 'a.csv'],
    ['application/octet-stream', Buffer.of(0, 1, 2, 3), 'a.bin'],
    ['application/octet-stream', '', 'a'],
  ])('%s', (type, bytes, name) => expect(look(name, bytes)).toMatchObject({ sniffed: type, dangerous: null }));
});

describe('a file is dangerous', () => {
  it.each<[because: RegExp, name: string, bytes: Buffer | string]>([
    [/^a program or shortcut that is called \.pdf$/, 'invoice.pdf', 'MZ\x90\0\x03'],
    [/^a program, script, shortcut or disk image/, 'tool', '\x7fELF\x02\x01'.concat('\0')],
    [/^a program, script/, 'image', ISO],
    [/^a program, script/, 'Invoice', 'L\0\0\0\x01\x14\x02\0'],
    [/^a program or shortcut that is called \.txt/, 'run.txt', '#!/bin/sh\nrm -rf /\n'],
    [/^a program, script/, 'link', '[InternetShortcut]\nURL=file://x'],
    [/^a program, script/, 'a', zip({ 'META-INF/MANIFEST.MF': '' })],
    [/^opening it runs it \(\.exe behind \.pdf\)$/, 'invoice.pdf.exe', 'x'],
    [/^opening it runs it \(\.js\)$/, 'statement.js', 'var a = 1'],
    [/^opening it runs it \(\.scr\)$/, 'photo.SCR', Buffer.of(0)],
    [/macros/, 'a.docm', 'x'],
    [/macros/, 'a.docx', zip({ ...DOCX, 'word/vbaProject.bin': '' })],
    [/macros/, 'a.xls', ole('Workbook', '_VBA_PROJECT')],
    [/^an archive that holds a program: in\/run\.vbs$/, 'a.zip', zip({ 'in/run.vbs': '' })],
    [/password/, 'a.zip', zip({ 'a.txt': 'a' }, true)],
    [/password/, 'a.docx', ole('EncryptedPackage')],
    [/password/, 'a.rar', rar4(0x80)],
    [/password/, 'a.7z', sevenZip('06f10701')],
    [/^a page with a script/, 'a.html', '<html><SCRIPT>x</SCRIPT>'],
    [/^a page with a script/, 'a.htm', Buffer.from('\ufeff<html><img src=x onerror="x">', 'utf16le')],
    [/^a page with a script/, 'a.svg', '<?xml version="1.0"?><svg><a href="javascript:x"/></svg>'],
    [/^its name promises \.pdf, it is application\/zip$/, 'a.pdf', zip({ 'a.txt': '' })],
    [/^its name promises \.png, it is text\/html$/, 'a.png', '<html><p>Hello'],
  ])('%s: %s', (because, name, bytes) => expect(look(name, bytes).dangerous).toMatch(because));

  it('by its declared type, when it has no name', () => {
    expect(look('', 'MZ\x90\0', 'image/png').dangerous).toMatch(/is called image\/png/);
  });

  it.each<[string, Buffer | string]>([
    ['page.html', '<html><body><p style="x">Onboarding = done, see online=1</p></body></html>'],
    ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'],
    ['export.xls', '<html><table><tr><td>1</td></tr></table></html>'],
    ['export.xls', 'a\tb\n'],
    ['photo.png', jpeg(1, 1)],
    ['sheet.zip', zip(DOCX)],
    ['damaged.pdf', 'not a PDF'],
    ['archive.zip', zip({ 'docs/readme.txt': 'x' }).subarray(0, 40)],
  ])('not for nothing: %s', (name, bytes) => expect(look(name, bytes).dangerous).toBeNull());
});

it('is looked at however damaged it is', () => {
  const samples = [
    ...[
      png(9, 9),
      jpeg(9, 9),
      webp(9, 9),
      zip({ ...DOCX, 'a.exe': 'x' }, true),
      ole('Workbook'),
      rar4(4),
      sevenZip('06f10701'),
    ],
    ...['<html><script>', '\ufeff[InternetShortcut]', '#!/bin/sh', '{\\rtf1'].map((text) => Buffer.from(text)),
    Buffer.from('\ufeff<svg onload="x">', 'utf16le'),
    Buffer.from('\ufeff<svg onload="x">', 'utf16le').swap16(),
  ];
  for (const sample of samples) {
    for (let length = 0; length <= sample.length; length++) {
      const cut = sample.subarray(0, length);
      const spoilt = Buffer.from(sample);
      spoilt.fill(0xff, length, Math.min(length + 4, sample.length));
      for (const bytes of [cut, spoilt]) expect(look('a.zip', bytes).sniffed).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
    }
  }
});

describe('its name', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['..', ''],
    ['a\u202egnp.exe', 'agnp.exe'],
    ['a\u200b.e\u200dxe', 'a.exe'],
    ['etc\uff0fpasswd', 'etc_passwd'],
    ['a\0b\r\nc.txt', 'ab c.txt'],
    ['CON', '_CON'],
    ['aux.txt', '_aux.txt'],
    ['com1 .log', '_com1 .log'],
    ['console.log', 'console.log'],
    ['a:b*c?"<d>|.txt', 'a_b_c___d__.txt'],
    ['photo.jpg                          .exe', 'photo.jpg .exe'],
    ['trailing. . ', 'trailing'],
    ['-rf', 'rf'],
    ['.bashrc', 'bashrc'],
    ['cafe\u0301.png', 'café.png'],
    ['レポート 3月.xlsx', 'レポート 3月.xlsx'],
  ])('%j is %j', (raw, clean) => expect(cleanFileName(raw)).toBe(clean));

  it('keeps its ending when it is cut', () => {
    expect(cleanFileName(`${'a'.repeat(400)}.exe`)).toMatch(/^a{251}\.exe$/);
  });
});

describe('its role', () => {
  it('knows how large a picture is', () => {
    const sizes = [png(640, 480), jpeg(640, 480), webp(640, 480), Buffer.from('GIF89a\x80\x02\xe0\x01', 'latin1')];
    expect(sizes.map((bytes) => pixelsOf(look('', bytes).sniffed, bytes))).toEqual(
      sizes.map(() => ({ width: 640, height: 480 })),
    );
    expect(pixelsOf('image/png', png(1, 1).subarray(0, 18))).toBeNull();
  });

  const picture = {
    ...{ filename: 'image001.png', sniffed: 'image/png', size: 30_000 },
    inline: true,
    inSignature: false,
  };
  const [logo, shot, icon] = [
    { width: 300, height: 120 },
    { width: 1280, height: 720 },
    { width: 32, height: 64 },
  ];
  it.each([
    ['logo', 'small, in the signature', { pixels: logo, inSignature: true }],
    ['logo', 'small, called so', { pixels: logo, filename: 'company-logo.png' }],
    ['logo', 'an icon anywhere', { pixels: icon }],
    ['logo', 'of few bytes, in the signature', { pixels: null, size: 9_000, inSignature: true }],
    ['screenshot', 'small, in the text: a message of an error', { pixels: logo }],
    ['screenshot', 'large, in the signature', { pixels: shot, inSignature: true }],
    ['screenshot', 'attached, however small', { pixels: icon, inline: false, inSignature: true }],
    ['document', 'no picture', { sniffed: 'application/pdf', pixels: null }],
    ['document', 'a drawing that may hold a script', { sniffed: 'image/svg+xml', pixels: null }],
  ])('%s: %s', (role, _, other) => expect(roleOf({ ...picture, ...other })).toBe(role));

  it('is that of a logo, when a domain sends the very same picture with other tickets', () => {
    expect([0, 1, 2].map((others) => roleAmong('screenshot', others))).toEqual(['screenshot', 'screenshot', 'logo']);
    expect(roleAmong('document', 9)).toBe('document');
  });
});

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/.{76}/g, '$&\r\n');
const image = (name: string, cid: string, bytes: Buffer) =>
  part(
    `Content-Type: image/png; name=${name}\r\nContent-ID: <${cid}>\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline`,
    base64(bytes),
  );

describe('in a mail', () => {
  const page = [
    '<p>The totals are wrong, see here:</p><p><img src="cid:one@x.example"></p><p>Thank you</p>',
    '<div>-- <br>Kind regards<br>Sam Agent<br><img src="cid:two@x.example"></div>',
    '<blockquote><p>Older</p><img src=cid:three@x.example></blockquote>',
  ].join('\n');
  const [first, second, third] = [png(400, 200), png(401, 200), png(402, 200)];
  const lines = [
    ...FROM,
    'Content-Type: multipart/related; boundary=b',
    '',
    ...part('Content-Type: text/html', page),
    ...image('image001.png', 'one@x.example', first),
    ...image('image002.png', 'two@x.example', second),
    ...image('image003.png', 'three@x.example', third),
    '--b--',
  ];

  it('pictures of the signature and of the history are told from those of the text', async () => {
    const { attachments } = await parse(...lines);
    expect(attachments.map(({ filename, role }) => [filename, role])).toEqual([
      ['image001.png', 'screenshot'],
      ['image002.png', 'logo'],
      ['image003.png', 'logo'],
    ]);
  });

  it('its bytes are taken out again by their hash', async () => {
    const { attachments } = await parse(...lines);
    const raw = bytesOf(lines);
    for (const [index, bytes] of [first, second, third].entries()) {
      expect(attachments[index]?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(await attachmentIn(raw, attachments[index]?.sha256 ?? '')).toEqual(bytes);
    }
    expect(await attachmentIn(raw, '0'.repeat(64))).toBeNull();
  });

  it('also out of winmail.dat, uuencode, a mail in the mail, and a broken structure', async () => {
    const data = Buffer.from('%PDF-1.4 a report');
    const pdf = [
      'Content-Type: application/pdf; name=report.pdf\r\nContent-Transfer-Encoding: base64',
      '',
      base64(data),
    ];
    const inner = ['Subject: in it', 'MIME-Version: 1.0', ...pdf].join('\r\n');
    const mails = [
      [
        ...FROM,
        'Content-Type: application/ms-tnef',
        'Content-Transfer-Encoding: base64',
        '',
        base64(writeWinmail({ files: [{ name: 'report.pdf', data }] })),
      ],
      [...FROM, '', 'Above', 'begin 644 report.pdf', uuencoded(data), '`', 'end'],
      [...FROM, 'Content-Type: message/rfc822', '', inner],
      [...FROM, 'Content-Type: multipart/mixed; boundary=announced', '', '--used', ...pdf, '--used--'],
    ];
    for (const lines of mails) {
      const found = (await mime(...lines)).attachments.find(({ filename }) => filename === 'report.pdf');
      expect(found).toMatchObject({ sniffed: 'application/pdf', size: data.length });
      expect(await attachmentIn(bytesOf(lines), found?.sha256 ?? '')).toEqual(data);
    }
  });
});

/** One line of uuencode: the length, then six bits a character. */
function uuencoded(data: Buffer): string {
  const padded = Buffer.concat([data, Buffer.alloc((3 - (data.length % 3)) % 3)]);
  let line = String.fromCharCode(32 + data.length);
  for (let at = 0; at < padded.length; at += 3) {
    const value = padded.readUIntBE(at, 3);
    for (const shift of [18, 12, 6, 0]) line += String.fromCharCode(32 + ((value >> shift) & 63));
  }
  return line;
}
