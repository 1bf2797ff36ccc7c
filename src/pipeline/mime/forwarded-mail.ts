/** How a mail that is attached to a mail begins in the text: as mail programs introduce a forward, so that it is read like one. */
import { showText } from '../mail/address-header.ts';
import { decodeWords } from './encoded-words.ts';
import type { Headers } from './headers.ts';

const SHOWN = ['From', 'Date', 'Subject', 'To'];
const LONGEST = 500;

/** A banner and the attached mail's header. What a delivery report returns is history, what a person attaches is a forward. */
export function bannerFor(headers: Headers, returned: boolean): string {
  const lines = SHOWN.flatMap((name) => {
    const value = showText(decodeWords(headers.first(name.toLowerCase()))).slice(0, LONGEST);
    return value === '' ? [] : [`${name}: ${value}`];
  });
  return [
    '',
    returned ? '-----Original Message-----' : '---------- Forwarded message ---------',
    ...lines,
    '',
    '',
  ].join('\n');
}
