/** A TCP proxy on 127.0.0.1 that fails the way networks fail: cuts, black holes, delays, and answers no real server gives. */
import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

export type TcpProxy = {
  readonly port: number;
  /** How many connections were accepted so far. */
  readonly accepted: number;
  readonly open: number;
  /** Bytes that clients have sent so far. */
  readonly heard: number;
  /** Resets every open connection. */
  cut(): void;
  /** `true`: accepts and reads, but nothing arrives any more on either side, for good. */
  stall(on: boolean): void;
  /** `true`: new connections are reset at once. */
  refuse(on: boolean): void;
  /** Everything arrives this many milliseconds later. */
  delay(ms: number): void;
  /** Cuts once the server has sent this many bytes more, in total. */
  cutAfter(bytes: number): void;
  /** Changes what the server says, chunk by chunk (latin1); null: as it is. */
  rewrite(change: ((chunk: string) => string) | null): void;
  stop(): Promise<void>;
};

/** Starts a proxy to a port on this machine. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<{ client: Socket; server: Socket }>();
  let accepted = 0;
  let heard = 0;
  let stalled = false;
  let refusing = false;
  let delayMs = 0;
  let bytesLeft = Number.POSITIVE_INFINITY;
  let change: ((chunk: string) => string) | null = null;

  const cut = (): void => {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
  };
  const pass = (to: Socket, data: Buffer): void => {
    const write = (): void => {
      if (!stalled && !to.destroyed) to.write(data);
    };
    if (delayMs === 0) write();
    else setTimeout(write, delayMs);
  };

  const listener = createServer((client) => {
    accepted++;
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = dial(target, '127.0.0.1');
    const pair = { client, server };
    pairs.add(pair);
    const over = (): void => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const side of [client, server]) side.on('error', () => {}).on('close', over);
    client.on('data', (data) => {
      heard += data.length;
      pass(server, data);
    });
    server.on('data', (data) => {
      const said = change ? Buffer.from(change(data.toString('latin1')), 'latin1') : data;
      bytesLeft -= said.length;
      if (bytesLeft >= 0) return pass(client, said);
      bytesLeft = Number.POSITIVE_INFINITY;
      cut();
    });
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');

  return {
    port: address.port,
    get accepted() {
      return accepted;
    },
    get heard() {
      return heard;
    },
    get open() {
      return pairs.size;
    },
    cut,
    stall: (on) => {
      stalled = on;
    },
    refuse: (on) => {
      refusing = on;
    },
    delay: (ms) => {
      delayMs = ms;
    },
    cutAfter: (bytes) => {
      bytesLeft = bytes;
    },
    rewrite: (next) => {
      change = next;
    },
    async stop() {
      const closed = once(listener, 'close');
      listener.close();
      cut();
      await closed;
    },
  };
}
