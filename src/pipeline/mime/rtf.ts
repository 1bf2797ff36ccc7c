/** The words of an RTF body, or the HTML that Outlook wrapped into it (MS-OXRTFEX). Linear, never throws. */
import { decodeCharset } from './charset.ts';

/** Groups within groups; deeper ones are read as if they stood at this depth. */
const MAX_DEPTH = 200;
const MAX_TEXT = 1_000_000;

/** Groups whose text nobody sees. */
const UNSEEN = new Set(
  'fonttbl colortbl stylesheet info pict object themedata colorschememapping latentstyles listtable listoverridetable rsidtbl generator xmlnstbl datastore mhtmltag header footer'.split(
    ' ',
  ),
);
const SIGNS: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  row: '\n',
  cell: '\t',
  tab: '\t',
  emdash: '—',
  endash: '–',
  bullet: '•',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
};
const WORD = /\\([a-z]{1,32})(-?\d{1,10})? ?/y;

type Group = { unseen: boolean; plain: boolean; skip: number };

/** Reads an RTF source whose bytes are given as Latin-1. `html` when it carries one, else `text`. */
export function rtfText(source: string): { text: string; html: string } {
  const isHtml = source.slice(0, 2_000).includes('\\fromhtml1');
  let charset = 'windows-1252';
  let output = '';
  let bytes: number[] = [];
  let group: Group = { unseen: false, plain: true, skip: 1 };
  const groups: Group[] = [];
  let toSkip = 0;
  const flush = () => {
    if (bytes.length > 0) output += decodeCharset(Uint8Array.from(bytes), charset);
    bytes = [];
  };
  // In wrapped HTML, what is for RTF readers alone stands behind \htmlrtf and in the open.
  const visible = () => !group.unseen && group.plain;
  const say = (text: string) => {
    flush();
    if (visible()) output += text;
  };
  for (let index = 0; index < source.length && output.length < MAX_TEXT; index++) {
    const character = source.charAt(index);
    if (character === '{') {
      if (groups.length < MAX_DEPTH) groups.push({ ...group });
    } else if (character === '}') {
      flush();
      group = groups.pop() ?? group;
    } else if (character !== '\\') {
      if (character === '\r' || character === '\n') continue;
      if (toSkip > 0) toSkip--;
      else if (visible()) bytes.push(character.charCodeAt(0));
    } else {
      const next = source.charAt(index + 1);
      if (next === "'") {
        const byte = Number.parseInt(source.slice(index + 2, index + 4), 16);
        if (toSkip > 0) toSkip--;
        else if (visible() && !Number.isNaN(byte)) bytes.push(byte);
        index += 3;
        continue;
      }
      WORD.lastIndex = index;
      const word = WORD.exec(source);
      if (!word) {
        if (next === '*') group.unseen = group.unseen || !source.startsWith('\\*\\htmltag', index);
        else if (next === '~') say('\u00a0');
        else if ('\\{}'.includes(next) && visible()) bytes.push(next.charCodeAt(0));
        index++;
        continue;
      }
      index += word[0].length - 1;
      const [, name = '', parameter] = word;
      const number = Number(parameter ?? 0);
      if (name === 'ansicpg') charset = number === 65001 ? 'utf-8' : `cp${number}`;
      else if (name === 'u') {
        say(String.fromCharCode(number & 0xffff));
        toSkip = group.skip;
      } else if (name === 'uc') group.skip = Math.min(Math.max(number, 0), 10);
      else if (name === 'htmlrtf') {
        flush();
        group.plain = parameter === '0';
      } else if (UNSEEN.has(name)) group.unseen = true;
      else if (SIGNS[name] !== undefined) say(isHtml && /par|line/.test(name) ? '\r\n' : (SIGNS[name] ?? ''));
    }
  }
  flush();
  const result = output.replaceAll('\0', '').replace(/\r\n?/g, '\n').trim();
  return isHtml ? { text: '', html: result } : { text: result, html: '' };
}
