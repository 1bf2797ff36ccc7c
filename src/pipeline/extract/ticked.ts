/** Boxes to tick: "☐ Yes ☑ No", and with the box behind its word, "Yes [ ] No [x]". */

const BOX = /\[[ xX✓✔_]?\]|\([ xX✓✔_]?\)|[☐□⬜☑☒✓✔✅]/g;
const TICK = /[xX✓✔☑☒✅]/;

/**
 * What `read` makes of the words at the ticked box; undefined when no box is ticked. The boxes stand behind their words when what
 * stands before the first of them is an answer.
 */
export function readTicked<T extends string>(
  text: string,
  read: (answer: string) => T | 'unknown' | null,
): T | 'unknown' | null | undefined {
  const boxes = [...text.matchAll(BOX)];
  const ticked = boxes.findIndex(([box]) => TICK.test(box));
  const box = boxes[ticked];
  if (!box) return undefined;
  const opening = read(text.slice(0, boxes[0]?.index));
  const isBehind = opening !== null && opening !== 'unknown';
  const before = boxes[ticked - 1];
  return isBehind
    ? read(text.slice(before ? before.index + before[0].length : 0, box.index))
    : read(text.slice(box.index + box[0].length, boxes[ticked + 1]?.index));
}
