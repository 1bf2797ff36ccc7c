/** What a command that fails says. */
import { expect } from 'vitest';
import type { Outcome } from './daemon.ts';

/** The one line on standard error, which must be all of it: no stack trace, no second line. */
export function complaint({ stderr }: Outcome): string {
  expect(stderr.trimEnd().split('\n'), 'one line on standard error').toHaveLength(1);
  expect(stderr).toMatch(/^partner-intake: /);
  return stderr.trimEnd().replace('partner-intake: ', '');
}
