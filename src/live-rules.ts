/** The rules of a running daemon: read again on request, exchanged whole, or refused whole. */
import { createReaderPool, type ReaderPool } from './adapters/reader-pool.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import { loadRules, type RuleFolders, type Rules } from './rules.ts';
import type { ReadMail, TakeAttachment } from './stages/context.ts';

export type LiveRules = {
  /** The rules in force now. */
  readonly policy: Rules['policy'];
  readonly templates: Rules['templates'];
  /** Reads mails with the words of the policy in force when it is asked for, also after a reload. */
  readonly read: ReadMail;
  readonly takeAttachment: TakeAttachment;
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
  function drain(old: ReaderPool): void {
    const drained = old
      .close()
      .catch((error: unknown) => log.warn({ cause: messageOf(error) }, 'ending reader threads'))
      .then(() => void draining.delete(drained));
    draining.add(drained);
  }

  function exchange(next: ReaderPool): void {
    drain(pool);
    pool = next;
  }

  /** Work that began under a policy that was replaced meanwhile ends under it: rare, so it gets a thread of its own. */
  async function readOnce(policy: Rules['policy'], raw: Buffer): ReturnType<ReadMail> {
    const own = createReaderPool({ policy, threads: 1 });
    try {
      return await own.read(raw);
    } finally {
      drain(own);
    }
  }

  return {
    get policy() {
      return rules.policy;
    },
    get templates() {
      return rules.templates;
    },
    get read() {
      const { policy } = rules;
      return (raw: Buffer) => (policy.hash === rules.policy.hash ? pool.read(raw) : readOnce(policy, raw));
    },
    takeAttachment: (raw, sha256) => pool.attachment(raw, sha256),
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
