/** A severity that an associate set otherwise than the rules -> a case of policy/cases.yaml that says what they should have decided. */
import type { Decision, Enquiry, MailboxName, ParsedMail } from '../../model.ts';

export type Corrected = {
  readonly number: string;
  readonly mailbox: MailboxName;
  readonly arrivedAt: Date;
  readonly mail: ParsedMail;
  readonly enquiry: Enquiry;
  /** As it was set by hand. */
  readonly override: NonNullable<Decision['override']>;
  /** What the rules had said; null when they said none. */
  readonly before: Decision['severity'];
};

/** The fields whose words tell the severity. Who the customer is does not. */
const TOLD = ['requestType', 'reproducible', 'product', 'description', 'troubleshooting'] as const;

/** Mail addresses, in text that goes into a file people share. */
const ADDRESS = /[^\s<>"'(),;:]{1,64}@[^\s<>"'(),;:]{1,255}/g;
const anonymous = (text: string): string => text.replace(ADDRESS, 'somebody@client.example');

/** In the keys of policy/cases.yaml. Addresses are left out of it: names in the text are for a person to take out. */
export function correctionCase({ number, mailbox, arrivedAt, mail, enquiry, override, before }: Corrected) {
  const fields = TOLD.flatMap((name) => {
    const value = enquiry.fields[name]?.value;
    return value === undefined ? [] : [[name, anonymous(value)]];
  });
  return {
    name: `${number}: ${override.severity}, not ${before ?? 'none'} (${anonymous(override.because)})`,
    mailbox,
    from: 'somebody@partner.example',
    arrivedAt: arrivedAt.toISOString(),
    language: enquiry.language,
    subject: anonymous(mail.subject),
    text: anonymous(mail.text),
    fields: Object.fromEntries(fields) as Record<string, string>,
    expect: { severity: override.severity },
  };
}
