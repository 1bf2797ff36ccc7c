/** Reads the labelled replies and kinds, and tells which are not read as a person reads them. */
import { readMail } from '../../src/pipeline/mail/read.ts';
import type { Policy } from '../../src/policy.ts';
import { render } from './render.ts';
import { readData } from './words.ts';

type Reply = {
  readonly id: string;
  readonly language: string;
  readonly program: string;
  readonly subject: string;
  readonly from: string;
  readonly text?: string;
  readonly html?: string;
  /** What the writer newly wrote. */
  readonly expectNew: string;
  /** Closing lines, which may count as new or not. */
  readonly optional?: readonly string[];
  readonly mustQuote?: readonly string[];
};
type Kind = {
  readonly id: string;
  readonly language: string;
  readonly raw: string;
  readonly kind: string;
  readonly recipient?: string;
  readonly status?: string;
};
export type Verdict = { readonly id: string; readonly language: string; readonly wrong: string | null };

/** Whether new text, quoted history and signature of each reply are told apart. */
export async function judgeReplies(policy: Policy): Promise<Verdict[]> {
  return Promise.all(readData<Reply[]>('replies.yaml').map((reply) => judgeReply(reply, policy)));
}

async function judgeReply(reply: Reply, policy: Policy): Promise<Verdict> {
  const unset = { encoding: '8bit', layout: 'reply', expect: {}, raw: {}, otherSpelling: [], second: false } as const;
  const { mail } = await readMail(render({ ...unset, ...reply }), policy);
  const bare = (text: string) =>
    (reply.optional ?? []).reduce((rest, closing) => rest.replaceAll(flat(closing), ' '), flat(text));
  const notQuoted = (reply.mustQuote ?? []).filter((phrase) => !flat(mail.quoted).includes(flat(phrase)));
  const same = flat(bare(mail.text)) === flat(bare(reply.expectNew));
  const wrong = same ? `not quoted: ${notQuoted.join(' | ')}` : `new text: ${flat(mail.text)}`;
  return { ...reply, wrong: same && notQuoted.length === 0 ? null : wrong };
}

/** Whether a person's mail, an automatic one and a bounce are told apart, with the recipient and status of a bounce. */
export async function judgeKinds(policy: Policy): Promise<Verdict[]> {
  return Promise.all(
    readData<Kind[]>('kinds.yaml').map(async ({ id, language, raw, kind, recipient, status }) => {
      const { mail } = await readMail(Buffer.from(raw), policy);
      const read = { kind: mail.kind, recipient: mail.bounce?.recipient, status: mail.bounce?.status };
      const right =
        read.kind === kind &&
        (!recipient || read.recipient === recipient.toLowerCase()) &&
        (!status || read.status === status);
      return { id, language, wrong: right ? null : `${JSON.stringify(read)} (${mail.kindBecause})` };
    }),
  );
}

function flat(text: string): string {
  return text.replace(/[\s\u00a0\u200b]+/g, ' ').trim();
}
