/** One HTTP exchange: the whole answer, in bounded time and size; no redirect is followed, nothing is tried twice. */
import { messageOf } from '../../errors.ts';
import { neverSent } from '../never-sent.ts';

export type Outgoing = {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  readonly timeoutMs: number;
  readonly maxBytes: number;
};

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };

/** No whole answer came. `sent` is false only when the request surely never reached the server. */
export type Broken = { readonly status: null; readonly sent: boolean; readonly because: string };

/** @throws nothing: what went wrong is the value. */
export async function exchange({ timeoutMs, maxBytes, url, ...init }: Outgoing): Promise<Answer | Broken> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, headers: response.headers, text: await textOf(response, maxBytes) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      status: null,
      sent: !neverSent(cause),
      because: isTimeout(cause) ? `no answer within ${timeoutMs / 1000} s` : messageOf(cause),
    };
  }
}

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

async function textOf(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
