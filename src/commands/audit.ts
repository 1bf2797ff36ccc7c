import type { Config } from '../config.ts';
import { messageOf } from '../errors.ts';
import { auditLedger, type MailboxContents } from '../ledger/audit.ts';
import { knownDeskSince } from '../ledger/desk-plans.ts';
import { cursorOf, knownLocators, sinceOf } from '../ledger/mailboxes.ts';
import type { Db } from '../ledger/schema.ts';
import { createLogger } from '../log.ts';
import { openMailboxes } from '../open-mailboxes.ts';
import { say, sayJson, withLedger } from './support.ts';

/** `audit [--json]`: compares mailboxes, ledger, tickets and replies. Exit code 1 when anything is unexplained. */
export async function audit(options: { json?: boolean }): Promise<void> {
  await withLedger(async ({ db }, config) => {
    const result = await auditLedger(db, await contentsOf(db, config), await deskSinceOf(db, config));
    if (options.json) sayJson(result);
    else {
      say(
        `${result.mails} mails: ${result.ticketed} ticketed, ${result.appended} appended, ${result.suppressed} suppressed, ${result.quarantined} quarantined, ${result.inFlight} in flight`,
      );
      say(`${result.unexplained} unexplained`);
      for (const problem of result.problems) say(`  ${problem}`);
    }
    if (result.unexplained > 0) process.exitCode = 1;
  });
}

/** Since when tickets go to Desk; null where they stay in the ledger, or none went there yet. */
const deskSinceOf = async (db: Db, { desk }: Config): Promise<Date | null> =>
  desk ? (desk.since ?? (await knownDeskSince(db))) : null;

/** What the mailboxes hold that the ledger has not. A mailbox that cannot be asked is a problem of its own. */
async function contentsOf(db: Db, config: Config): Promise<MailboxContents[]> {
  const contents: MailboxContents[] = [];
  for (const mailbox of openMailboxes(config, createLogger('silent'))) {
    try {
      const since = await sinceOf(db, mailbox.name);
      if (!since) continue;
      // The cursor first: the daemon may run, and what it passes meanwhile must not look like something it left out.
      const cursor = await cursorOf(db, mailbox.name);
      const locators = await mailbox.list(since);
      const known = await knownLocators(db, mailbox.name, locators);
      const unknown = locators.filter((locator) => !known.has(locator));
      // Beyond the cursor (or without one, as in a Maildir) a message is not missing: it has not been read yet.
      const passed = (locator: string): boolean => {
        const [epoch, uid] = locator.split(':');
        return cursor !== null && epoch === cursor.epoch && Number(uid) <= cursor.position;
      };
      contents.push({
        mailbox: mailbox.name,
        missing: unknown.filter(passed),
        waiting: unknown.filter((one) => !passed(one)).length,
      });
    } catch (error) {
      contents.push({ mailbox: mailbox.name, missing: [], waiting: 0, notCompared: messageOf(error) });
    } finally {
      await mailbox.close();
    }
  }
  return contents;
}
