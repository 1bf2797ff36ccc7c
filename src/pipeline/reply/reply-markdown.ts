/** The Markdown of a reply template -> HTML, and -> plain text without any Markdown left. Values are placeholders all the way through. */
import { Marked, type Token, type Tokens } from 'marked';
import { escapeHtml, type Slots } from './reply-values.ts';

/** No colours, so that the reader's light or dark mode decides; borders in a grey that shows on both. */
const STYLE = {
  p: 'margin:0 0 16px',
  list: 'margin:0 0 16px;padding-inline-start:24px',
  li: 'margin:0 0 4px',
  pre: 'margin:0 0 16px;padding:12px 16px;border:1px solid #888888;border-radius:6px;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere',
  quote: 'margin:0 0 16px;padding-inline-start:12px;border-inline-start:3px solid #888888',
  heading: 'margin:24px 0 8px;font-size:18px;line-height:1.3',
} as const;

const marked = new Marked({
  gfm: true,
  /** A line break in the template is one in the reply. */
  breaks: true,
  renderer: {
    space: () => '',
    paragraph({ tokens }) {
      return `<p style="${STYLE.p}">${this.parser.parseInline(tokens)}</p>\n`;
    },
    heading({ tokens }) {
      return `<h2 style="${STYLE.heading}">${this.parser.parseInline(tokens)}</h2>\n`;
    },
    list({ ordered, items }) {
      const tag = ordered ? 'ol' : 'ul';
      return `<${tag} style="${STYLE.list}">\n${items.map((item) => this.listitem(item)).join('')}</${tag}>\n`;
    },
    listitem({ tokens }) {
      return `<li style="${STYLE.li}">${this.parser.parse(tokens)}</li>\n`;
    },
    code({ text }) {
      return `<pre style="${STYLE.pre}">${escapeHtml(text)}</pre>\n`;
    },
    blockquote({ tokens }) {
      return `<blockquote style="${STYLE.quote}">\n${this.parser.parse(tokens)}</blockquote>\n`;
    },
    link({ href, tokens }) {
      const inner = this.parser.parseInline(tokens);
      return href === '' ? inner : `<a href="${escapeHtml(href)}">${inner}</a>`;
    },
  },
});

const KNOWN = new Set(
  'space paragraph text heading list list_item code blockquote strong em codespan br escape link'.split(' '),
);

/** What a template uses that has no faithful plain-text form, or that could let a value become a link. */
export function markdownProblems(source: string, slots: Slots): string[] {
  const problems = new Set<string>();
  marked.walkTokens(marked.lexer(source), (token) => {
    if (!KNOWN.has(token.type))
      problems.add(`Markdown of the kind "${token.type}" cannot be used: ${oneLine(slots.fillText(token.raw))}`);
    if (token.type === 'link' && slots.target(token.href) === null) {
      problems.add(`a link leads to what is no web address of ours: ${oneLine(slots.fillText(token.raw))}`);
    }
    const entity = token.type === 'text' ? /&(?:#x?)?\w+;/.exec(token.raw) : null;
    if (entity) problems.add(`write the character itself instead of ${entity[0]}`);
  });
  return [...problems];
}

const oneLine = (raw: string) => raw.replace(/\s+/g, ' ').trim().slice(0, 80);

/** Both forms of one rendered body, values filled in: `html` is a fragment. */
export function renderMarkdown(source: string, slots: Slots): { html: string; text: string } {
  const tokens = marked.lexer(source);
  marked.walkTokens(tokens, (token) => {
    if (token.type === 'link') token.href = slots.target(token.href) ?? '';
  });
  const text = plainBlocks(tokens, slots)
    .replace(/[^\S\n]+(?=\n|$)/g, '')
    .trim();
  return { html: slots.fillHtml(marked.parser(tokens)), text: `${slots.fillText(text)}\n` };
}

function plainBlocks(tokens: readonly Token[], slots: Slots): string {
  return tokens
    .map((token) => plainBlock(token, slots))
    .filter((block) => block !== '')
    .join('\n\n');
}

function plainBlock(token: Token, slots: Slots): string {
  if (token.type === 'space') return '';
  if (token.type === 'code') return token.text;
  if (token.type === 'list') {
    const list = token as Tokens.List;
    const first = Number(list.start || 1);
    return list.items
      .map((item, index) => {
        const mark = list.ordered ? `${first + index}. ` : '- ';
        return mark + plainBlocks(item.tokens, slots).replace(/\n+/g, `\n${' '.repeat(mark.length)}`);
      })
      .join('\n');
  }
  if (token.type === 'blockquote') return plainBlocks(token.tokens ?? [], slots).replace(/^/gm, '  ');
  return plainInline([token], slots);
}

function plainInline(tokens: readonly Token[], slots: Slots): string {
  return tokens.map((token) => plainSpan(token, slots)).join('');
}

function plainSpan(token: Token, slots: Slots): string {
  if (token.type === 'br') return '\n';
  const { tokens, text = '' } = token as Tokens.Generic & { text?: string };
  const inner = tokens ? plainInline(tokens, slots) : text;
  if (token.type !== 'link' || token.href === '') return inner;
  const target = String(token.href).replace(/^mailto:/, '');
  return slots.fillText(inner) === target ? inner : `${inner} (${target})`;
}
