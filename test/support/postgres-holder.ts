/** A process that uses the built-in PostgreSQL of a folder: says its URL, stays until its standard input ends, leaves. */
import { once } from 'node:events';
import { openEmbeddedPostgres } from '../../src/adapters/postgres-embedded.ts';

const store = await openEmbeddedPostgres({ folder: process.argv[2] ?? '', log: (line) => console.error(line) });
console.log(store.url);
if (process.argv[3] !== 'forget') {
  process.stdin.resume();
  await once(process.stdin, 'end');
  await store.close();
}
