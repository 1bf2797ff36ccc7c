/** Single mails of a partner, each with a known answer from the directory of population.ts. */

/** A super admin that the directory knows: a large account in India. */
export const LARGE = 'owner@large.example';

/** What a letter says of the customer, and so which reply it calls for. */
export const CALLS_FOR = {
  nothing: `SuperAdmin Email Address of the Account: ${LARGE}`,
  ask: 'Customer email address: someone@nowhere.example',
  note: 'ZOID: 650000021',
  unknown: 'Super admin email: nobody@unknown.example',
} as const;

export type Letter = {
  /** Without angle brackets. */
  readonly id: string;
  readonly says?: keyof typeof CALLS_FOR;
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly date?: Date;
  readonly headers?: readonly string[];
  /** Instead of the filled-in template. */
  readonly lines?: readonly string[];
};

/** The bytes of a letter, as text. */
export function letter({ id, says = 'ask', headers = [], date = new Date(), ...rest }: Letter): string {
  const {
    from = 'Agent Smith <agent@sender.example>',
    to = 'partner-support@zohocorp.com',
    subject = `Request ${id}`,
  } = rest;
  const template = [
    'Dear team,',
    '',
    'Type of support request: Technical Support',
    'Zoho product name: Zoho CRM',
    CALLS_FOR[says],
    'Description of the issue/question: The report shows wrong results since this morning.',
    'Troubleshooting steps performed: reloaded the page',
    '',
    'Kind regards,',
    'Agent Smith',
  ];
  return [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    `Message-ID: <${id}>`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    ...headers,
    '',
    ...(rest.lines ?? template),
    '',
  ].join('\r\n');
}
