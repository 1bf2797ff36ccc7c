/** The label that a misspelt one most likely is. */
import { type LabelIndex, lettersOf } from '../extract/label-index.ts';

/** Shorter labels are never guessed; from `TWO_EDITS_FROM` characters on two slips are forgiven. */
const ONE_EDIT_FROM = 8;
const TWO_EDITS_FROM = 14;
/** Labels of ids differ by one letter among themselves: that letter is never a slip. */
const ID_NAMES = /zuid|zoid|zgid/;

/** The only key nearest to `head`; null when none is near, or labels of different fields are equally near. */
export function nearestKey(index: LabelIndex, head: string): string | null {
  if (head.length < ONE_EDIT_FROM || head.length > index.longest + 2) return null;
  const allowed = head.length >= TWO_EDITS_FROM ? 2 : 1;
  const id = ID_NAMES.exec(head)?.[0] ?? null;
  const own = lettersOf(head);
  let best: string | null = null;
  let bestDistance = allowed + 1;
  let tied = false;
  for (let length = head.length - allowed; length <= head.length + allowed; length++) {
    for (const { key, letters } of index.byLength.get(length) ?? []) {
      if (bitsOf(letters ^ own) > 2 * allowed) continue;
      const distance = editDistance(head, key, allowed);
      if (distance > allowed || (ID_NAMES.exec(key)?.[0] ?? null) !== id) continue;
      if (distance < bestDistance) {
        best = key;
        bestDistance = distance;
        tied = false;
      } else if (distance === bestDistance && best !== null) {
        tied ||= fieldOf(index, best) !== fieldOf(index, key);
      }
    }
  }
  return tied ? null : best;
}

/** How many letters two sets differ by: an edit changes two at most. */
function bitsOf(letters: number): number {
  let count = 0;
  for (let rest = letters; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function fieldOf(index: LabelIndex, key: string): string | undefined {
  return index.exact.get(key)?.[0]?.field;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`; `most + 1` stands for "more". */
export function editDistance(a: string, b: string, most: number): number {
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from++;
  let endA = a.length;
  let endB = b.length;
  while (endA > from && endB > from && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  if (endA === from || endB === from) return Math.min(endA - from + (endB - from), most + 1);
  if (most === 0) return 1;
  const left = a.slice(from, endA);
  const right = b.slice(from, endB);
  const swapped =
    left[0] === right[1] && left[1] === right[0] ? editDistance(left.slice(2), right.slice(2), most - 1) : most;
  return (
    1 +
    Math.min(
      swapped,
      editDistance(left.slice(1), right.slice(1), most - 1),
      editDistance(left.slice(1), right, most - 1),
      editDistance(left, right.slice(1), most - 1),
    )
  );
}
