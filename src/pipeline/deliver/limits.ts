/** What the figures of policy/desk.yaml mean for times and files. */
import type { Policy } from '../../policy.ts';

type DeskPolicy = Policy['desk'];

const SECOND_MS = 1_000;
const BYTES_OF_MEGABYTE = 1024 * 1024;
/** Changes are asked for a little further back than they are known: clocks differ. */
const OVERLAP_SECONDS = 60;

/** When a call that was begun, or broke, at `from` can be looked up: what is not found then had no effect. */
export const believedAt = (from: Date, { indexSeconds }: Pick<DeskPolicy, 'indexSeconds'>): Date =>
  new Date(from.getTime() + indexSeconds * SECOND_MS);

/** From when on changes are asked for that are known up to `known`: the search knows of them late. */
export const changesFrom = (known: Date, { indexSeconds }: Pick<DeskPolicy, 'indexSeconds'>): Date =>
  new Date(known.getTime() - (OVERLAP_SECONDS + indexSeconds) * SECOND_MS);

/** Until changes are asked for again, in milliseconds. */
export const nextPollMs = ({ pollSeconds }: Pick<DeskPolicy, 'pollSeconds'>): number => pollSeconds * SECOND_MS;

export type File = {
  /** Why it is dangerous, if it is. */
  readonly dangerous: string | null;
  /** In bytes. */
  readonly size: number;
  readonly kept: boolean;
};

/** Why a file is only named, not brought along; null when it is brought. */
export function whyLeftOut(
  { dangerous, size, kept }: File,
  { attachmentMegabytes: most }: Pick<DeskPolicy, 'attachmentMegabytes'>,
): string | null {
  if (dangerous !== null) return dangerous;
  if (size > most * BYTES_OF_MEGABYTE) return `it is larger than ${most} MB`;
  return kept ? null : 'it was dropped';
}
