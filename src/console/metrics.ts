/** The ledger and the queue in Prometheus' text format. */
import type { OutboundState } from '../ledger/brakes.ts';
import type { ClockState } from '../ledger/clock-passes.ts';
import type { DeskState } from '../ledger/desk-calls.ts';
import type { LedgerState } from '../ledger/state.ts';

export type Measured = {
  readonly state: LedgerState;
  readonly depths: readonly (readonly [stage: string, jobs: number])[];
  readonly clock: ClockState;
  readonly outbound: OutboundState;
  readonly desk: readonly DeskState[];
  readonly now: Date;
};

export function metricsText({ state, depths, clock, outbound, desk, now }: Measured): string {
  const age = state.oldestUnfinished ? (now.getTime() - state.oldestUnfinished.getTime()) / 1000 : 0;
  return [
    '# HELP partner_intake_mails Mails in the ledger by state.',
    '# TYPE partner_intake_mails gauge',
    ...state.mails.map((row) => `partner_intake_mails{state="${row.state}"} ${row.count}`),
    '# HELP partner_intake_replies Replies in the outbox by state.',
    '# TYPE partner_intake_replies gauge',
    ...state.replies.map((row) => `partner_intake_replies{state="${row.state}"} ${row.count}`),
    '# HELP partner_intake_outbound_stopped Whether sending is stopped: paused by hand, or replies held by a storm.',
    '# TYPE partner_intake_outbound_stopped gauge',
    `partner_intake_outbound_stopped{by="pause"} ${outbound.paused ? 1 : 0}`,
    `partner_intake_outbound_stopped{by="storm"} ${outbound.storm ? 1 : 0}`,
    '# HELP partner_intake_outbound_waiting Mails that wait for an hour with room for them.',
    '# TYPE partner_intake_outbound_waiting gauge',
    `partner_intake_outbound_waiting ${outbound.waiting}`,
    '# HELP partner_intake_suppressed_addresses Addresses that mail came back from for good.',
    '# TYPE partner_intake_suppressed_addresses gauge',
    `partner_intake_suppressed_addresses ${outbound.suppressed}`,
    '# HELP partner_intake_queue_jobs Jobs that wait or run, by stage.',
    '# TYPE partner_intake_queue_jobs gauge',
    ...depths.map(([stage, jobs]) => `partner_intake_queue_jobs{stage="${stage}"} ${jobs}`),
    '# HELP partner_intake_deadlines Promises to partners that are still open, by state.',
    '# TYPE partner_intake_deadlines gauge',
    ...Object.entries(clock).map(([name, count]) => `partner_intake_deadlines{state="${name}"} ${count}`),
    ...deskLines(desk, now),
    '# HELP partner_intake_oldest_unfinished_seconds Age of the oldest mail that is not finished.',
    '# TYPE partner_intake_oldest_unfinished_seconds gauge',
    `partner_intake_oldest_unfinished_seconds ${age.toFixed(1)}`,
    '',
  ].join('\n');
}

/** Nothing at all where nothing is brought to Desk. */
function deskLines(desk: readonly DeskState[], now: Date): string[] {
  if (desk.length === 0) return [];
  const gauge = (name: string, help: string, value: (one: DeskState) => number | null): string[] => [
    `# HELP partner_intake_desk_${name} ${help}`,
    `# TYPE partner_intake_desk_${name} gauge`,
    ...desk.flatMap((one) => {
      const measured = value(one);
      return measured === null ? [] : [`partner_intake_desk_${name}{portal="${one.portal}"} ${measured}`];
    }),
  ];
  return [
    ...gauge('calls_open', 'Calls to Zoho Desk that are to be made.', ({ open }) => open),
    ...gauge('calls_failed', 'Calls to Zoho Desk that failed for good.', ({ failed }) => failed),
    ...gauge('backlog_seconds', 'Age of the oldest call to Zoho Desk that is to be made.', ({ oldest }) =>
      oldest ? Math.round((now.getTime() - oldest.getTime()) / 1000) : 0,
    ),
    ...gauge(
      'credits_left',
      "What is left of the day's credits of Zoho Desk, as far as known.",
      ({ credits }) => credits,
    ),
  ];
}
