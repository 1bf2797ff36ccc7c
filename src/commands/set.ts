import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { openKeyring } from '../ledger/keys.ts';
import { findTicket, type TicketRow, ticketNumber } from '../ledger/tickets.ts';
import { createLogger } from '../log.ts';
import { openDirectories } from '../open-stores.ts';
import { loadPolicy } from '../policy.ts';
import { type AgainContext, decideAgain, untilUnchanged } from '../stages/decide-again.ts';
import { settableField } from '../stages/set-field.ts';
import { loadTemplates } from '../templates.ts';
import { noSuchTicket, parseTicketNumber, say, withLedger } from './support.ts';

const now = (): Date => new Date();

/** `set NUMBER FIELD VALUE [--because WHY] [--by NAME]`: what an associate does by hand; the workflow runs. */
export async function set(
  number: string,
  field: string,
  value: string,
  options: { because?: string; by?: string } = {},
): Promise<void> {
  const id = parseTicketNumber(number);
  const correct = settableField(field);
  const policy = loadPolicy(readConfig(process.env).policyDir);
  const by = options.by?.trim() || 'an associate';
  const because = options.because?.trim() || null;
  const correction = correct(value, { by, at: now(), because }, policy);
  const given = correction.superadmin?.value ?? Object.values(correction.keys ?? {})[0]?.value ?? value.trim();
  await withLedger(async (ledger, config) => {
    if (!config.licences)
      throw new UserError(
        'LICENCES: is not set: without the licence directory nothing can be decided again: set it to csv:PATH or https://host/path',
      );
    const found = await findTicket(ledger.db, id);
    if (!found) throw noSuchTicket(id);
    if (found.texts_dropped_at)
      throw new UserError(
        `${ticketNumber(id)} cannot be decided again: its texts were dropped on ${found.texts_dropped_at.toISOString().slice(0, 10)}`,
      );
    const ctx: AgainContext = {
      ...openDirectories(config),
      db: ledger.db,
      policy,
      templates: loadTemplates(config.templatesDir, policy.outbound.replyLanguages),
      threadKeys: openKeyring(),
      escalationDesk: config.escalationDesk,
      now,
      log: createLogger(config.logLevel),
    };
    await untilUnchanged(() =>
      decideAgain(ctx, {
        ticketId: id,
        trigger: 'set',
        by: 'associate',
        because: `${NAMES[field] ?? field} was set to ${given} by hand${options.by ? ` by ${by}` : ''}${because ? `: ${because}` : ''}`,
        ...correction,
      }),
    );
    const ticket = await findTicket(ledger.db, id);
    if (ticket) say(outcome(ticket));
  });
}

const NAMES: Readonly<Record<string, string>> = { superadmin: 'the super admin', customer: "the customer's address" };

function outcome({ id, superadmin_email, decision }: TicketRow): string {
  const { severity, override, priorityCustomer, provisional } = decision;
  return (
    `${ticketNumber(id)}: super admin ${superadmin_email ?? 'missing'}; severity ${severity ?? 'none'}` +
    `${override ? ` (set by ${override.by})` : ''}${priorityCustomer ? ', priority customer' : ''}` +
    `${provisional ? ' (provisional: the directory does not know the account)' : ''}`
  );
}
