/** The rules of a running daemon: read again on request, exchanged whole, or refused whole. */
import { createReaderPool, type ReaderPool } from './adapters/reader-pool.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import { loadRules, type RuleFolders, type Rules } from './rules.ts';
import type { ReadMail } from './stages/context.ts';

export type LiveRules = {
  /** The rules in force now. */
  readonly policy: Rules['policy'];
  readonly templates: Rules['templates'];
  /** Reads a mail with the words of the policy in force when it is handed over. */
  readonly read: ReadMail;
  /** Reads both folders again. What is wrong with them is logged, and the rules in force stay. @returns whether they are new. */
  reload(): boolean;
  /** Waits for mails that are being read, then ends the threads. */
  close(): Promise<void>;
};

/** @throws UserError when the rules are not valid at the start. */
export function openLiveRules(folders: RuleFolders, log: Logger): LiveRules {
  let rules = loadRules(folders);
  let pool = createReaderPool({ policy: rules.policy });
  const draining = new Set<Promise<void>>();

  /** The threads were given their policy once: a new policy needs new ones, and the old ones end when their mails are read. */
  function exchange(next: ReaderPool): void {
    const drained = pool
      .close()
      .catch((error: unknown) => log.warn({ cause: messageOf(error) }, 'ending reader threads'))
      .then(() => void draining.delete(drained));
    draining.add(drained);
    pool = next;
  }

  return {
    get policy() {
      return rules.policy;
    },
    get templates() {
      return rules.templates;
    },
    read: (raw) => pool.read(raw),
    reload() {
      const was = rules.policy.hash;
      try {
        const next = loadRules(folders);
        if (next.policy.hash !== was) exchange(createReaderPool({ policy: next.policy }));
        rules = next;
      } catch (error) {
        log.error({ policy: was, cause: messageOf(error) }, 'the rules were read again and refused: the old ones stay');
        return false;
      }
      log.info({ policy: rules.policy.hash, was }, 'the rules were read again and are in force');
      return true;
    },
    async close() {
      await Promise.all([pool.close(), ...draining]);
    },
  };
}
