/** Private comments on a ticket: each ends with its marker, by which it is found again. */
import type { Client } from './client.ts';
import { COMMENT_LENGTH, PAGE, PAGES } from './limits.ts';
import { Comments, Done } from './schemas.ts';
import { clean, cutWith } from './text.ts';

const lastLine = (marker: string): string => `[${marker}]`;

/** Desk reads `zsu[@user:…]zsu` in a comment as a mention: what a partner writes must not call an agent. */
const MENTION = /zsu\[/gi;

/** The comment's text; what does not fit is left out, its marker never. */
export function contentOfNote(marker: string, text: string): string {
  const body = clean(text).replace(MENTION, 'zsu [');
  const end = `\n\n${lastLine(marker)}`;
  return `${cutWith(body, COMMENT_LENGTH - end.length, '\n[…]')}${end}`;
}

/** @throws IntakeError `unknown` when the comment may have been made */
export async function addNote(client: Client, id: string, marker: string, text: string): Promise<void> {
  await client.call({
    method: 'POST',
    path: `/tickets/${id}/comments`,
    json: { content: contentOfNote(marker, text), isPublic: false, contentType: 'plainText' },
    what: 'the note',
    scope: 'Desk.tickets.UPDATE',
    answer: Done,
  });
}

/** Whether a private comment ends with the marker; elsewhere in a text it proves nothing. The newest are looked at first. */
export async function hasNote(client: Client, id: string, marker: string): Promise<boolean> {
  for (let seen = 0, page = 0; page < PAGES; page++) {
    const comments = await client.call({
      method: 'GET',
      path: `/tickets/${id}/comments`,
      query: { limit: String(PAGE), sortBy: '-commentedTime', ...(seen > 0 ? { from: String(seen) } : {}) },
      what: "the ticket's notes",
      scope: 'Desk.tickets.READ',
      answer: Comments,
    });
    const rows = comments?.data ?? [];
    if (rows.some((one) => one.isPublic !== true && endsWithLine(one.content ?? '', lastLine(marker)))) return true;
    if (rows.length < PAGE) return false;
    seen += rows.length;
  }
  return false;
}

/** Whether it ends with the line, tags after it apart: Desk may give the text back as HTML. */
export function endsWithLine(content: string, line: string): boolean {
  let text = content.trimEnd();
  while (text.endsWith('>')) {
    const tag = text.lastIndexOf('<');
    if (tag < 0 || text.indexOf('>', tag) < text.length - 1) break;
    text = text.slice(0, tag).trimEnd();
  }
  return text.endsWith(line);
}
