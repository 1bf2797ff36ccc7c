import { z } from 'zod';
import { openDirectories } from '../assemble.ts';
import { UsageError, UserError } from '../errors.ts';
import { threadSecret } from '../ledger/settings.ts';
import { findTicket, ticketNumber } from '../ledger/tickets.ts';
import { createLogger } from '../log.ts';
import { loadPolicy } from '../policy.ts';
import { type AgainContext, decideAgain, untilUnchanged } from '../stages/decide-again.ts';
import { loadTemplates } from '../templates.ts';
import { noSuchTicket, parseTicketNumber, say, withLedger } from './support.ts';

/** `set NUMBER superadmin ADDRESS`: what an associate does by hand. */
export async function set(number: string, field: string, value: string): Promise<void> {
  const id = parseTicketNumber(number);
  if (field !== 'superadmin') throw new UsageError(`${field} cannot be set: the field is superadmin`);
  const address = z.email().safeParse(value.trim().toLowerCase());
  if (!address.success) throw new UsageError(`"${value}" is no mail address`);
  await withLedger(async (ledger, config) => {
    if (!config.licences)
      throw new UserError(
        'LICENCES: is not set: without the licence directory no address can be judged: set it to csv:PATH',
      );
    if (!(await findTicket(ledger.db, id))) throw noSuchTicket(id);
    const policy = loadPolicy(config.policyDir);
    const ctx: AgainContext = {
      ...openDirectories(config),
      db: ledger.db,
      policy,
      templates: loadTemplates(config.templatesDir, policy.outbound.replyLanguages),
      threadSecret: await threadSecret(ledger.db),
      now: () => new Date(),
      log: createLogger(config.logLevel),
    };
    await untilUnchanged(() =>
      decideAgain(ctx, {
        ticketId: id,
        trigger: 'set',
        by: 'associate',
        because: `the super admin was set to ${address.data} by hand`,
        superadmin: {
          value: address.data,
          confidence: 1,
          source: { part: 'text', start: 0, end: 0, label: 'set by an associate', language: null },
        },
      }),
    );
    const { decision, superadmin_email } = (await findTicket(ledger.db, id)) ?? {};
    say(
      `${ticketNumber(id)}: super admin ${superadmin_email}; severity ${decision?.severity ?? 'none'}` +
        `${decision?.priorityCustomer ? ', priority customer' : ''}${decision?.provisional ? ' (provisional: the directory does not know this address)' : ''}`,
    );
  });
}
