/** What the parts of a mail show, put together to one text and one HTML that each hold all of it. */
import { htmlLines } from '../html/html.ts';
import { isBlank } from '../separate/lines.ts';

/** What one part shows, as text, as HTML, or as both. `spare` only counts where nothing else is shown. */
export type Body = { readonly text?: string | undefined; readonly html?: string | undefined; readonly spare?: true };
export type Bodies = { readonly text: string; readonly html: string };

/**
 * The text is empty when a part is only there as HTML: then the HTML holds everything, plain parts as preformatted text.
 */
export function joinBodies(all: readonly Body[]): Bodies {
  const own = all.filter((body) => !body.spare && showsSomething(body));
  const bodies = own.length > 0 ? own : all;
  const hasHtml = bodies.some((body) => body.html !== undefined);
  const allHaveText = bodies.every((body) => body.text !== undefined);
  return {
    text: allHaveText ? join(bodies.map((body) => body.text ?? '')) : '',
    html: hasHtml ? join(bodies.map((body) => body.html ?? preformatted(body.text ?? ''))) : '',
  };
}

/** Several bodies as one. */
export function oneBody(bodies: readonly Body[]): Body {
  const { text, html } = joinBodies(bodies);
  return { ...(text === '' ? {} : { text }), ...(html === '' ? {} : { html }) };
}

function join(texts: readonly string[]): string {
  return texts.reduce((all, text) => (all === '' || all.endsWith('\n') ? all + text : `${all}\n${text}`), '');
}

function preformatted(text: string): string {
  return `<pre>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</pre>`;
}

/** An HTML part is looked at so far for something to see: Apple Mail adds empty ones around attachments. */
const LOOKED_AT = 20_000;

function showsSomething({ text, html }: Body): boolean {
  if (text !== undefined && text.trim() !== '') return true;
  if (html === undefined || html.trim() === '') return false;
  return html.length > LOOKED_AT || htmlLines(html).some((line) => !isBlank(line));
}
