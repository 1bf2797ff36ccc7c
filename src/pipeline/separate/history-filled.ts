/** A form that was filled in inside the quoted mail, where no ">" tells the answers from the questions. */
import { markAt } from './history-marks.ts';
import type { HistoryWords } from './history-words.ts';
import { isBlank, type Line } from './lines.ts';

type Options = { readonly words: HistoryWords; readonly isFilledIn: (line: string) => boolean };

/** One label with a value may stand in any mail: a form has more. */
const LABELS_NEEDED = 2;
/** A form is no longer, in lines. */
const WINDOW = 300;

/** Which lines from `from` on, down to the next older mail, are labels with a value, and the lines on which a value goes on. */
export function filledInBelow(lines: readonly Line[], from: number, { words, isFilledIn }: Options): readonly number[] {
  const found: number[] = [];
  let labels = 0;
  let within = false;
  for (let index = from; index < lines.length && index < from + WINDOW; index++) {
    const line = lines[index];
    if (!line || line.quoted || markAt(lines, index, words)) break;
    const begins = isFilledIn(line.text);
    if (begins) labels++;
    within = begins || (within && !isBlank(line) && !/[:：]\s*$/.test(line.text));
    if (within) found.push(index);
  }
  return labels >= LABELS_NEEDED ? found : [];
}
