/** Passwords as credentials: one that stays as it is, and one in a file that may be changed while we run. */
import { readFile } from 'node:fs/promises';
import type { Credentials } from '../ports.ts';

/** What adapters take: a password that never changes, or whoever knows the secret of the moment. */
export type Login = string | Credentials;

export const credentialsOf = (login: Login): Credentials =>
  typeof login === 'string' ? { kind: 'password', current: async () => login, renewed: async () => null } : login;

/** A password that lies in a file. The file is read again when a server refuses what we have. */
export function filePassword(password: string, file: string): Credentials {
  let known = password;
  return {
    kind: 'password',
    current: async () => known,
    async renewed(refused) {
      // An unreadable or empty file is a file that is being changed: what we have is all there is.
      if (known === refused) known = (await readFile(file, 'utf8').catch(() => '')).trim() || known;
      return known === refused ? null : known;
    },
  };
}
