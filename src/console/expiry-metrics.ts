/** When passwords and refresh tokens run out, in Prometheus' text format. */
import type { Expiry } from '../config-oauth.ts';

/** Nothing at all where no such date is set. Negative seconds: it has run out. */
export function expiryMetrics(expiries: readonly Expiry[], now: Date): string {
  if (expiries.length === 0) return '';
  const left = ({ at }: Expiry): number => Math.round((at.getTime() - now.getTime()) / 1_000);
  return [
    '# HELP partner_intake_login_expires_seconds Time until a password or refresh token runs out, where the configuration says when.',
    '# TYPE partner_intake_login_expires_seconds gauge',
    ...expiries.map((one) => `partner_intake_login_expires_seconds{variable="${one.variable}"} ${left(one)}`),
    '',
  ].join('\n');
}
