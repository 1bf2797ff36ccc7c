/** A licence service as INTERFACES describes it, on a free port, with every fault it may have. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';

export type LicenceRow = Readonly<Record<string, unknown>> & { readonly superadminEmail: string };

export const FAULTS = {
  /** Answers, but late. */
  slow: async (_request: IncomingMessage, _response: ServerResponse, answer: () => void, ms: number) =>
    void setTimeout(answer, ms),
  /** Never answers. */
  hang: () => undefined,
  /** Begins to answer, and never ends. */
  stall: (_request, response) => void response.writeHead(200, JSON_TYPE).write('[{"superadminEmail":'),
  500: (_request, response) => void response.writeHead(500).end('oops'),
  429: (_request, response, _answer, seconds) =>
    void response.writeHead(429, seconds ? { 'retry-after': String(seconds) } : {}).end(),
  400: (_request, response) => void response.writeHead(400).end(),
  403: (_request, response) => void response.writeHead(403).end(),
  404: (_request, response) => void response.writeHead(404).end(),
  /** Wrong path, as web servers and proxies say it. */
  'a page that says 404': (_request, response) =>
    void response.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><h1>Not Found</h1>'),
  '404 in JSON': (_request, response) => void response.writeHead(404, JSON_TYPE).end('{"error":"unknown"}'),
  '404 in plain words': (_request, response) =>
    void response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('no such account\n'),
  '404 in a lot of words': (_request, response) =>
    void response
      .writeHead(404, { 'content-type': 'text/plain' })
      .end('no route matched with those values\n'.repeat(20)),
  /** Overlooks the question. */
  'all rows': (_request, response) => void response.writeHead(200, JSON_TYPE).end(JSON.stringify([A_STRANGER])),
  garbage: (_request, response) => void response.writeHead(200, JSON_TYPE).end('<html>sign in</html>'),
  object: (_request, response) => void response.writeHead(200, JSON_TYPE).end('{"rows":[]}'),
  'half a body': (_request, response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' }).write('[{"superadminEmail":');
    setImmediate(() => response.destroy());
  },
  redirect: (request, response) => void response.writeHead(302, { location: `${request.url}&followed=1` }).end(),
  huge: (_request, response) => {
    response.writeHead(200, JSON_TYPE);
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  },
} satisfies Record<string, Fault>;

const A_STRANGER = {
  ...{ superadminEmail: 'owner@stranger.example', service: 'Zoho CRM', licences: 999, status: 'active' },
  ...{ domain: 'stranger.example', zuids: '99', zoid: '98', zgid: '97' },
};

type Fault = (request: IncomingMessage, response: ServerResponse, answer: () => void, figure: number) => unknown;
const JSON_TYPE = { 'content-type': 'application/json' };

export type LicenceServiceDouble = {
  readonly url: URL;
  /** What was asked, in order: "superadminEmail=owner@large.example". */
  readonly asked: string[];
  /** The most questions that were under way at once. */
  mostAtOnce(): number;
  rows: LicenceRow[];
  /** Null: none is asked for. */
  token: string | null;
  /** From now on, until told otherwise; `only` limits it to questions that contain it, `times` to the next ones. */
  fault(name: keyof typeof FAULTS | null, options?: { figure?: number; only?: string; times?: number }): void;
  stop(): Promise<void>;
};

type Certificate = { readonly key: Buffer; readonly cert: Buffer; readonly certPath: string };

/** A certificate of this machine that nobody vouches for. */
export function selfSigned(folder: string): Certificate {
  const [keyPath, certPath] = [join(folder, 'licences-key.pem'), join(folder, 'licences-cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2'];
  const files = ['-keyout', keyPath, '-out', certPath];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], { stdio: 'ignore' });
  return { key: readFileSync(keyPath), cert: readFileSync(certPath), certPath };
}

/** @param tls speaks https:// with this certificate, else http://. */
export async function startLicenceService(
  rows: readonly LicenceRow[] = [],
  tls?: Certificate,
): Promise<LicenceServiceDouble> {
  const sockets = new Set<Socket>();
  let broken: { fault: Fault; figure: number; only: string; left: number } | null = null;
  let [running, most] = [0, 0];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    running += 1;
    most = Math.max(most, running);
    response.on('close', () => {
      running -= 1;
    });
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const question = [...searchParams].map(([key, value]) => `${key}=${value}`).join('&');
    double.asked.push(question);
    const answer = (): void => {
      if (double.token !== null && request.headers.authorization !== `Bearer ${double.token}`)
        return void response.writeHead(401).end();
      const [[key, value] = ['', '']] = searchParams;
      const found = double.rows.filter((row) => {
        const has = row[key === 'zuid' ? 'zuids' : key];
        return (Array.isArray(has) ? has : String(has ?? '').split(' ')).includes(value);
      });
      if (found.length === 0) response.writeHead(404).end();
      else response.writeHead(200, JSON_TYPE).end(JSON.stringify(found));
    };
    if (!broken || !question.includes(broken.only) || broken.left-- <= 0) answer();
    else broken.fault(request, response, answer, broken.figure);
  };
  const server = tls ? createTlsServer(tls, handle) : createServer(handle);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const double: LicenceServiceDouble = {
    url: new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${port}/v1/licences`),
    asked: [],
    mostAtOnce: () => most,
    rows: [...rows],
    token: 'sesame',
    fault(name, { figure = 0, only = '', times = Number.POSITIVE_INFINITY } = {}) {
      broken = name === null ? null : { fault: FAULTS[name], figure, only, left: times };
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return double;
}
