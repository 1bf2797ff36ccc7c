/** Scripts: how much of a text is written in which, and the one a language is written in. */

export type Script = string;
export const LATIN = 'Latin';
const HAN = 'Han';
const KANA = 'Kana';

/** The scripts of the living languages people write mail in; Kana is what tells Japanese from Chinese. */
const SCRIPTS: readonly (readonly [Script, RegExp])[] = [
  [LATIN, /\p{sc=Latin}/u],
  [HAN, /\p{sc=Han}/u],
  [KANA, /[\p{sc=Hiragana}\p{sc=Katakana}ー]/u],
  ['Hangul', /\p{sc=Hangul}/u],
  ['Thai', /\p{sc=Thai}/u],
  ['Arabic', /\p{sc=Arabic}/u],
  ['Cyrillic', /\p{sc=Cyrillic}/u],
  ...[
    'Greek',
    'Hebrew',
    'Armenian',
    'Georgian',
    'Devanagari',
    'Bengali',
    'Gurmukhi',
    'Gujarati',
    'Tamil',
    'Telugu',
  ].map((name) => [name, new RegExp(`\\p{sc=${name}}`, 'u')] as const),
  ...['Kannada', 'Malayalam', 'Sinhala', 'Lao', 'Khmer', 'Myanmar', 'Ethiopic'].map(
    (name) => [name, new RegExp(`\\p{sc=${name}}`, 'u')] as const,
  ),
];
/** A character of these stands for two or three letters of an alphabet. */
const DENSE: ReadonlySet<Script> = new Set([HAN, KANA, 'Hangul']);
const DENSITY = 2.5;
/** Japanese has Kana in every sentence; a Chinese text may quote a word of it. */
const JAPANESE = 0.12;

export type Share = { readonly letters: number; readonly share: number };

/** Letters and share of each script in a text. Kana counts with the Han around it as Kana, when there is enough of it. */
export function scriptShares(text: string): Map<Script, Share> {
  const letters = new Map<string, number>();
  for (const letter of text.match(/\p{L}/gu) ?? []) letters.set(letter, (letters.get(letter) ?? 0) + 1);
  const weights = new Map<Script, number>();
  let total = 0;
  for (const [letter, times] of letters) {
    const script = letter <= 'z' ? LATIN : (SCRIPTS.find(([, pattern]) => pattern.test(letter))?.[0] ?? 'other');
    const weight = times * (DENSE.has(script) ? DENSITY : 1);
    weights.set(script, (weights.get(script) ?? 0) + weight);
    total += weight;
  }
  const kana = weights.get(KANA) ?? 0;
  const han = weights.get(HAN) ?? 0;
  if (kana > 0 && han > 0) {
    const [winner, loser] = kana >= JAPANESE * (kana + han) ? [KANA, HAN] : [HAN, KANA];
    weights.set(winner, kana + han);
    weights.delete(loser);
  }
  return new Map([...weights].map(([script, letters]) => [script, { letters, share: letters / total }]));
}

/** The script of a language, from a sample of its words: any but Latin that a good part is written in. */
export function scriptOf(sample: string): Script {
  const [script, share] =
    [...scriptShares(sample)].filter(([name]) => name !== LATIN).sort((a, b) => b[1].share - a[1].share)[0] ?? [];
  return script && share && share.share > 0.3 ? script : LATIN;
}
