/** Which pictures a mail's HTML shows in a signature or in the history, by their Content-IDs. */
import { isBlank } from '../separate/lines.ts';
import type { Separated } from '../separate/separate.ts';

/** Pictures of one page that are looked for. */
const MAX_PICTURES = 500;
const PICTURE = /<img\b[^<>]{0,2000}?\bsrc\s{0,5}=\s{0,5}["']?cid:([^"'\s>]{1,500})/gi;

/**
 * A picture stands where the line of text above it stands; the first, above all text, stands in the text. One that is shown in the
 * text as well as below it counts as of the text.
 */
export function pictureCidsBelow(html: string, separated: () => Separated): ReadonlySet<string> {
  const shown = [...html.matchAll(PICTURE)].slice(0, MAX_PICTURES).map((match) => ({
    cid: cidOf(match[1] ?? ''),
    at: match.index,
  }));
  if (shown.length === 0) return new Set();
  const { lines, old } = separated();
  const starts = lines
    .flatMap((line, index) =>
      isBlank(line) || !line.runs[0] ? [] : [{ at: line.runs[0].start, old: old[index] === true }],
    )
    .toSorted((a, b) => a.at - b.at);
  const isBelow = (at: number): boolean => starts.findLast((line) => line.at <= at)?.old ?? false;
  const inText = new Set(shown.filter(({ at }) => !isBelow(at)).map(({ cid }) => cid));
  return new Set(shown.map(({ cid }) => cid).filter((cid) => !inText.has(cid)));
}

/** A Content-ID as it is compared: without brackets and escapes, in any case. */
export function cidOf(id: string): string {
  const bare = id.replace(/^<|>$/g, '');
  try {
    return decodeURIComponent(bare).toLowerCase();
  } catch {
    return bare.toLowerCase();
  }
}
