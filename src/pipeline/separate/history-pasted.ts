/** Lines behind ">" that nobody quoted: a log or a piece of code pasted among the writer's own words. */
import { isBlank, type Line, quoteDepth } from './lines.ts';

/** How a line of a log, of code or of a protocol looks. */
const CODE = [
  /^\[?\d{4}[-/.]\d{2}[-/.]\d{2}[T ,]/,
  /^\[?\d{1,2}:\d{2}:\d{2}\b/,
  /^[[(]?(?:\d{1,2}[/.-]\w{2,3}[/.-]\d{2,4}[ :]\d{1,2}:\d{2})/,
  /\b(?:ERROR|WARN(?:ING)?|INFO|DEBUG|TRACE|FATAL|SEVERE)\b/,
  /\b\w{0,40}(?:Exception|Error):|^Traceback\b|^\s{0,20}at [\w$.<>]{1,100}\(/,
  /^[{}[\]();]{1,4},?$|^[{[].*[}\],]$|"[\w-]{1,60}"\s?:/,
  /^<\/?[a-z][^>]{0,200}>/i,
  /^(?:GET|POST|PUT|PATCH|DELETE|HTTP\/\d)[ /]/,
  /^(?:SELECT|INSERT|UPDATE|CREATE|ALTER) .{0,200}\b(?:FROM|INTO|SET|TABLE)\b/i,
  /^(?:[$#%] |npm |curl |git |sudo |PS [A-Z]:)|^[A-Z]:\\/,
  /^[\w.-]{1,60}\s?(?::|=)\s?(?:\d{1,12}|true|false|null|none|"[^"]*")[;,]?$/i,
  /;$|\)\s?\{$|=>|\w\(\w{0,40}\)/,
];
/** Of a line, this much is looked at. */
const LOOKED_AT = 400;
/** Of a run, so many lines. */
const MOST_LINES = 200;

/** How many lines from `index` on stand behind ">". */
export function quotedRun(lines: readonly Line[], index: number): number {
  let end = index;
  while (end < lines.length && lines[end]?.quoted) end++;
  return end - index;
}

/** Whether at least half of a run looks like code or a log, and nothing in it is a question. Only `>` counts: blockquotes are quotations. */
export function isPasted(run: readonly Line[]): boolean {
  let said = 0;
  let code = 0;
  for (const line of run.slice(0, MOST_LINES)) {
    if (line.part !== 'text') return false;
    const text = line.text.slice(quoteDepth(line.text), LOOKED_AT).trim();
    if (isBlank(line) || text === '') continue;
    if (/[?？؟]$/.test(text)) return false;
    said++;
    if (CODE.some((shape) => shape.test(text))) code++;
  }
  return said > 0 && 2 * code >= said;
}
