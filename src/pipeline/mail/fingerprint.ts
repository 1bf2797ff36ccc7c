/** One mail, however it was delivered, has one fingerprint; a repeated Message-ID with another body has another. */
import { createHash } from 'node:crypto';
import { normaliseLineEndings, readHeaders } from '../mime/headers.ts';
import { messageIdsIn } from './message-ids.ts';

/** Headers of the writer. Received, Delivered-To, Return-Path and the like differ from delivery to delivery. */
const IDENTIFYING = ['message-id', 'from', 'date', 'subject'];
const CR = 0x0d;
const LF = 0x0a;

/** SHA-256 (hex) over the identifying headers, unfolded and trimmed, and the body with LF line endings and without trailing blank lines. */
export function fingerprint(raw: Buffer): string {
  const bytes = normaliseLineEndings(raw);
  const { headers, bodyStart } = readHeaders(bytes);
  const hash = createHash('sha256');
  for (const name of IDENTIFYING) hash.update(`${name}:${headers.first(name).replace(/\s+/g, ' ')}\0`);
  return hash.update(withoutCarriageReturns(bytes.subarray(bodyStart))).digest('hex');
}

/** The Message-ID as ParsedMail has it, without parsing the mail. */
export function messageIdOf(raw: Buffer): string | null {
  return messageIdsIn(readHeaders(raw).headers.first('message-id'))[0] ?? null;
}

function withoutCarriageReturns(body: Buffer): Buffer {
  let end = body.length;
  while (end > 0 && (body[end - 1] === LF || body[end - 1] === CR)) end--;
  const output = Buffer.allocUnsafe(end);
  let length = 0;
  for (let at = 0; at < end; at++) {
    const byte = body[at] as number;
    if (byte !== CR || body[at + 1] !== LF) output[length++] = byte;
  }
  return output.subarray(0, length);
}
