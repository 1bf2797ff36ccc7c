/** The valid word that a wrong one most likely stands for. */
import { editDistance } from '../pipeline/words/near-miss.ts';

/** One slip in three letters, and at least one: more is another word. */
const LETTERS_A_SLIP = 3;

/** The only word nearest to `wrong`; by slips of the pen, else as the only one that holds it ("brazil"). Null when none or several are as near. */
export function nearestWord(wrong: string, words: readonly string[]): string | null {
  const typed = wrong.trim().toLowerCase();
  const allowed = Math.max(1, Math.floor(typed.length / LETTERS_A_SLIP));
  const near = words
    .map((word) => ({ word, distance: editDistance(typed, word.toLowerCase(), allowed) }))
    .filter(({ distance }) => distance <= allowed)
    .toSorted((a, b) => a.distance - b.distance);
  const [first, second] = near;
  if (first && (!second || first.distance < second.distance)) return first.word;
  if (first || typed.length < LETTERS_A_SLIP) return null;
  const holding = words.filter((word) => word.toLowerCase().includes(typed) || typed.includes(word.toLowerCase()));
  return holding.length === 1 ? (holding[0] ?? null) : null;
}

/** ", did you mean india?"; empty when nothing is near. */
export function didYouMean(wrong: string, words: readonly string[]): string {
  const word = nearestWord(wrong, words);
  return word === null ? '' : `, did you mean ${word}?`;
}
