/** The parts of a mail as lines, new text apart from old, worked out when first asked for and once. */

import { matchLabel } from '../extract/labels.ts';
import { htmlLines } from '../html/html.ts';
import { fold, foldCompact, foldWords } from '../words/fold.ts';
import { countOf } from '../words/phrases.ts';
import type { Reading } from '../words/reading.ts';
import { type Line, linesOf, plainLine } from './lines.ts';
import { type Separated, separate } from './separate.ts';
import { senderOf } from './signature-card.ts';

export type Layout = { readonly text: () => Separated; readonly html: () => Separated; readonly subject: Line };

/** Only this much of a part is read line by line (UTF-16 units): fifty times a long mail. */
export const MAX_READ = 400_000;

/** Subject prefixes of forwards; replies have others: Portuguese "RES:" is one. */
const FORWARDS =
  /^(?:\s{0,3}(?:\[[^\]]{0,40}\])?\s{0,3})(?:fwd?|rv|tr|wg|enc|i|chuyen tiep|doorst|vs|vb|pd|[iİ]lt|terusan|пересл|إعادة توجيه|转发|轉寄|轉發|転送|전달|ส่งต่อ)\s{0,2}(?:\[\d{1,3}\])?\s{0,2}[:：]/i;

/** `sender` is the address the mail comes from, `name` the one shown with it: by them a signature is known. */
export function layOut(
  parts: { text: string; html: string },
  subject: string,
  reading: Reading,
  sender = '',
  name = '',
): Layout {
  const options = {
    words: reading.history,
    sender: senderOf(sender, name),
    isProduct: (line: string) => isProduct(line, reading),
    pointsBelow: (text: string) => countOf(foldWords(text), reading.below) > 0,
    isDisclaimer: (line: string) => isDisclaimer(line, reading),
    forwarded: FORWARDS.test(subject) || /^chuyen tiep\b/.test(fold(subject.slice(0, 40))),
    isFilledIn: (line: string) => {
      const match = matchLabel(reading.labels, line);
      return match?.exact === true && match.valueAt < line.length;
    },
  };
  return {
    text: once(() => separate(linesOf(parts.text.slice(0, MAX_READ)), options)),
    html: once(() => separate(htmlLines(parts.html.slice(0, MAX_READ)), options)),
    subject: plainLine(subject, 'subject', 0),
  };
}

const LONGEST_PRODUCT = 60;

function isProduct(line: string, { products }: Reading): boolean {
  if (line.length > LONGEST_PRODUCT) return false;
  const compact = foldCompact(line);
  return products.names.has(compact) || products.names.has(compact.replace(/^zoho/, ''));
}

/** A line of a notice has at least so many letters, and is looked at so far. */
const SHORTEST_NOTICE = 60;
const NOTICE = 600;

function isDisclaimer(line: string, { disclaimers }: Reading): boolean {
  return line.length >= SHORTEST_NOTICE && countOf(foldWords(line.slice(0, NOTICE)), disclaimers) >= 2;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** A note that only says where the real text is: then the HTML part is what people see. */
const SHORT_TEXT = 200;

/** The part that shows the mail as its reader sees it. */
export function mainPart(parts: { text: string; html: string }, layout: Layout): Separated {
  if (parts.html.trim() === '') return layout.text();
  if (parts.text.trim() === '') return layout.html();
  if (parts.text.length > SHORT_TEXT) return layout.text();
  const html = layout.html();
  return html.text.length > 4 * SHORT_TEXT + parts.text.length ? html : layout.text();
}
