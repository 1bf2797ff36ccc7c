/** What people inside are told: the words of a notice. Those of the domain itself are in model.ts. */
import type { DeadlineName, Region, Severity } from './model.ts';

/** What people inside are told of. */
export type NoticeKind = 'warning' | 'breach' | 'escalation' | 'basic-requests' | 'standstill' | 'storm';
/** Who of them is told. */
export type NoticeLevel = 'lead' | 'manager' | 'account-manager';
/** A ticket as somebody who is told of it needs it. */
export type NoticeStory = {
  readonly number: string;
  readonly subject: string;
  readonly sender: string;
  /** Null when nobody in the register knows the sender. */
  readonly partner: { readonly name: string; readonly tier: string } | null;
  readonly severity: Severity | null;
  readonly priorityCustomer: boolean;
  readonly provisional: boolean;
  readonly requestNature: string;
  readonly region: Region;
  readonly status: string;
  /** The decision's, by rule. */
  readonly reasons: readonly { readonly rule: string; readonly because: string }[];
  readonly deadlines: readonly {
    readonly what: DeadlineName;
    readonly commitment: Date;
    readonly met: Date | null;
    readonly paused: boolean;
  }[];
  readonly history: readonly {
    readonly at: string;
    readonly by: string;
    readonly what: string;
    readonly because: string;
  }[];
};
