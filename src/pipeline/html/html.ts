/** HTML mail -> the lines a reader sees, each traceable into the HTML source. Table rows become lines with a tab between their cells. */
import { Parser } from 'htmlparser2';
import { isBlank, type Line, MAX_LINES } from '../separate/lines.ts';
import { isQuotation, markOfElement } from './html-marks.ts';
import { createStyleSheet, type StyleSheet } from './html-style.ts';
import { BELIEFS, createVisibility } from './html-visibility.ts';
import { createLineWriter } from './line-writer.ts';
import { createTables } from './table-rows.ts';

/** Markup beyond these limits (a page of 50,000 nested elements rejects mails elsewhere) is read as bare text. */
const MAX_HTML_TAGS = 60_000;
export const MAX_HTML_DEPTH = 400;

const UNSEEN = new Set(
  'script style title template select textarea datalist svg object noscript iframe noframes noembed'.split(' '),
);
const BLOCKS = new Set(
  'p div li ul ol tr table tbody thead tfoot h1 h2 h3 h4 h5 h6 blockquote hr center section article header footer main aside nav dl dt dd pre address form fieldset figure caption body html'.split(
    ' ',
  ),
);
/** Blocks that stand apart from what is above and below them. */
const SPACED = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'ul', 'ol', 'table', 'hr', 'pre']);
/** Thrown to leave the parser; never seen outside. */
const ENOUGH = Symbol('enough markup');

/**
 * The visible lines of an HTML source. A mail of which nothing would be seen was misread, or is one to be looked at: then
 * its colours are doubted, and at last everything that hides. Never throws; linear in the source's length.
 */
export function htmlLines(source: string): Line[] {
  const sheet = styleSheetOf(source);
  let lines: Line[] = [];
  for (const belief of BELIEFS) {
    lines = drawnLines(source, createVisibility(sheet, belief));
    if (!lines.every(isBlank)) break;
  }
  return lines;
}

/** Read before anything is drawn: a sheet at the end of a page holds for all of it. */
function styleSheetOf(source: string): StyleSheet {
  const sheet = createStyleSheet();
  if (!/<style/i.test(source)) return sheet;
  let style: string[] | null = null;
  let media = '';
  let tags = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (++tags > MAX_HTML_TAGS) throw ENOUGH;
      if (name !== 'style') return;
      const { type = 'text/css' } = attributes;
      media = attributes.media ?? '';
      style = type === '' || type.toLowerCase() === 'text/css' ? [] : null;
    },
    ontext: (data) => style?.push(data),
    onclosetag(name) {
      if (name !== 'style' || style === null) return;
      sheet.add(style.join(''), media);
      style = null;
    },
  });
  drive(parser, source);
  return sheet;
}

/** @returns whether the source was read to its end; false where its reader had enough. */
function drive(parser: Parser, source: string): boolean {
  try {
    parser.write(source);
    parser.end();
    return true;
  } catch (error) {
    if (error !== ENOUGH) throw error;
    return false;
  }
}

function drawnLines(source: string, visibility: ReturnType<typeof createVisibility>): Line[] {
  const writer = createLineWriter('html');
  const tables = createTables(writer);
  let depth = 0;
  let tags = 0;
  let hiddenAt = Number.POSITIVE_INFINITY;
  /** The open blocks that may be a quotation, and whether each is one. */
  const quotes: boolean[] = [];
  let citing = 0;
  /** The marks of the open elements that have one, with their depth. */
  const marks: { depth: number; mark: Line['mark'] | undefined }[] = [];
  let preformatted = 0;
  const parser: Parser = new Parser({
    onopentag(name, attributes) {
      depth++;
      if (++tags > MAX_HTML_TAGS || depth > MAX_HTML_DEPTH || writer.count() > MAX_LINES) throw ENOUGH;
      if (depth >= hiddenAt) return;
      if (visibility.open(name, attributes) || UNSEEN.has(name)) {
        hiddenAt = depth;
        return;
      }
      if (name === 'br') writer.breakLine();
      else if (BLOCKS.has(name)) writer.endBlock(false);
      if (name === 'blockquote' || name === 'div') {
        const cites = isQuotation(name, attributes);
        quotes.push(cites);
        if (cites) citing++;
        writer.quote(citing > 0);
      }
      const mark = markOfElement(attributes);
      if (mark !== undefined) {
        writer.endBlock(false);
        marks.push({ depth, mark });
        writer.mark(mark);
      }
      if (name === 'pre') preformatted++;
      tables.open(name);
    },
    onclosetag(name) {
      if (depth < hiddenAt) {
        visibility.close();
        tables.close(name);
        if (name !== 'br' && BLOCKS.has(name)) writer.endBlock(SPACED.has(name));
        if (name === 'pre') preformatted--;
        if (marks[marks.length - 1]?.depth === depth) {
          writer.endBlock(false);
          marks.pop();
          writer.mark(marks[marks.length - 1]?.mark);
        }
        if (name === 'blockquote' || name === 'div') {
          if (quotes.pop()) citing--;
          writer.quote(citing > 0);
        }
      } else if (depth === hiddenAt) {
        visibility.close();
        hiddenAt = Number.POSITIVE_INFINITY;
      }
      depth--;
    },
    ontext(data) {
      if (depth >= hiddenAt || !visibility.isSeen()) return;
      writer.write(data, parser.startIndex, parser.endIndex + 1 - parser.startIndex, preformatted > 0);
    },
  });
  if (!drive(parser, source)) writeBareText(source, parser.startIndex, writer);
  tables.finish();
  return writer.finish();
}

/** The rest of a source with its tags cut out, one line per text: what is left of markup that nobody can want to be drawn. */
function writeBareText(source: string, from: number, writer: ReturnType<typeof createLineWriter>): void {
  let index = from;
  while (index < source.length) {
    const open = source.indexOf('<', index);
    const end = open === -1 ? source.length : open;
    if (end > index) {
      writer.write(source.slice(index, end), index, end - index, false);
      if (writer.count() < MAX_LINES) writer.endBlock(false);
      else writer.write(' ', end, 1, false);
    }
    if (open === -1) return;
    const close = source.indexOf('>', open);
    if (close === -1) return;
    index = close + 1;
  }
}
