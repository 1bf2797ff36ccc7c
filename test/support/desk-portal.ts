/** The Desk adapter at a Desk double, with a memory that lives as long as the test. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { load } from 'js-yaml';
import type { DeskLimits } from '../../src/adapters/desk/limits.ts';
import { createDeskTickets, type Portal } from '../../src/adapters/desk/tickets-desk.ts';
import { IntakeError } from '../../src/errors.ts';
import { desk } from '../../src/policy/desk.ts';
import type { PortalMemory, PortalState, TicketContent } from '../../src/ports.ts';
import type { DeskDouble } from './desk/server.ts';

export const DESK_POLICY = desk.parse(
  load(readFileSync(join(resolve(import.meta.dirname, '../..'), 'policy/desk.yaml'), 'utf8')),
);

export type TestMemory = PortalMemory & { state: PortalState };

/** What the ledger does for a portal, in memory: one change at a time, and none of one that throws. */
export function portalMemory(): TestMemory {
  let last: Promise<unknown> = Promise.resolve();
  const memory: TestMemory = {
    state: { token: null, refreshedAt: [], stopped: null, remaining: null },
    read: async () => memory.state,
    change(change) {
      const done = last.then(async () => {
        const { state, result } = await change(memory.state);
        memory.state = state;
        return result;
      });
      last = done.catch(() => undefined);
      return done;
    },
  };
  return memory;
}

/** How to get into the double. */
export function portalOf(double: Pick<DeskDouble, 'url' | 'clients' | 'portals'>, more: Partial<Portal> = {}): Portal {
  const [client] = double.clients;
  const [first] = double.portals;
  const [department] = first?.departments ?? [];
  if (!client || !first || !department) throw new Error('the double has no client or no department');
  const { clientId, clientSecret, refreshToken } = client;
  return {
    name: 'com',
    desk: double.url,
    accounts: double.url,
    orgId: first.orgId,
    departmentId: department.id,
    clientId,
    clientSecret,
    refreshToken,
    ...more,
  };
}

type Options = {
  readonly portal?: Partial<Portal>;
  readonly memory?: TestMemory;
  readonly now?: () => Date;
  readonly policy?: Partial<typeof DESK_POLICY>;
  readonly limits?: Partial<DeskLimits>;
  readonly warn?: (fields: object) => void;
};

/** Timeouts for calls that are never answered. */
export const IMPATIENT = { callMs: 500, uploadMs: 500, tokenMs: 500 };
/** A busy machine answers within these. */
const PATIENT = { callMs: 5_000, uploadMs: 5_000, tokenMs: 5_000 };

/** An adapter as the daemon has it, with shorter timeouts. */
export function openDeskPortal(double: Pick<DeskDouble, 'url' | 'clients' | 'portals'>, options: Options = {}) {
  const { memory = portalMemory(), now = () => new Date(), limits, warn = () => undefined } = options;
  const system = createDeskTickets({
    portal: portalOf(double, options.portal),
    policy: () => ({ ...DESK_POLICY, ...options.policy }),
    memory,
    now,
    random: () => 0.5,
    log: { warn, info: () => undefined },
    limits: { ...PATIENT, ...limits },
  });
  return { system, memory };
}

export const ticketContent = (more: Partial<TicketContent> = {}): TicketContent => ({
  number: 'P-1042',
  subject: 'Mail does not arrive',
  description: 'Since Monday.\nNothing <b>bold</b> & nothing "new".',
  sender: { address: 'jane@partner.example', name: 'Jane Doe' },
  language: 'en',
  fields: {
    superadminEmail: 'admin@customer.example',
    priorityCustomer: true,
    severity: 'S1',
    service: 'Zoho Mail',
    serviceOrganisationId: null,
  },
  ...more,
});

/** What a call throws, as verdict and code. */
export async function failureOf(call: Promise<unknown>): Promise<IntakeError> {
  const error = await call.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof IntakeError) return error;
  throw error;
}
