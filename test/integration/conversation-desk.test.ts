/** The same conversations with Desk as the ticket system: whatever was said in them stands there as it does in the ledger. */
import { expect, it } from 'vitest';
import { conversationSuite } from '../support/conversation-suite.ts';
import { conversationWorld } from '../support/conversation-world.ts';
import { until } from '../support/wait.ts';

const c = conversationWorld('desk:');
conversationSuite(c, ['de', 'ja']);

type Row = {
  readonly number: string;
  readonly severity: string | null;
  readonly superadmin: string | null;
  readonly checkbox: string;
  readonly notes: readonly string[];
};

it('every ticket is in Desk, once, with its fields; and every answer, decision and reply is a note on it', async () => {
  await until(
    async () => {
      const [row] = await c.world.query<{ open: number }>(
        `select (select count(*) from desk_call where state <> 'done') + (select count(*) from ticket where untold) as open`,
      );
      return Number(row?.open) === 0;
    },
    { what: 'everything to be brought to Desk' },
  );
  const rows = await c.world.query<Row>(`
    select 'P-' || ticket.id as number, decision->>'severity' as severity, superadmin_email as superadmin,
      decision->>'priorityCustomer' as checkbox,
      array(select 'mail-' || id from mail where ticket_id = ticket.id and id <> ticket.mail_id
        union all select 'decision-' || id from decision where ticket_id = ticket.id
        union all select 'reply-' || id from reply where ticket_id = ticket.id and state = 'sent') as notes
    from ticket order by id`);
  const there = c.double.tickets().map(({ description, cf, comments }) => ({
    number: /P-\d+$/.exec(description ?? '')?.[0],
    severity: cf.cf_severity,
    superadmin: cf.cf_customer_primary_email_address,
    checkbox: cf.cf_priority_customer_large_user_account,
    notes: comments.map(({ content }) => /\[P-\d+\/(.*)\]$/.exec(content)?.[1]).sort(),
  }));
  expect(rows.length).toBeGreaterThan(30);
  expect(there.toSorted((a, b) => Number(a.number?.slice(2)) - Number(b.number?.slice(2)))).toEqual(
    rows.map(({ notes, ...row }) => ({ ...row, notes: notes.toSorted() })),
  );
});
