/** Message ids of Message-ID, In-Reply-To and References headers. */
import { stripControls } from '../words/fold.ts';

const LONGEST = 998;
/** Ids read from one header. */
const MOST = 200;

/** With its header's name it stays below the 998 characters of a line. */
const LONGEST_QUOTED = 900;

/** Whether an id may stand in a header of ours: one that spells an encoded word would be decoded by somebody's mail program. */
export const isQuotable = (id: string): boolean =>
  /^<[!-~]+>$/.test(id) && !id.includes('=?') && id.length <= LONGEST_QUOTED;

/** The ids in angle brackets; a bare word counts as one. */
export function messageIdsIn(value: string): string[] {
  const ids = value.slice(0, LONGEST * MOST).match(/<[^<>\s]{1,998}>/g);
  if (ids) return ids.slice(0, MOST).map(stripControls);
  const bare = stripControls(value)
    .replace(/[<>\s]/g, '')
    .slice(0, LONGEST - 2);
  return bare === '' ? [] : [`<${bare}>`];
}
