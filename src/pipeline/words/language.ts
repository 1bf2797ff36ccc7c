/** The language a partner writes in, told from what they wrote themselves and not from the labels they filled in. */
import { createRequire } from 'node:module';
import type { detectAll } from 'tinyld';
import type { LanguagePolicy } from '../../policy.ts';
import { fold } from './fold.ts';
import { LATIN, type Script, scriptOf, scriptShares } from './scripts.ts';

/** More of a text says no more about its language. */
const EXAMINED = 600;
/** Letters of its own below which a text is worth less than the language of the labels; a character of an unspaced script counts for three. */
const TOO_SHORT = 24;
const UNSPACED_LETTERS = 3;
const ENOUGH_OF_A_SCRIPT = 6;
/** Share of the letters from which a script other than Latin is the writer's, product names and error messages aside. */
const WRITERS_SCRIPT = 0.3;
/** With fewer common words of any language in Latin letters, so small a share is enough. */
const WRITERS_SCRIPT_ALONE = 0.1;
const FEW_WORDS = 2;
/** A word that was typed without its accents says this much of one with them. */
const WITHOUT_ACCENTS = 0.5;
/** A letter that few languages have, as a part of a word they have. */
const LETTER = 0.4;
/** The first language leads the second by as much, or the statistics of letters are asked. */
const CLEAR_LEAD = 1.35;
const FEWEST_POINTS = 1.5;
const SURE = 0.3;

/** What tells the languages of a policy apart, taken from their own words. */
export type Detector = {
  readonly codes: readonly string[];
  readonly scripts: ReadonlyMap<string, Script>;
  /** Word or letter -> the languages that have it, each with its weight: the fewer, the more. */
  readonly words: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly letters: ReadonlyMap<string, ReadonlyMap<string, number>>;
};

export function compileDetector(languages: Readonly<Record<string, LanguagePolicy>>): Detector {
  const entries = Object.entries(languages);
  const samples = entries.map(([code, language]) => [code, sampleOf(language)] as const);
  const scripts = new Map(samples.map(([code, sample]) => [code, scriptOf(sample)]));
  const words = new Map<string, Map<string, number>>();
  const letters = new Map<string, Map<string, number>>();
  const add = (map: Map<string, Map<string, number>>, key: string, code: string, weight: number) => {
    const known = map.get(key) ?? new Map<string, number>();
    known.set(code, Math.max(weight, known.get(code) ?? 0));
    map.set(key, known);
  };
  for (const [code, language] of entries) {
    for (const word of language.commonWords.flatMap(tokensOf)) {
      add(words, word, code, 1);
      const folded = fold(word);
      add(words, folded, code, word === folded ? 1 : WITHOUT_ACCENTS);
    }
  }
  for (const [code, sample] of samples) for (const letter of lettersOf(sample)) add(letters, letter, code, LETTER);
  for (const map of [words, letters]) {
    for (const known of map.values()) for (const [code, weight] of known) known.set(code, weight / known.size);
  }
  return { codes: entries.map(([code]) => code), scripts, words, letters };
}

/** Everything a language's file says in sentences and labels, without the words all languages share. */
function sampleOf(language: LanguagePolicy): string {
  return [
    ...Object.values(language.labels).flat(),
    ...language.closings,
    ...language.greetings,
    ...language.commonWords,
  ]
    .join('\n')
    .replace(/[a-z]+/gi, (word) => (/^(?:zoho|z[uog]id|e|mail|email|super|admin|id)$/i.test(word) ? '' : word));
}

const tokensOf = (text: string) =>
  text
    .normalize('NFC')
    .toLowerCase()
    .match(/[\p{L}\p{M}]+/gu) ?? [];
/** Letters that are not of the plain alphabet. */
const lettersOf = (text: string) =>
  [...new Set(text.normalize('NFC').toLowerCase())].filter((letter) => letter > 'z' && /\p{L}/u.test(letter));

/** An ISO 639-1 code of the detector's; `fallback` when the text says too little. */
export function detectLanguage(text: string, detector: Detector, fallback: string): string {
  const own = text
    .slice(0, EXAMINED * 4)
    .replace(/\S{0,100}[@/\\_]\S{0,200}|\bzoho\b|\d/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, EXAMINED);
  const points = pointsOf(own, detector);
  const script = writersScript(own, points, detector);
  const candidates = detector.codes.filter((code) => detector.scripts.get(code) === script);
  const [only] = candidates;
  if (script !== LATIN && candidates.length === 1 && only) return only;
  if (candidates.length === 0 || lettersIn(own) < TOO_SHORT) return fallback;
  const ranked = candidates
    .map((code) => ({ code, points: points.get(code) ?? 0 }))
    .sort((one, other) => other.points - one.points);
  const [first, second] = ranked;
  if (first && first.points >= FEWEST_POINTS && first.points >= CLEAR_LEAD * (second?.points ?? 0)) return first.code;
  const likely = ranked.filter((one) => one.points > 0 && one.points * 2 >= (first?.points ?? 0));
  return (
    byStatistics(own, likely.length > 0 ? likely.map((one) => one.code) : candidates) ??
    (first && first.points > 0 ? first.code : fallback)
  );
}

function lettersIn(text: string): number {
  const letters = text.match(/\p{L}/gu) ?? [];
  return letters.reduce((sum, letter) => sum + (letter > '\u0e00' ? UNSPACED_LETTERS : 1), 0);
}

/** How much the words and letters of a text speak for each language. */
function pointsOf(text: string, { words, letters }: Detector): Map<string, number> {
  const points = new Map<string, number>();
  const give = (known: ReadonlyMap<string, number> | undefined, times = 1) => {
    for (const [code, weight] of known ?? []) points.set(code, (points.get(code) ?? 0) + weight * times);
  };
  for (const token of tokensOf(text)) {
    give(words.get(token));
    for (const letter of new Set(token)) if (letter > 'z') give(letters.get(letter));
  }
  return points;
}

/** A script other than Latin where enough of the letters are of it: technical prose is full of Latin names in every language. */
function writersScript(text: string, points: ReadonlyMap<string, number>, detector: Detector): Script {
  const shares = scriptShares(text);
  const [script, share] =
    [...shares].filter(([name]) => name !== LATIN).sort((a, b) => b[1].share - a[1].share)[0] ?? [];
  if (!script || !share || share.letters < ENOUGH_OF_A_SCRIPT) return LATIN;
  const latin = Math.max(
    0,
    ...detector.codes.filter((code) => detector.scripts.get(code) === LATIN).map((code) => points.get(code) ?? 0),
  );
  return share.share >= (latin < FEW_WORDS ? WRITERS_SCRIPT_ALONE : WRITERS_SCRIPT) ? script : LATIN;
}

let statistics: { readonly detectAll: typeof detectAll } | undefined;

/** Loaded when first asked: unpacking its tables takes longer than compiling the policy, and few mails need it. */
function byStatistics(text: string, codes: readonly string[]): string | null {
  statistics ??= createRequire(import.meta.url)('tinyld') as NonNullable<typeof statistics>;
  const [best] = statistics.detectAll(text, { only: [...codes] });
  return best && best.accuracy >= SURE && codes.includes(best.lang) ? best.lang : null;
}
