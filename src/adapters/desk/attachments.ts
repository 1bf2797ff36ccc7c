/** Files of a ticket. */
import type { Client } from './client.ts';
import { FILENAME_LENGTH, PAGE, PAGES } from './limits.ts';
import { Attachments, Done } from './schemas.ts';
import { cut, oneLine } from './text.ts';

type File = { readonly filename: string; readonly contentType: string; readonly content: Buffer };

/** The name that a file has in Desk: no path, no quote, nothing that a form would write in another way; its ending stays. */
export function nameOf(filename: string): string {
  const name = oneLine(filename)
    .normalize('NFC')
    .replace(/["'/\\<>|:*?]/g, '_');
  if (name.length <= FILENAME_LENGTH) return name || 'attachment';
  const ending = /\.[^.]{1,10}$/.exec(name)?.[0] ?? '';
  return cut(name, FILENAME_LENGTH - ending.length) + ending;
}

/** @throws IntakeError `unknown` when the file may have arrived */
export async function attach(client: Client, id: string, { filename, contentType, content }: File): Promise<void> {
  await client.call({
    method: 'POST',
    path: `/tickets/${id}/attachments`,
    form: () => {
      const form = new FormData();
      form.append('file', new Blob([new Uint8Array(content)], { type: contentType }), nameOf(filename));
      return form;
    },
    what: 'the attachment',
    scope: 'Desk.tickets.UPDATE',
    answer: Done,
  });
}

/** Whether one with that name and size is there. */
export async function hasAttachment(
  client: Client,
  id: string,
  { filename, size }: { filename: string; size: number },
): Promise<boolean> {
  const name = nameOf(filename);
  for (let seen = 0, page = 0; page < PAGES; page++) {
    const files = await client.call({
      method: 'GET',
      path: `/tickets/${id}/attachments`,
      query: { limit: String(PAGE), ...(seen > 0 ? { from: String(seen) } : {}) },
      what: "the ticket's attachments",
      scope: 'Desk.tickets.READ',
      answer: Attachments,
    });
    const rows = files?.data ?? [];
    if (rows.some((one) => one.name.normalize('NFC') === name && one.size === size)) return true;
    if (rows.length < PAGE) return false;
    seen += rows.length;
  }
  return false;
}
