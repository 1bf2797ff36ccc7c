/** How what was told to Desk is remembered: by hashes that tell nothing to who has not the ledger's secret. */
import { createHmac } from 'node:crypto';
import type { Sign } from '../../pipeline/deliver/fields.ts';
import type { DeskContext } from './context.ts';

const SIGNED_DIGITS = 24;

export const signer =
  ({ noticeSecret }: Pick<DeskContext, 'noticeSecret'>): Sign =>
  (text) =>
    createHmac('sha256', noticeSecret).update(`desk ${text}`).digest('hex').slice(0, SIGNED_DIGITS);
