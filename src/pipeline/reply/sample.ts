/** A reply's values as an example: every optional part is there, and nobody in it is real. */
import type { ReplyKind } from '../../model.ts';
import type { ComposeInput } from './compose.ts';
import type { Receipt } from './receipt.ts';

const SUBMITTED = new Date('2026-03-02T13:05:00Z');

/** A receipt whose severity the partner's words decided. */
export const SAMPLE_RECEIPT: Receipt = {
  severity: 'S2',
  why: 'impact',
  words: ['shows wrong totals', 'twice as many'],
  respondBy: { at: SUBMITTED, zone: 'Europe/Berlin' },
  exempt: null,
};

/** A partner in Europe who wrote to the other mailbox. */
export function sampleInput(kind: ReplyKind, language: string): ComposeInput {
  const given = kind === 'superadmin-unknown' ? 'owner@client.example' : null;
  return {
    kind,
    language,
    ticketNumber: 'P-1042',
    subject: 'Reports show wrong totals',
    understood: [
      { field: 'customerEmail', value: 'ana.martins@client.example' },
      { field: 'zoid', value: '650456410' },
      { field: 'product', value: 'Zoho CRM' },
      { field: 'reproducible', value: 'yes' },
      { field: 'description', value: 'Since Monday the sales report counts every deal twice (Zoho CRM > Reports).' },
    ],
    missing: kind === 'missing-superadmin-ask' ? ['superadminEmail'] : [],
    superadmin: given,
    matchedBy: kind === 'missing-superadmin-note' ? 'customerEmail' : null,
    mailbox: { used: 'com', expected: 'eu' },
    receipt: kind === 'receipt' ? SAMPLE_RECEIPT : null,
  };
}
