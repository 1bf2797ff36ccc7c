import type { TicketAttachment } from '../stages/ticket-attachments.ts';

/** Of a hash as it is shown and asked for. */
export const SHOWN_DIGITS = 12;

/** One attachment in a line. */
export function attachmentLine(one: TicketAttachment): string {
  const { number, filename, declared, sniffed, size, role, dangerous, sha256, kept } = one;
  return [
    `${number}  ${filename === '' ? '(no name)' : filename}`,
    declared === sniffed ? sniffed : `${sniffed} (declared ${declared})`,
    `${size} bytes`,
    role,
    sha256.slice(0, SHOWN_DIGITS),
    ...(kept ? [] : ['its bytes were dropped']),
    ...(dangerous === null ? [] : [`DANGEROUS: ${dangerous}`]),
  ].join('  ');
}
