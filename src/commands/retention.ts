import { UserError } from '../errors.ts';
import { loadPolicy } from '../policy.ts';
import { type Dropped, keepNoLonger, wouldDrop } from '../stages/keep-no-longer.ts';
import { say, withLedger } from './support.ts';

const MEGABYTE = 1024 * 1024;

/** `retention run [--dry-run]`: drops what policy/retention.yaml keeps no longer, as the clock role does once a day. */
export async function retentionRun(options: { dryRun?: boolean }): Promise<void> {
  await withLedger(async ({ db }, config) => {
    const ctx = { db, policy: loadPolicy(config.policyDir), now: () => new Date() };
    const { originalDays, textDays } = ctx.policy.retention;
    const dropped = options.dryRun ? await wouldDrop(ctx) : await keepNoLonger(ctx);
    if (!dropped) throw new UserError('another process is at it at this moment: try again in a minute');
    const kept = (days: number | 'forever') => (days === 'forever' ? days : `${days} days`);
    say(
      `${options.dryRun ? 'would drop' : 'dropped'} ${counted(dropped)} (originals are kept ${kept(originalDays)}, texts ${kept(textDays)})`,
    );
  });
}

const counted = ({ originals, bytes, mails, tickets }: Dropped): string =>
  `${originals} originals (${(bytes / MEGABYTE).toFixed(1)} MB) and the texts of ${mails} mails and ${tickets} tickets`;
