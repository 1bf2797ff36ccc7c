/** The decoded bytes of an attachment -> what is kept of them beside the original: a hash, a type, a warning. */
import { createHash } from 'node:crypto';
import { dangerOf, type Named } from './danger.ts';
import { type Pixels, pixelsOf } from './pixels.ts';
import { sniff } from './sniff.ts';

export type Look = {
  readonly sha256: string;
  readonly sniffed: string;
  readonly dangerous: string | null;
  readonly pixels: Pixels | null;
};

export function lookAt(named: Named, bytes: Buffer): Look {
  const sniffed = sniff(bytes);
  return {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sniffed: sniffed.type,
    dangerous: dangerOf(named, sniffed, bytes),
    pixels: pixelsOf(sniffed.type, bytes),
  };
}
