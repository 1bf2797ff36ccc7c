/** What the figures and names of policy/desk.yaml do, at their boundary. The values expected are written out here. */
import { forNewTicket, fromDesk } from '../../src/adapters/desk/fields.ts';
import { believedAt, changesFrom, nextPollMs, whyLeftOut } from '../../src/pipeline/deliver/limits.ts';
import { callsAtOnce, creditsReserved } from '../../src/policy/desk.ts';
import type { Policy } from '../../src/policy.ts';
import type { TicketFields } from '../../src/ticket-model.ts';
import { type Behaviour, iso, MONDAY } from './behaviour.ts';

const fields: TicketFields = {
  ...{ superadminEmail: 'owner@large.example', priorityCustomer: true, severity: 'S1', service: 'Zoho CRM' },
  serviceOrganisationId: '650000001',
};
const SEVERITIES = ['S1', 'S2', 'S3'] as const;
const EDITIONS = ['standard', 'professional', 'enterprise'] as const;

const inEdition = (edition: string, { desk }: Policy): Policy['desk'] => ({ ...desk, edition });
const MEGABYTE = 1024 * 1024;
const fileOf = (size: number) => ({ dangerous: null, size, kept: true });

export const DESK_BEHAVIOURS: readonly Behaviour[] = [
  [
    'each field has its name in Desk',
    ({ desk }) => forNewTicket(fields, 'key-1', desk),
    {
      cf_customer_primary_email_address: 'owner@large.example',
      cf_priority_customer_large_user_account: 'true',
      cf_severity: 'S1',
      cf_service_name: 'Zoho CRM',
      cf_service_organisation_id: '650000001',
      cf_source_message_key: 'key-1',
    },
  ],
  [
    'each severity is called so in Desk, and read so there',
    ({ desk }) => SEVERITIES.map((one) => fromDesk({ cf_severity: one }, desk).severity),
    ['S1', 'S2', 'S3'],
  ],
  ['half of the calls that the portal may make at once are ours', ({ desk }) => callsAtOnce(desk), 7],
  [
    'so many in each edition',
    (policy) => EDITIONS.map((edition) => callsAtOnce({ ...inEdition(edition, policy), callsShare: 1 })),
    [10, 15, 25],
  ],
  ["a tenth of the day's credits is kept for priority customers", ({ desk }) => creditsReserved(desk), 8_000],
  [
    'so many a day in each edition, without users',
    (policy) =>
      EDITIONS.map((edition) => creditsReserved({ ...inEdition(edition, policy), users: 0, reserveForPriority: 1 })),
    [50_000, 75_000, 100_000],
  ],
  [
    'so many more for a user',
    (policy) =>
      EDITIONS.map((edition) => {
        const of = (users: number) => creditsReserved({ ...inEdition(edition, policy), users, reserveForPriority: 1 });
        return of(1) - of(0);
      }),
    [250, 500, 1_000],
  ],
  [
    'a call that broke is looked up after two minutes',
    ({ desk }) => iso(believedAt(MONDAY, desk)),
    '2026-03-02T14:02:00.000Z',
  ],
  [
    'changes are asked for from three minutes before what is known',
    ({ desk }) => iso(changesFrom(MONDAY, desk)),
    '2026-03-02T13:57:00.000Z',
  ],
  ['changes are asked for every two minutes', ({ desk }) => nextPollMs(desk), 120_000],
  [
    'files of 20 MB are brought along, larger ones are named',
    ({ desk }) => [20 * MEGABYTE, 20 * MEGABYTE + 1].map((size) => whyLeftOut(fileOf(size), desk)),
    [null, 'it is larger than 20 MB'],
  ],
];
