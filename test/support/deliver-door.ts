/** A server's address whose server can be away: the port is closed then, and knocks at it are counted when it is open but nobody answers. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

export type Door = AsyncDisposable & {
  readonly url: string;
  /** Connections that were made to it since the start. */
  readonly knocks: number;
  /** `closed`: nobody listens. `silent`: connections are taken, and reset. */
  be(state: 'open' | 'closed' | 'silent'): Promise<void>;
  stop(): Promise<void>;
};

export async function startDoor(target: number): Promise<Door> {
  const sockets = new Set<Socket>();
  let knocks = 0;
  let silent = false;
  let server: Server | null = null;
  let port = 0;
  const open = async () => {
    server = createServer((client) => {
      knocks += 1;
      if (silent) {
        client.resetAndDestroy();
        return;
      }
      const behind = dial(target, '127.0.0.1');
      for (const [one, other] of [
        [client, behind],
        [behind, client],
      ] as const) {
        sockets.add(one);
        one
          .on('error', () => undefined)
          .on('close', () => {
            sockets.delete(one);
            other.destroy();
          });
      }
      client.pipe(behind).pipe(client);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const close = async () => {
    const closing = server;
    server = null;
    if (!closing) return;
    const closed = once(closing, 'close');
    closing.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await open();
  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get knocks() {
      return knocks;
    },
    async be(state) {
      silent = state === 'silent';
      for (const socket of sockets) socket.destroy();
      if (state === 'closed') await close();
      else if (!server) await open();
    },
    stop: close,
    [Symbol.asyncDispose]: close,
  };
}
