/** Where a signature begins that nothing marks: at the writer's own name, and the word of farewell above it. */
import { fold, UNSPACED } from '../words/fold.ts';
import { isBlank } from './lines.ts';
import type { Separated } from './separate.ts';

/** A farewell that no list has is no longer, and stands below a blank line. */
const LONGEST_FAREWELL = 30;
const SHORTEST_NAME = 5;
/** A Chinese or Korean name has two characters or three. */
const SHORTEST_UNSPACED_NAME = 3;

/** The texts of the lines that end the writer's words: the name as the From header has it, and a short line right above. */
export function signatureLines({ lines, old }: Separated, name: string): ReadonlySet<string> {
  const wanted = fold(name);
  const found = new Set<string>();
  const shortest = UNSPACED.test(wanted) ? SHORTEST_UNSPACED_NAME : SHORTEST_NAME;
  if (wanted.length < shortest || !wanted.includes(' ')) return found;
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at];
    if (!line || line.quoted || line.text.length > 4 * name.length || fold(line.text) !== wanted) continue;
    const above = lines[at - 1];
    // The name may have been set aside with its card, the farewell above it was not.
    if (old[at] && old[at - 1]) continue;
    found.add(line.text);
    const before = lines[at - 2];
    const isFarewell = above && !isBlank(above) && above.text.trim().length <= LONGEST_FAREWELL;
    if (isFarewell && (!before || isBlank(before))) found.add(above.text);
  }
  return found;
}
