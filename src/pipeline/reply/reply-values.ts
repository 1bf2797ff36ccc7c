/** Values from a stranger on their way into a reply: made harmless, and kept apart from the template's own markup. */

/** A field's value as it is quoted. Longer ones are cut: a forged sender must not have us deliver an essay to someone else. */
const VALUE_LENGTH = 300;
/** The original subject within ours: leaves room for "Re:" and the ticket number on one header line of sane length. */
export const SUBJECT_LENGTH = 180;
/** Policy's own web addresses. */
const URL_LENGTH = 2000;
/** What is looked at before cleaning: 100 kB of value costs no more than this. */
const LOOKED_AT = 4000;

/** Control characters, line and paragraph separators: they end a header, or a line of the text part. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
/** Bidi overrides and isolates, zero-width and tag characters, lone surrogates, unassigned ones, and the private use area, which is
 * ours for placeholders. ZWJ and ZWNJ stay: scripts and emoji need them. */
const UNSEEN = /[[\p{Cf}\p{Co}\p{Cs}\p{Cn}]--[\u200C\u200D]]/gv;

/** What a mail program would turn into a link by itself: a scheme, "www.", or a host with a path. */
const LINKS =
  /[a-z][a-z0-9+.-]{1,20}:\/\/\S*|www\.\S+|(?<![\p{L}\p{N}-])[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}(?::\d+)?(?:\/|[?#][\p{L}\p{N}])\S*/giu;

/** One line without control, invisible or direction-changing characters, at most `length` UTF-16 units (cut with an ellipsis). */
export function cleanLine(value: string, length: number): string {
  const line = value.slice(0, LOOKED_AT).toWellFormed().replace(BREAKS, ' ').replace(UNSEEN, '').replace(/\s+/gu, ' ');
  return cut(line.trim(), length);
}

/** Quoted text carries no web address: whoever forges a sender would have us mail their link to the victim. */
function withoutLinks(value: string): string {
  return value.replace(LINKS, '[URL]');
}

/** A stranger's words on one line: cleaned, cut, without web addresses. */
export const quotedLine = (value: string, length: number): string => withoutLinks(cleanLine(value, length));

function cut(line: string, length: number): string {
  if (line.length <= length) return line;
  return `${line
    .slice(0, length - 1)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd()}…`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML text or as a quoted attribute's value. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** How a value is shown: `word` as part of the sentence; `ltr` for addresses and ids; `quote` for a stranger's words; `url` may also be a link's target. */
type Shown = 'word' | 'ltr' | 'quote' | 'url';

/** Addresses and ids go to the next line as a whole; only what is longer than a line is broken. */
const WHOLE = 'display:inline-block';

const FIRST_SLOT = 0xe000;
const LAST_SLOT = 0xf8ff;
export const SLOT = /[\uE000-\uF8FF]/g;

/** Places kept for values while templates and Markdown are rendered; the values themselves are seen by neither. */
export interface Slots {
  /** The one private-use character that stands for the cleaned value, or '' when nothing is left of it. */
  put(value: string, shown: Shown): string;
  /** Values as they are, for the text part and the subject. Filled text is never filled again. */
  fillText(text: string): string;
  /** Escaped values, isolated from the direction of the text around them. */
  fillHtml(html: string): string;
  /** The target of a link: null unless it is a template's own or a `url` value. */
  target(href: string): string | null;
}

export function createSlots(): Slots {
  const values: { text: string; shown: Shown }[] = [];
  const slotValue = (slot: string) => values[slot.charCodeAt(0) - FIRST_SLOT];
  return {
    put(value, shown) {
      const line = cleanLine(value, shown === 'url' ? URL_LENGTH : VALUE_LENGTH);
      const text = shown === 'quote' || shown === 'ltr' ? withoutLinks(line) : line;
      if (text === '' || values.length > LAST_SLOT - FIRST_SLOT) return '';
      return String.fromCharCode(FIRST_SLOT + values.push({ text, shown }) - 1);
    },
    fillText: (text) => text.replace(SLOT, (slot) => slotValue(slot)?.text ?? ''),
    fillHtml: (html) =>
      html.replace(SLOT, (slot) => {
        const value = slotValue(slot);
        if (!value) return '';
        const text = escapeHtml(value.text);
        if (value.shown === 'word') return text;
        return value.shown === 'quote' ? `<bdi>${text}</bdi>` : `<bdi dir="ltr" style="${WHOLE}">${text}</bdi>`;
      }),
    target(href) {
      const slots = href.match(SLOT);
      if (!slots) return /^(?:https?:\/\/|mailto:)/i.test(href) ? href : null;
      const value = slotValue(href);
      return href.length === 1 && value?.shown === 'url' && /^https?:\/\//i.test(value.text) ? value.text : null;
    },
  };
}
