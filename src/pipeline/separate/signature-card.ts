/** The lines of a business card, and the writer's own name: what tells them from words that say something. */
import { findAddresses } from '../extract/address-text.ts';
import { fold, foldCompact, UNSPACED } from '../words/fold.ts';
import { lengthInWords } from '../words/word-count.ts';

/** Who sent the mail, as far as it tells a signature. */
export type Sender = {
  readonly address: string;
  readonly domain: string;
  /** Folded words of the name in the From header, or of the address where there is none. */
  readonly names: readonly string[];
  /** The domain without its ending and without spaces; '' when it is too short to mean a company. */
  readonly company: string;
};

/** At these everybody has an address: another of the same domain is another person's. */
const PUBLIC_DOMAINS =
  /^(?:gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|aol|gmx|web|mail|proton|protonmail|yandex|qq|163|126|naver|daum|hanmail|libero|virgilio|orange|wanadoo|free|bol|uol|terra|wp|onet|interia|o2)\.[a-z.]{2,6}$/;
const SHORTEST_COMPANY = 5;
const LONGEST_NAME_READ = 100;

/** `name` is the display name, perhaps with a company behind "|" or in brackets. */
export function senderOf(address: string, name: string): Sender {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1).toLowerCase();
  const shown = name.slice(0, LONGEST_NAME_READ).replace(/[([|/].*$| - .*$|"/g, '');
  const local = at > 0 ? address.slice(0, at).slice(0, LONGEST_NAME_READ).replace(/\d+/g, ' ') : '';
  const company = foldCompact(domain.split('.').slice(0, -1).join(' ').slice(0, LONGEST_NAME_READ));
  const names = fold(shown === '' || shown.includes('@') ? local : shown)
    .split(' ')
    .filter((word) => word !== '');
  return {
    address: address.toLowerCase(),
    domain,
    names,
    company: company.length < SHORTEST_COMPANY || isPublic(domain) ? '' : company,
  };
}

function isPublic(domain: string): boolean {
  return PUBLIC_DOMAINS.test(domain);
}

/** An address that a signature of the sender may have: the sender's, or one of the same company. */
function isOwn(address: string, sender: Sender): boolean {
  const lower = address.toLowerCase();
  if (lower === sender.address) return lower !== '';
  return sender.domain !== '' && !isPublic(sender.domain) && lower.slice(lower.lastIndexOf('@') + 1) === sender.domain;
}

/** Words that may stand beside the name on its line: a title, a company. */
const MOST_WORDS_BESIDE = 7;

/** Whether a line is the sender's name: in full, in any order and with a title or a company, or a part of it. */
export function nameIn(line: string, { names }: Sender): 'full' | 'part' | null {
  if (names.length === 0 || line.length > LONGEST_NAME_READ) return null;
  const folded = fold(line);
  const words = folded.split(' ');
  const name = names.join(' ');
  const isUnspaced = UNSPACED.test(name);
  const isAll = isUnspaced ? ` ${folded} `.includes(` ${name} `) : names.every((one) => words.includes(one));
  if (names.length > 1 && isAll) {
    if (words.length === names.length) return 'full';
    return lengthInWords(folded) <= lengthInWords(name) + MOST_WORDS_BESIDE && !isProse(line) ? 'full' : null;
  }
  if (words.length > names.length) return null;
  if (isUnspaced) return words.length > 1 && name.startsWith(folded) ? 'part' : null;
  const isPart = (word: string) => names.some((one) => one === word || (word.length === 1 && one.startsWith(word)));
  return words.every(isPart) && words.some((word) => word.length > 1) ? 'part' : null;
}

/** Whether the sender's company stands on a line, as the domain has it. */
export function hasCompany(line: string, { company }: Sender): boolean {
  return company !== '' && line.length <= LONGEST_NAME_READ && foldCompact(line).includes(company);
}

/** A number that may be a ZUID or another answer. */
const ID = /^\D{0,3}\d{7,20}\D?$/;
const POSTSCRIPT = /^(?:p\.? ?s\b|n\.? ?b\b|ps|nb)/i;

/** What no signature holds: a question, another's address, a bare number, an afterthought. */
export function saysSomething(line: string, sender: Sender): boolean {
  if (/[?？؟]["')\]]?$/.test(line) || ID.test(line) || POSTSCRIPT.test(line)) return true;
  return namesAnother(line, sender);
}

/** Whether a line has the address of somebody outside the sender's company. */
export function namesAnother(line: string, sender: Sender): boolean {
  return findAddresses(line).some(({ address }) => !isOwn(address, sender));
}

/** A telephone number, a web page, an address of the sender's company: a line of a card whatever stands around it. */
export function isContact(line: string, sender: Sender): boolean {
  const own = findAddresses(line).some(({ address }) => isOwn(address, sender));
  return own || isTelephone(line) || /\b(?:www\.|https?:\/\/)/i.test(line);
}

/** A host and nothing behind it: a link to a page is no business card's. */
const WEB_SITE =
  /(?:^|[\s:|])(?:https?:\/\/(?:www\.)?|www\.)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,4}\/?(?=$|[\s|,;])/i;
const SHORTEST_CARD = 3;

/**
 * Whether lines are a business card by themselves, without a sign-off or the sender's name: a telephone number, and a web site, an
 * address of the company or its name.
 */
export function isWholeCard(card: readonly string[], sender: Sender): boolean {
  if (card.length < SHORTEST_CARD || !card.some(isTelephone)) return false;
  return card.some(
    (line) =>
      WEB_SITE.test(line) ||
      hasCompany(line, sender) ||
      findAddresses(line).some(({ address }) => isOwn(address, sender)),
  );
}

/** Digits in groups, or behind a plus: a ZUID is one bare number. */
function isTelephone(line: string): boolean {
  const match = /(?:\+\d|\(\d|\b\d{2,5}[ .()\-/]\d)[\d .()\-/]{4,20}\d/.exec(line);
  return match !== null && match[0].replace(/\D/g, '').length >= 7;
}

/** Titles, companies and places are no longer, in words. */
const LONGEST_CARD_LINE = 9;
const LONGEST_UNCASED = 9;
/** "of", "de", "und" say nothing of what a line is. */
const SHORTEST_TELLING_WORD = 4;

/** Whether a line below a name may be a title, a company, a place or a rule: not prose, no label with its value, no long number. */
export function isCardLine(line: string, sender: Sender): boolean {
  if (!/[\p{L}\p{N}]/u.test(line)) return true;
  if (isContact(line, sender) || nameIn(line, sender) === 'full' || hasCompany(line, sender)) return true;
  return !/\d{7}|[:：=]/.test(line) && !isProse(line) && (!isCased(line) || /\p{Lu}/u.test(line));
}

function isCased(line: string): boolean {
  return /[\p{Lu}\p{Ll}]/u.test(line) && !UNSPACED.test(line);
}

/** A sentence, or as long as one: few of its words begin with a capital, or it ends as a sentence does. */
function isProse(line: string): boolean {
  if (endsSentence(line)) return true;
  if (!isCased(line)) return lengthInWords(fold(line)) > LONGEST_UNCASED || POLITE_END.test(line);
  const words = line.split(/[\s|/,·•]+/).filter((word) => /\p{L}/u.test(word));
  const telling = words.filter((word) => word.length >= SHORTEST_TELLING_WORD);
  const small = telling.filter((word) => /^\P{L}*\p{Ll}/u.test(word)).length;
  return words.length > LONGEST_CARD_LINE || (words.length >= 3 && small > telling.length - small);
}
const POLITE_END = /(?:ครับ|ค่ะ|คะ|ます|です|ました|ません|니다|어요|아요|해요|了)$/u;

/** A stop at the end, unless it ends an abbreviation: "Ltd.", "S.A.", "Sp. z o.o.". */
function endsSentence(line: string): boolean {
  return /[!…。！]$|[，、].*[，、]/.test(line) || (/\.$/.test(line) && !/(?:^|[\s.])\p{L}{1,4}\.$/u.test(line));
}

/** One line of one to three words that all begin with a capital: a name, whoever's. */
export function looksLikeName(line: string): boolean {
  return /^\p{Lu}[\p{L}\p{M}'’.-]*(?: \p{Lu}[\p{L}\p{M}'’.-]*){0,2}$/u.test(line) && !/\.$/.test(line);
}
