/** A small policy for the reply tests: labels that name their field and language, so that a wrong one shows. */
import type { ComposeInput, ReplyPolicy } from '../../src/pipeline/reply/compose.ts';

export const LANGUAGES = ['en', 'es', 'pt', 'de', 'vi', 'ar', 'fr'] as const;

const SUPERADMIN: Record<string, string> = {
  en: 'SuperAdmin Email Address of the Account',
  es: 'Correo electrónico del superadministrador de la cuenta',
  pt: 'Endereço de e-mail do superadministrador',
  de: 'SuperAdmin-E-Mail-Adresse des Kontos',
  vi: 'Địa chỉ email quản trị viên cấp cao của tài khoản',
  ar: 'عنوان البريد الإلكتروني للمشرف الأعلى للحساب',
  fr: 'Adresse e-mail du super administrateur',
};

function words(language: string) {
  return {
    direction: language === 'ar' ? ('rtl' as const) : ('ltr' as const),
    labels: {
      superadminEmail: [SUPERADMIN[language] ?? ''],
      customerEmail: [`customer-email-${language}`],
      product: [`product *${language}* [A or B]`],
      description: [`description-${language}`],
      reproducible: [`reproducible-${language}`],
      ...(language === 'fr' ? {} : { zuid: [`zuid-${language}`], zoid: [`zoid-${language}`] }),
    },
    yes: [`yes-${language}`],
    no: [`no-${language}`],
    ...{ hints: [], greetings: [], closings: [], wrote: [], originalMessage: [], forwardedMessage: [] },
    ...{ historyHeaders: [], outOfOffice: [], absence: [], below: [] },
    ...{ superadmin: [], unsure: [], placeholders: [], mobileSignatures: [] },
    ...{ copulas: [], negations: [], commonWords: [], requestTypes: {}, natures: {}, severities: {}, weekends: [] },
    ...{ reproduces: [], notReproduces: [], unaffected: [], concerns: [], disclaimers: [], impact: {} },
  };
}

const due = { target: 1, commitment: 3 };
const hours = { firstResponse: due, determination: due };

export const replyPolicy: ReplyPolicy = {
  labels: { languages: Object.fromEntries(LANGUAGES.map((language) => [language, words(language)])) },
  mailboxes: {
    mailboxes: {
      com: {
        address: 'partner-support@com.example',
        name: 'Partner Support',
        plusAddressing: false,
        helpCentre: 'https://help.com.example',
        store: 'https://store.com.example/zstore#partnerhome',
      },
      eu: {
        address: 'partner-support@eu.example',
        name: 'Partner Support (EU)',
        plusAddressing: false,
        helpCentre: 'https://help.eu.example',
        store: 'https://store.eu.example/zstore#partnerhome',
      },
    },
  },
  commitment: {
    severities: { S1: hours, S2: hours, S3: hours },
    largeAccountResolution: due,
    exempt: [],
    workingDays: [1],
    weekendSignals: {},
    holidays: {},
    outagesRunOnHolidays: true,
    pauses: { whileAsked: true, stops: {}, longestHours: 168 },
    warning: { notify: false },
    standstill: { afterMinutes: 15, moreThan: 10 },
  },
  outbound: {
    receipt: 'off',
    answerDays: 180,
    askAgainDays: 14,
    noteEveryDays: 7,
    maxRepliesPerTicket: 4,
    holdRepliesToMailOlderThanDays: 7,
    maxRepliesPerRecipientAndDay: 20,
    maxRepliesPerDomainAndDay: 60,
    maxMailsPerMailboxAndHour: 40,
    maxMailsPerHour: 60,
    storm: { replies: 60, minutes: 10 },
    giveUpAfterHours: 48,
    believeAbsenceAfterSeconds: 150,
    retrySeconds: { first: 5, most: 900 },
    unknownOutcomeMinutes: 15,
    replyLanguages: [...LANGUAGES],
    fallbackLanguage: 'en',
  },
};

/** Everything optional present. */
export function fullInput(over: Partial<ComposeInput> = {}): ComposeInput {
  return {
    kind: 'missing-superadmin-ask',
    language: 'en',
    ticketNumber: 'P-1042',
    subject: 'CRM does not load',
    understood: [
      { field: 'customerEmail', value: 'ana@client.example' },
      { field: 'product', value: 'Zoho CRM' },
      { field: 'reproducible', value: 'yes' },
      { field: 'description', value: 'The list stays empty.\nSince Monday.' },
    ],
    missing: ['superadminEmail'],
    superadmin: 'owner@client.example',
    matchedBy: 'customerEmail',
    mailbox: { used: 'com', expected: 'eu' },
    ...over,
  };
}

/** Everything optional absent. */
export function bareInput(over: Partial<ComposeInput> = {}): ComposeInput {
  return fullInput({
    subject: '',
    understood: [],
    missing: [],
    superadmin: null,
    matchedBy: null,
    mailbox: { used: 'com', expected: 'com' },
    ...over,
  });
}
