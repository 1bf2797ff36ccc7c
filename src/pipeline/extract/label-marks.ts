/** The marks around a label: what stands before it (bullets, numbers), and what sets it apart from its value. */

/** A label with its bullet and its hint stands within the first characters of a line. */
export const LABEL_WINDOW = 320;
const LEADING =
  /[\s>*_•·▪▫◦‣●○■□➢➤✓✔☐☑–—\-#|"'«»“”‹›~+・※◆◇★☆▶►◎【「『〔［《\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
/** "1.", "(2)", "a)", and as other scripts count: "١-", "1、", "①", "一、", "가.", "б)". */
const ENUMERATOR =
  /^[([（［]?(?:[\d\u0660-\u0669\u06f0-\u06f9\u0e50-\u0e59\uff10-\uff19]{1,2}[.)\]:\-、．）］。]|[a-zA-Zа-яА-Я가-하ก-ฮ][.)\]）．]|[一二三四五六七八九十]{1,3}[、.．)）]|[\u2460-\u2473]|\w{1,2}\s-)(?=\D)\s{0,8}/;
export const SEPARATOR = /[:：꞉ː﹕︰=＝|¦｜\t→⇒»;；]/;
export const DASH = /[-–—―−－]/;
const QUESTION = /[?？؟]/;
/** Columns that are aligned by spaces. */
const COLUMN_GAP = /^[ \u00a0]{3}/;

/** Past bullets, quotation marks and one number or letter with a dot or bracket. */
export function skipPrefix(text: string): number {
  let index = skip(text, 0, LEADING);
  const enumerator = ENUMERATOR.exec(text.slice(index, index + 16));
  if (enumerator) index = skip(text, index + enumerator[0].length, LEADING);
  return index;
}

function skip(text: string, from: number, set: RegExp): number {
  let index = from;
  while (index < text.length && index < from + LABEL_WINDOW && set.test(text.charAt(index))) index++;
  return index;
}

/**
 * Where the first separator outside brackets stands; -1 when there is none. For a label that no list has, a question mark and the gap
 * between columns are separators too.
 */
export function separatorAt(text: string, from: number, also: 'question or column' | null = null): number {
  let depth = 0;
  for (let at = from; at < text.length && at < from + LABEL_WINDOW; at++) {
    const character = text.charAt(at);
    if (/[([（［]/.test(character)) depth++;
    else if (/[)\]）］]/.test(character)) depth = Math.max(0, depth - 1);
    else if (depth > 0) continue;
    else if (SEPARATOR.test(character)) return at;
    else if (DASH.test(character) && /\s/.test(text.charAt(at - 1)) && /^(?:\s|$)/.test(text.slice(at + 1, at + 2)))
      return at;
    else if (also && (QUESTION.test(character) || (at > from && COLUMN_GAP.test(text.slice(at, at + 3))))) return at;
  }
  return -1;
}
