/** An invitation that is the whole mail: what it says, as text. */

const SHOWN: Readonly<Record<string, string>> = {
  SUMMARY: 'Summary',
  ORGANIZER: 'Organizer',
  DTSTART: 'Start',
  DTEND: 'End',
  LOCATION: 'Location',
  DESCRIPTION: 'Description',
};
/** An .ics file of a whole calendar has thousands of events; an invitation has one. */
const MAX_LINES = 2_000;

/** Summary, organizer, times, place and description of the first event of a calendar (RFC 5545). '' when it has none of them. */
export function calendarText(source: string): string {
  const lines: string[] = [];
  const seen = new Set<string>();
  // Time zones and alarms have a start and a description too.
  const within: string[] = [];
  for (const line of unfold(source).slice(0, MAX_LINES)) {
    if (/^END:VEVENT/i.test(line)) break;
    const begins = /^BEGIN:(\w{1,40})/i.exec(line);
    if (begins) within.push((begins[1] ?? '').toUpperCase());
    else if (/^END:/i.test(line)) within.pop();
    if (within.at(-1) !== 'VEVENT') continue;
    const colon = valueAt(line);
    const name = line.slice(0, colon).split(';', 1).join('').toUpperCase();
    const label = SHOWN[name];
    if (colon === -1 || label === undefined || seen.has(name)) continue;
    seen.add(name);
    const value = unescaped(line.slice(colon + 1).trim());
    if (name === 'ORGANIZER') lines.push(`${label}: ${organizer(line.slice(0, colon), value)}`);
    else if (value !== '') lines.push(name === 'DESCRIPTION' ? `\n${value}` : `${label}: ${value}`);
  }
  return lines.join('\n');
}

/** Whether a calendar is the answer to an invitation ("Accepted: …"), which a program writes. */
export function isCalendarAnswer(source: string): boolean {
  return /^METHOD:\s{0,3}(?:REPLY|COUNTER|DECLINECOUNTER|REFRESH)\s{0,3}$/im.test(source.slice(0, 4_000));
}

function unfold(source: string): string[] {
  const lines: string[] = [];
  for (const line of source.slice(0, 1_000_000).split(/\r\n|\n|\r/)) {
    if ((line.startsWith(' ') || line.startsWith('\t')) && lines.length > 0) lines[lines.length - 1] += line.slice(1);
    else lines.push(line);
  }
  return lines;
}

/** The colon that ends the name and its parameters; one in quotes does not. */
function valueAt(line: string): number {
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    if (line[index] === '"') quoted = !quoted;
    else if (line[index] === ':' && !quoted) return index;
  }
  return -1;
}

function organizer(parameters: string, value: string): string {
  const name = /;CN=(?:"([^"]{0,200})"|([^;:]{0,200}))/i.exec(parameters);
  const address = value.replace(/^mailto:/i, '');
  const shown = name?.[1] ?? name?.[2] ?? '';
  return shown === '' || shown === address ? address : `${shown} <${address}>`;
}

function unescaped(value: string): string {
  return value.replace(/\\([nN,;\\])/g, (_, character: string) => (/n/i.test(character) ? '\n' : character));
}
