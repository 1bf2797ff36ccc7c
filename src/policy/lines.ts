/** Where in a YAML file a path stands, so that a problem names its line. */
import { EVENT_ID, type Event, getScalarValue, parseEvents } from 'js-yaml';

export type Path = readonly (string | number)[];

/** An open mapping or sequence: the key, or the index, of what comes next in it. */
type Open = { readonly path: Path; readonly isMapping: boolean; next: string | number | null };

/** Line (from 1) of each key and entry, by its path; nothing for text that is no YAML. */
function linesByPath(source: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const open: Open[] = [];
  const lineAt = lineCounter(source);
  for (const event of eventsOf(source)) {
    // A document is closed by an event too, and holds one thing, that has no key.
    if (event.type === EVENT_ID.DOCUMENT) open.push({ path: [], isMapping: false, next: null });
    if (event.type === EVENT_ID.POP) open.pop();
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) continue;
    const within = open.at(-1);
    const start = 'valueStart' in event ? event.valueStart : 'start' in event ? event.start : event.anchorStart;
    if (within?.isMapping && within.next === null) {
      within.next = event.type === EVENT_ID.SCALAR ? getScalarValue(source, event) : '';
      lines.set(keyOf([...within.path, within.next]), lineAt(start));
      continue;
    }
    const path = within === undefined || within.next === null ? [] : [...within.path, within.next];
    if (within && typeof within.next === 'number') {
      lines.set(keyOf(path), lineAt(start));
      within.next += 1;
    } else if (within?.isMapping) within.next = null;
    if (event.type === EVENT_ID.MAPPING) open.push({ path, isMapping: true, next: null });
    if (event.type === EVENT_ID.SEQUENCE) open.push({ path, isMapping: false, next: 0 });
  }
  return lines;
}

/** The line of the path, or of the nearest thing around it that is there; null when nothing is. */
export function lineOf(source: string, path: Path): number | null {
  const lines = linesByPath(source);
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(keyOf(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return null;
}

const keyOf = (path: Path): string => JSON.stringify(path.map(String));

function eventsOf(source: string): Event[] {
  try {
    return parseEvents(source, {});
  } catch {
    return [];
  }
}

/** Line numbers for offsets that only grow. */
function lineCounter(source: string): (offset: number) => number {
  let at = 0;
  let line = 1;
  return (offset) => {
    for (; at < offset; at++) if (source.charCodeAt(at) === 10) line += 1;
    return line;
  };
}
