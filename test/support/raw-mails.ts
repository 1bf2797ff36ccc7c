/** Mails written line by line, as bytes, and read. */
import { parseMail } from '../../src/pipeline/mail/parse.ts';
import { normaliseLineEndings, readHeaders } from '../../src/pipeline/mime/headers.ts';
import { readMime } from '../../src/pipeline/mime/mime.ts';
import { loadPolicy } from '../../src/policy.ts';

export const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
export const FROM = ['From: sam@partner.example', 'Subject: Request', 'MIME-Version: 1.0'];

/** A part of a multipart whose boundary is b. */
export const part = (headers: string, ...body: string[]) => ['--b', headers, '', ...body];

export async function parse(...lines: (string | Buffer)[]) {
  return (await parseMail(bytesOf(lines), policy)).mail;
}

/** The structure alone. */
export function mime(...lines: (string | Buffer)[]) {
  const bytes = normaliseLineEndings(bytesOf(lines));
  const { headers, bodyStart } = readHeaders(bytes);
  return readMime(headers, bytes.subarray(bodyStart));
}

export function bytesOf(lines: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\r\n')]));
}
