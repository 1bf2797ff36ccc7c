/** Names, telephones and notices below a sign-off: not what the writer says, though no mail program marked them. */
import { findAddresses } from './address-text.ts';
import { fold, UNSPACED } from './fold.ts';
import { beginsWith, type Starts } from './history-words.ts';
import { isBlank, type Line } from './lines.ts';
import { lengthInWords } from './word-count.ts';

type Options = {
  readonly words: { readonly closings: Starts };
  readonly isFilledIn: (line: string) => boolean;
  readonly isDisclaimer: (line: string) => boolean;
  readonly senderDomain: string;
};

/** A business card has no more lines, and no longer ones. */
const MOST_LINES = 14;
const LONGEST_LINE = 100;
const LONGEST_CLOSING = 60;
/** Words of a closing and a name behind it, in a script that sets no comma between them. */
const LONGEST_UNSPACED_CLOSING = 9;
/** Lines of the end of a mail that are looked at, notices and blank lines included. */
const WINDOW = 60;

/**
 * Marks as old what stands at the end of the new text, the end of a mail or the lines above its history: notices, and above them a
 * card below a sign-off. The sign-off itself stays. A card is one by a telephone number, a web page or an address of the sender's own
 * domain; another address, a label with its value or a question makes it text.
 */
export function setSignatureAside(lines: readonly Line[], old: boolean[], options: Options): void {
  const firstOld = old.indexOf(true);
  const ends = firstOld === -1 ? [lines.length] : [firstOld, lines.length];
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
  // A mail that is nothing but a notice says that.
  if (lines.slice(0, noticeAt).some((line, index) => !old[index] && !isBlank(line))) old.fill(true, noticeAt, end);
  let count = 0;
  let isCard = false;
  for (; cursor >= stop && !old[cursor]; cursor--) {
    const line = lines[cursor];
    if (!line || isBlank(line)) continue;
    const text = line.text.trim();
    if (isClosing(text, options.words.closings)) {
      if (isCard) old.fill(true, cursor + 1, noticeAt);
      return;
    }
    if (++count > MOST_LINES || text.length > LONGEST_LINE || /[?？؟]$/.test(text) || options.isFilledIn(text)) return;
    const addresses = findAddresses(text);
    if (addresses.some(({ address }) => !isOwn(address, options.senderDomain))) return;
    isCard ||= addresses.length > 0 || isTelephone(text) || /\b(?:www\.|https?:\/\/)/i.test(text);
  }
}

function isOwn(address: string, domain: string): boolean {
  return domain !== '' && address.slice(address.lastIndexOf('@') + 1).toLowerCase() === domain;
}

/** A line that is a sign-off and at most a name: "Kind regards, Sam". */
function isClosing(line: string, closings: Starts): boolean {
  if (line.length > LONGEST_CLOSING) return false;
  const begins = beginsWith(fold(line), closings);
  if (begins !== 'start') return begins === 'whole';
  // Where words are not set apart, a closing goes over into the name with a stop, a space or nothing.
  return /[,;!،，、]/.test(line) || (UNSPACED.test(line) && lengthInWords(fold(line)) <= LONGEST_UNSPACED_CLOSING);
}

/** Digits in groups, or behind a plus: a ZUID is one bare number. */
function isTelephone(line: string): boolean {
  const match = /(?:\+\d|\(\d|\b\d{2,5}[ .()\-/]\d)[\d .()\-/]{4,20}\d/.exec(line);
  return match !== null && match[0].replace(/\D/g, '').length >= 7;
}
