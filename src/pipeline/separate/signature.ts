/** Names, telephones and notices below a sign-off: not what the writer says, though no mail program marked them. */
import { fold, UNSPACED } from '../words/fold.ts';
import { lengthInWords } from '../words/word-count.ts';
import { beginsWith, type Starts } from './history-words.ts';
import { isBlank, type Line } from './lines.ts';
import {
  hasCompany,
  isCardLine,
  isContact,
  isWholeCard,
  looksLikeName,
  nameIn,
  type Sender,
  saysSomething,
} from './signature-card.ts';

type Options = {
  readonly words: { readonly closings: Starts };
  /** Whether a line answers something: a label with its value, a product. */
  readonly isFilledIn: (line: string) => boolean;
  readonly isProduct: (line: string) => boolean;
  readonly isDisclaimer: (line: string) => boolean;
  readonly sender: Sender;
};

/** A business card has no more lines, and no longer ones. */
const MOST_LINES = 14;
const LONGEST_LINE = 100;
/** Without a telephone number or the like it is shorter. */
const MOST_LINES_OF_NAMES = 6;
const LONGEST_CLOSING = 60;
/** Words of a closing and a name behind it, in a script that sets no comma between them. */
const LONGEST_UNSPACED_CLOSING = 9;
/** Lines of the end of a mail that are looked at, notices and blank lines included. */
const WINDOW = 60;

/**
 * Marks as old what stands at the end of the new text, the end of a mail or the lines above its history: notices, and above them a
 * card below a sign-off or, without one, below the sender's own name or a blank line. The sign-off itself stays. A card is one by a telephone
 * number, a web page, an address of the sender's own domain, or by the sender's name or company with nothing but short lines around
 * it; another address, a label with its value, a number that may be an id or a question makes it text.
 */
export function setSignatureAside(lines: readonly Line[], old: boolean[], options: Options): void {
  const firstOld = old.indexOf(true);
  let lastNew = lines.length - 1;
  while (lastNew >= 0 && (old[lastNew] || isBlank(lines[lastNew] as Line))) lastNew--;
  const ends = new Set(firstOld === -1 ? [lines.length] : [firstOld, lastNew + 1, lines.length]);
  for (const end of ends) setAsideBefore(end, lines, old, options);
}

function setAsideBefore(end: number, lines: readonly Line[], old: boolean[], options: Options): void {
  const stop = Math.max(0, end - WINDOW);
  let cursor = end - 1;
  let noticeAt = end;
  while (cursor >= stop && !old[cursor]) {
    const line = lines[cursor];
    if (!line || (!isBlank(line) && !options.isDisclaimer(line.text))) break;
    if (!isBlank(line)) noticeAt = cursor;
    cursor--;
  }
  const isSaidAbove = (at: number) => lines.slice(0, at).some((line, index) => !old[index] && !isBlank(line));
  // A mail that is nothing but a notice says that.
  if (isSaidAbove(noticeAt)) old.fill(true, noticeAt, end);
  const from = beginningOf(lines, old, { stop, cursor }, options);
  if (from !== null && isSaidAbove(from)) old.fill(true, from, noticeAt);
}

/** Where the signature begins that ends at `cursor`; null when none does. */
function beginningOf(
  lines: readonly Line[],
  old: readonly boolean[],
  { stop, cursor }: { stop: number; cursor: number },
  options: Options,
): number | null {
  const { sender } = options;
  const card: string[] = [];
  let isCard = false;
  let isPlain = true;
  let isCardAlone = true;
  let named: number | null = null;
  for (let at = cursor; at >= stop && !old[at]; at--) {
    const line = lines[at];
    if (!line || isBlank(line)) continue;
    const text = line.text.trim();
    if (isClosing(text, options.words.closings)) return isCard || (isPlain && isNamed(card, sender)) ? at + 1 : named;
    if (card.length >= MOST_LINES || text.length > LONGEST_LINE) break;
    if (options.isFilledIn(text) || options.isProduct(text) || saysSomething(text, sender)) break;
    card.push(text);
    isCard ||= isContact(text, sender);
    isCardAlone &&= isCardLine(text, sender) || isTitle(lines, at, sender);
    isPlain &&= card.length <= MOST_LINES_OF_NAMES && isCardAlone;
    const name = isPlain ? nameIn(text, sender) : null;
    if (
      name &&
      (hasFarewell(lines, at, options) ||
        (standsApart(lines, at) && (name === 'full' || card.length === 1 || isRightAbove(lines, at, named))))
    )
      named = at;
    else if (named === null && isCardAlone && standsApart(lines, at) && isWholeCard(card, sender)) named = at;
  }
  return named;
}

/** Whether nothing stands between a line and the signature found below it. */
function isRightAbove(lines: readonly Line[], at: number, named: number | null): boolean {
  return named !== null && lines.slice(at + 1, named).every(isBlank);
}

/** Two words or three below the sender's full name: "kierownik projektu". In many languages a title has no capital, and a sentence does. */
function isTitle(lines: readonly Line[], at: number, sender: Sender): boolean {
  const text = lines[at]?.text.trim() ?? '';
  return (
    /^\p{Ll}[\p{L}\p{M}-]+(?: [\p{L}\p{M}-]{3,}){0,2}$/u.test(text) &&
    nameIn(lines[at - 1]?.text ?? '', sender) === 'full'
  );
}

/** Short lines below a sign-off: the sender's name or company is among them, or there is one line, and it looks like a name. */
function isNamed(card: readonly string[], sender: Sender): boolean {
  const [only] = card;
  const first = card.findLast((text) => /[\p{L}\p{N}]/u.test(text));
  if (first === undefined || only === undefined) return false;
  if (card.some((text) => nameIn(text, sender) === 'full' || hasCompany(text, sender))) return true;
  return nameIn(first, sender) !== null || (card.length === 1 && looksLikeName(only));
}

/** A line no list has, right above a name and below a blank line, is a sign-off of the writer's own: "Speak soon,". */
const LONGEST_FAREWELL = 40;
const FAREWELL_WORDS = 5;

function hasFarewell(lines: readonly Line[], at: number, options: Options): boolean {
  const above = lines[at - 1]?.text.trim() ?? '';
  const before = lines[at - 2];
  if (above === '' || above.length > LONGEST_FAREWELL || !before || !isBlank(before)) return false;
  if (/[:：=?？؟.。>]$|[\d@]/.test(above) || lengthInWords(fold(above)) > FAREWELL_WORDS) return false;
  return !options.isFilledIn(above) && !options.isProduct(above);
}

/** Below a blank line, and not below what asks for a name: "The user is:". */
function standsApart(lines: readonly Line[], at: number): boolean {
  const above = lines[at - 1];
  if (!above || !isBlank(above)) return false;
  let next = at - 1;
  while (next > 0 && next > at - 4 && isBlank(lines[next] as Line)) next--;
  return !/[:：=?？؟]$/.test(lines[next]?.text.trim() ?? '');
}

/** A line that is a sign-off and at most a name: "Kind regards, Sam". */
function isClosing(line: string, closings: Starts): boolean {
  if (line.length > LONGEST_CLOSING) return false;
  const begins = beginsWith(fold(line), closings);
  if (begins !== 'start') return begins === 'whole';
  // Where words are not set apart, a closing goes over into the name with a stop, a space or nothing.
  return /[,;!،，、]/.test(line) || (UNSPACED.test(line) && lengthInWords(fold(line)) <= LONGEST_UNSPACED_CLOSING);
}
