/** Associates who work with the commands: TICKETS=ledger: */
import { expect } from 'vitest';
import { attachments } from '../../src/commands/attachments.ts';
import { mark } from '../../src/commands/mark.ts';
import { set } from '../../src/commands/set.ts';
import { ticket } from '../../src/commands/ticket.ts';
import { tickets } from '../../src/commands/tickets.ts';
import { decideMail } from '../../src/stages/decide-mail.ts';
import type { TicketAttachment } from '../../src/stages/ticket-attachments.ts';
import { run } from './daemon.ts';
import { said } from './in-process.ts';
import { openIntakeWorld } from './intake-world.ts';
import type { ShownTicketJson, TicketJson } from './json-shapes.ts';
import type { Workplace } from './workplace.ts';

type Json = ShownTicketJson & {
  readonly status: string;
  readonly decision: { readonly account: { readonly service: string | null } | null };
};

const rows = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

/** What of the history tells that something was decided. */
const DECIDED = /^(ticket P-\d+ made|decided again)/;

export async function openWorkplaceLedger(): Promise<Workplace> {
  await using building = new AsyncDisposableStack();
  const { env, ctx, arrive } = await openIntakeWorld(building, { TICKETS: 'ledger:' });
  const show = async (number: string): Promise<Json> =>
    JSON.parse(await said(() => ticket(number, { json: true }), env)) as Json;
  const done = async (command: () => Promise<void>): Promise<void> =>
    expect(await said(command, env)).not.toMatch(/^error/);
  const rate: Workplace['rate'] = (number, severity) => done(() => set(number, 'severity', severity));
  const resources = building.move();
  return {
    ...{ env, ctx, arrive, rate },
    async shown(number) {
      const listed = rows<TicketJson>(await said(() => tickets({ json: true }), env));
      expect(listed.filter((one) => one.number === number)).toHaveLength(1);
      const one = await show(number);
      const { superadminEmail, priorityCustomer, severity, status, decision, enquiry, history } = one;
      const told = history.filter(({ what }) => DECIDED.test(what)).map(({ what, because }) => `${what}; ${because}`);
      const files = rows<TicketAttachment>(await said(() => attachments(number, { json: true }), env));
      return {
        ...{ superadminEmail, priorityCustomer, severity, closed: status === 'resolved' },
        service: decision.account?.service ?? enquiry.fields.product?.value ?? null,
        why: [...decision.reasons.map(({ because }) => because), ...told],
        files: files
          .filter(({ role }) => role !== 'logo')
          .map(({ filename, dangerous }) => ({ name: filename, opens: dangerous === null })),
      };
    },
    timesShown: async (number, { id }) => (await show(number)).mails.filter((one) => one === `<${id}>`).length,
    async again() {
      const mails = await ctx.db.selectFrom('mail').select('id').execute();
      for (const { id } of mails) await decideMail(ctx, id);
    },
    fill: (number, address) => said(() => set(number, 'superadmin', address), env),
    async fillAndRate(number, address, severity) {
      const both = await Promise.all([
        run(['set', number, 'superadmin', address], env),
        run(['set', number, 'severity', severity], env),
      ]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
    },
    rateMeanwhile: async (number, severity, work) => void (await Promise.all([work(), rate(number, severity)])),
    close: (number) => done(() => mark(number, 'resolved', {})),
    reopen: (number) => done(() => mark(number, 'reopened', {})),
    answer: (number) => done(() => mark(number, 'responded', {})),
    end: () => resources.disposeAsync(),
  };
}
