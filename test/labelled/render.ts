/** A labelled case -> the bytes of a mail, in its charset and transfer encoding. */
import type { LabelledCase } from './case.ts';
import { encode } from './charsets.ts';

const LINE = 76;

export function render(mail: LabelledCase): Buffer {
  const headers = [
    `From: ${mail.from ?? 'Sam Okoye <sam.okoye@reseller.example>'}`,
    'To: partner-support@zohocorp.example',
    ...(mail.cc ? [`Cc: ${mail.cc}`] : []),
    `Subject: ${encodeSubject(mail.subject)}`,
    `Message-ID: <${mail.id}@labelled.example>`,
    'Date: Tue, 04 Mar 2025 09:30:00 +0000',
    'MIME-Version: 1.0',
  ];
  const parts = [
    ...(mail.text === undefined ? [] : [part(mail, 'text/plain', mail.text)]),
    ...(mail.html === undefined ? [] : [part(mail, 'text/html', mail.html)]),
  ];
  const [only] = parts;
  if (!only) throw new Error(`${mail.id} has no body`);
  if (parts.length === 1) return Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n`), only]);
  const boundary = `=_labelled_${mail.id}`;
  return Buffer.concat([
    Buffer.from(`${headers.join('\r\n')}\r\nContent-Type: multipart/alternative; boundary="${boundary}"\r\n`),
    ...parts.flatMap((bytes) => [Buffer.from(`\r\n--${boundary}\r\n`), bytes]),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

function part(mail: LabelledCase, type: string, body: string): Buffer {
  const text = body.replaceAll('\n', '\r\n');
  const legacy = mail.charset ? encode(text, mail.charset) : null;
  const charset = legacy && mail.charset ? mail.charset : 'utf-8';
  const bytes = legacy ?? Buffer.from(text, 'utf8');
  const encoding = mail.encoding ?? '8bit';
  const head = `Content-Type: ${type}; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), transfer(bytes, encoding)]);
}

function transfer(bytes: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(bytes.toString('base64').replace(/.{76}/g, '$&\r\n'));
  if (encoding !== 'quoted-printable') return bytes;
  let line = '';
  let body = '';
  for (const [index, byte] of bytes.entries()) {
    if (byte === 0x0d && bytes[index + 1] === 0x0a) {
      body += `${line}\r\n`;
      line = '';
    } else if (byte !== 0x0a) {
      const atEnd = bytes[index + 1] === 0x0d && (byte === 0x20 || byte === 0x09);
      const plain = byte === 0x09 || (byte >= 0x20 && byte < 0x7f && byte !== 0x3d);
      const written = plain && !atEnd ? String.fromCharCode(byte) : `=${hex(byte)}`;
      if (line.length + written.length >= LINE) {
        body += `${line}=\r\n`;
        line = '';
      }
      line += written;
    }
  }
  return Buffer.from(body + line);
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function encodeSubject(subject: string): string {
  if (/^[\x20-\x7e]*$/.test(subject)) return subject;
  const words: string[] = [];
  let word = '';
  for (const character of subject) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((text) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`).join('\r\n ');
}
