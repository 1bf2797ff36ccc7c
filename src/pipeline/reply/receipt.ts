/** What a receipt tells of a decision: severity, by when, and why. Nothing of what the licence directory knows. */
import type { Decision, Severity } from '../../model.ts';
import type { Policy } from '../../policy.ts';
import type { Slots } from './reply-values.ts';
import type { ReplyView } from './reply-variables.ts';

/** Words of the partner's that are quoted. */
const QUOTED = 3;

/** Why it has the severity it has. */
type Why = 'large-account' | 'impact' | 'how-to' | 'partner-operations';

export type Receipt = {
  /** Null where none is decided, or where it is not for the writer to know. */
  readonly severity: Severity | null;
  readonly why: Why | null;
  /** The mail's own words that decided on the impact. */
  readonly words: readonly string[];
  readonly respondBy: { readonly at: Date; readonly zone: string } | null;
  readonly exempt: 'feature-request' | 'product-limitation' | 'other' | null;
};

/** `words`: see impact.ts. What is past at `now` is promised no more. A sender whom nobody knows learns no severity: it would tell how large somebody's account is. */
export function receiptOf(
  decision: Decision,
  words: readonly string[],
  policy: Pick<Policy, 'regions'>,
  now: Date,
): Receipt {
  const { severity, requestNature, deadlines, slaApplies, workingTime } = decision;
  const nothing = { severity: null, why: null, words: [], respondBy: null, exempt: null };
  if (!decision.partner?.verified) return nothing;
  const why = whyOf(decision);
  const due = deadlines.firstResponse;
  const named = requestNature === 'feature-request' || requestNature === 'product-limitation' ? requestNature : 'other';
  const zone = policy.regions.regions[workingTime?.region ?? decision.region].zone;
  return {
    severity,
    why,
    words: why === 'impact' ? words.slice(0, QUOTED) : [],
    respondBy: due && Date.parse(due.commitment) > now.getTime() ? { at: new Date(due.commitment), zone } : null,
    exempt: slaApplies || severity === null ? null : named,
  };
}

function whyOf({ severity, priorityCustomer, requestNature }: Decision): Why | null {
  if (priorityCustomer) return 'large-account';
  if (severity === null) return requestNature === 'non-technical' ? 'partner-operations' : null;
  return requestNature === 'how-to' && severity === 'S3' ? 'how-to' : 'impact';
}

type ReceiptView = Pick<
  ReplyView,
  | 'severity'
  | 'respondBy'
  | 'timeZone'
  | 'largeAccount'
  | 'impactCritical'
  | 'impactModerate'
  | 'impactMinor'
  | 'howTo'
  | 'partnerOperations'
  | 'decidedBy'
  | 'exempt'
  | 'featureRequest'
  | 'productLimitation'
>;

/** As templates see it. Without a receipt everything is empty. */
export function receiptView(receipt: Receipt | null | undefined, language: string, put: Slots['put']): ReceiptView {
  const { severity, why, exempt, respondBy } = receipt ?? {};
  const impact = why === 'impact' ? severity : null;
  const [at, zone] = respondBy ? moment(respondBy.at, respondBy.zone, language) : ['', ''];
  return {
    severity: put(severity ?? '', 'ltr'),
    respondBy: put(at, 'quote'),
    timeZone: put(zone, 'quote'),
    largeAccount: why === 'large-account',
    impactCritical: impact === 'S1',
    impactModerate: impact === 'S2',
    impactMinor: impact === 'S3',
    howTo: why === 'how-to',
    partnerOperations: why === 'partner-operations',
    decidedBy: (receipt?.words ?? []).flatMap((words) => {
      const shown = put(words, 'quote');
      return shown === '' ? [] : [{ words: shown }];
    }),
    exempt: exempt != null,
    featureRequest: exempt === 'feature-request',
    productLimitation: exempt === 'product-limitation',
  };
}

/** Day and time in words, and the zone's name. Western digits and years everywhere, and 24 hours: nobody has to guess. */
function moment(at: Date, timeZone: string, language: string): [string, string] {
  const same = { timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' } as const;
  const time = new Intl.DateTimeFormat(language, { ...same, dateStyle: 'full', timeStyle: 'short' }).format(at);
  const parts = new Intl.DateTimeFormat(language, { ...same, timeZoneName: 'long' }).formatToParts(at);
  return [time, parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone];
}
