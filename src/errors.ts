/** Errors carry a verdict and fields; nobody greps their text. */

/** `permanent`: trying again cannot help. `temporary`: it may. `unknown`: the effect may have happened; look before trying again. */
export type Verdict = 'permanent' | 'temporary' | 'unknown';

export class IntakeError extends Error {
  readonly verdict: Verdict;
  readonly code: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;

  constructor(
    verdict: Verdict,
    code: string,
    message: string,
    fields: Readonly<Record<string, string | number | boolean>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'IntakeError';
    this.verdict = verdict;
    this.code = code;
    this.fields = fields;
  }
}

/** Something the operator or a caller can mend: shown as one line, exit 1. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The command line was not understood: shown as one line, exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The verdict on anything that was thrown. What nobody classified is `temporary`: a mail that is tried
 * again and ends in quarantine is visible, one that is dropped is not.
 */
export function verdictOf(error: unknown): Verdict {
  return error instanceof IntakeError ? error.verdict : 'temporary';
}

/** One line for people, whatever was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}
