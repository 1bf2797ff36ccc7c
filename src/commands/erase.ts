import { UsageError, UserError } from '../errors.ts';
import { knownDeskSince } from '../ledger/desk-plans.ts';
import { isMailAddress } from '../pipeline/words/mail-address.ts';
import { loadPolicy } from '../policy.ts';
import { erasePerson } from '../stages/erase-person.ts';
import { say, withLedger } from './support.ts';

export type EraseOptions = { readonly because?: string; readonly by?: string; readonly dryRun?: boolean };

/** `erase ADDRESS --because WHY [--by NAME] [--dry-run]`: takes a person's data out of the ledger. */
export async function erase(address: string, options: EraseOptions): Promise<void> {
  const whose = address.trim();
  const because = options.because?.trim() ?? '';
  const by = options.by?.trim() || 'an associate';
  if (!isMailAddress(whose)) throw new UsageError(`"${whose}" is no mail address`);
  if (because === '') throw new UsageError('--because is missing: it is what remains to explain what is gone');
  const dryRun = options.dryRun ?? false;
  await withLedger(async ({ db }, config) => {
    const ours = Object.values(loadPolicy(config.policyDir).mailboxes.mailboxes).map((one) =>
      one.address.toLowerCase(),
    );
    if (ours.includes(whose.toLowerCase())) throw new UserError(`${whose} is a mailbox of ours, and nobody's data`);
    const { pseudonym, counts, nothing, before, inDesk } = await erasePerson(db, {
      address: whose,
      because,
      by,
      now: new Date(),
      dryRun,
      deskSince: config.desk && (config.desk.since ?? (await knownDeskSince(db))),
    });
    if (nothing) {
      const known = before.length > 0 ? `: erased on ${before.at(-1)?.toISOString().slice(0, 10)} as ${pseudonym}` : '';
      return say(`nothing of them is in the ledger${known}`);
    }
    const { mails, originals, attachments, tickets, letters, places } = counts;
    say(
      `${dryRun ? 'would erase' : 'erased'}, as ${pseudonym}: the texts of ${mails} mails and ${tickets} tickets, ${letters} letters of ours, ` +
        `${originals} originals with the names of ${attachments} attachments, and ${places} other places`,
    );
    if (inDesk.length > 0)
      say(`Zoho Desk still has it, in the tickets ${inDesk.join(', ')} and their contacts: erase it there.`);
    say(
      'Not in the ledger, and left as they are: mail in the mailboxes and in Sent, the licence directory and partner register, the policy files, ' +
        'backups of the database and files saved by hand. What stands inside attachments of other people was not searched.',
    );
  });
}
