/** Pure helpers that both kinds of mailbox share: what to read together, and where a header ends. */
import type { MailboxLimits } from './mailbox-limits.ts';

/** Cuts messages into batches, in their order. An oversized message weighs only its header. */
export function inBatches<T extends { readonly size: number }>(messages: readonly T[], limits: MailboxLimits): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let bytes = 0;
  for (const message of messages) {
    const weight = isOversized(message, limits) ? limits.maxHeaderBytes : message.size;
    const full = batch.length >= limits.batchMessages || bytes + weight > limits.batchBytes;
    if (batch.length > 0 && full) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += weight;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

export const isOversized = (message: { readonly size: number }, limits: MailboxLimits): boolean =>
  message.size > limits.maxMessageBytes;

/** Everything up to and with the blank line that ends the header, at most `maxBytes`. */
export function headerOf(raw: Buffer, maxBytes: number): Buffer {
  const head = raw.subarray(0, maxBytes);
  const ends = ['\r\n\r\n', '\n\n'].map((blank) => {
    const at = head.indexOf(blank);
    return at < 0 ? head.length : at + blank.length;
  });
  return Buffer.from(head.subarray(0, Math.min(...ends)));
}

/** Slices of at most `size` items. */
export function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
