import { dump } from 'js-yaml';
import { UsageError } from '../errors.ts';
import { corrections } from '../ledger/corrections.ts';
import { ticketNumber } from '../ledger/tickets.ts';
import { correctionCase } from '../pipeline/decide/correction-case.ts';
import { withLedger } from './support.ts';

const HEAD = `# Severities that associates set otherwise than the rules. Addresses are left out; take names and secrets out as well before
# you append a case to cases.yaml. Then mend the words until partner-intake policy check says that it decides so.
`;

/** `corrections export [--since DATE]`: cases for policy/cases.yaml, on standard output. */
export const correctionsExport = ({ since }: { since?: string }): Promise<void> =>
  withLedger(async ({ db }) => {
    const from = since === undefined ? new Date(0) : new Date(since);
    if (Number.isNaN(from.getTime())) throw new UsageError(`--since: "${since}" is not a date: write it as 2026-01-31`);
    const cases = (await corrections(db, from)).map((row) =>
      correctionCase({ ...row, number: ticketNumber(row.ticketId) }),
    );
    process.stdout.write(HEAD + (cases.length > 0 ? dump(cases, { lineWidth: 120 }) : '[]\n'));
  });
