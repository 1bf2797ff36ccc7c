/** Whether a request that failed surely never reached its server. */

/** Name resolution, connecting and the server's certificate: all before the first byte of a request. A reset is not among them. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** @param thrown by fetch, or the cause of that */
export function neverSent(thrown: unknown): boolean {
  const code = codeOf(thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown);
  return NEVER_CONNECTED.has(code) || code.startsWith('ERR_TLS_') || code.startsWith('CERT_');
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
