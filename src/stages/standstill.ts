/** Many notices at once, after the clock stood still: one summary for each region instead. */
import type { DueCount } from '../ledger/clock-passes.ts';
import type { NewNotice } from '../ledger/notices.ts';
import type { Policy } from '../policy.ts';

/** A notice of the clock's. */
export type ClockNotice = NewNotice & { readonly level: 'lead' | 'manager'; readonly ticketId: number };

const MINUTE_MS = 60_000;
const sum = (counts: readonly DueCount[], of: (count: DueCount) => number): number =>
  counts.reduce((total, count) => total + of(count), 0);

/** For whom there are too many notices to tell one by one. @param times.last when the clock last looked; null when it never did. */
export function floods(
  counts: readonly DueCount[],
  { last, now }: { readonly last: Date | null; readonly now: Date },
  { commitment: { standstill, warning } }: Pick<Policy, 'commitment'>,
): { readonly lead: boolean; readonly manager: boolean } {
  const stoodStill = last === null || now.getTime() - last.getTime() > standstill.afterMinutes * MINUTE_MS;
  const forLeads = sum(counts, ({ breaches, warnings }) => breaches + (warning.notify ? warnings : 0));
  return {
    lead: stoodStill && forLeads > standstill.moreThan,
    // All that was missed in one standstill is the managers' at one moment, too.
    manager: sum(counts, ({ managers }) => managers) > standstill.moreThan,
  };
}

/** @param together the notices that are not told one by one. @param counts all that is due, whether this pass takes it or not. */
export function summaries(
  together: readonly ClockNotice[],
  counts: readonly DueCount[],
  { last, now }: { last: Date | null; now: Date },
  policy: Policy,
): NewNotice[] {
  const groups = Map.groupBy(together, ({ region, level }) => `${region} ${level}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const count = counts.find(({ region }) => region === first?.region);
    if (!first || !count) return [];
    const { region, level } = first;
    const since = last ? `between ${last.toISOString()} and ${now.toISOString()}` : `before ${now.toISOString()}`;
    const stood = { key: last?.toISOString() ?? 'first', because: `while no clock ran, ${since}` };
    const near = group.some(({ kind }) => kind === 'warning') ? `, and ${count.warnings} targets` : '';
    const told =
      level === 'lead'
        ? { key: stood.key, because: `${count.breaches} commitments${near} passed ${stood.because}` }
        : { key: `manager ${now.toISOString()}`, because: `${count.managers} missed commitments are still open` };
    return {
      key: `standstill ${region} ${told.key}`,
      kind: 'standstill',
      level,
      region,
      mailbox: policy.regions.regions[region].mailbox,
      ticketId: null,
      tickets: [...new Set(group.map(({ ticketId }) => ticketId))],
      recipient: null,
      because: told.because,
      now,
    };
  });
}
