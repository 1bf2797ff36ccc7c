/** What partners of five languages write to us, and each way in which they answer a question of ours. */
import { LARGE } from './letters.ts';

export type Language = 'en' | 'de' | 'es' | 'ja' | 'ar';

type Words = {
  readonly subject: string;
  /** A request without a super admin: the product, what is wrong. */
  readonly request: readonly string[];
  /** Above the quoted question, and the name that our question prints for the super admin's address. */
  readonly wrote: string;
  readonly label: string;
  readonly below: string;
  readonly sentence: string;
  readonly thanks: string;
  readonly answered: string;
};

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    subject: 'Totals do not match',
    request: ['Hello,', '', 'in Zoho Books the report of our customer shows wrong totals since Monday.'],
    wrote: 'On Mon, 2 Mar 2026 at 09:00, Zoho Partner Support <partner-support@zohocorp.com> wrote:',
    label: 'SuperAdmin Email Address of the Account',
    below: 'Please see my answer below.',
    sentence: `The super admin of the account is ${LARGE}.`,
    thanks: 'Thank you very much, we will wait for your answer.',
    answered: 'Re',
  },
  de: {
    subject: 'Summen stimmen nicht',
    request: ['Guten Tag,', '', 'in Zoho Books zeigt der Bericht unseres Kunden seit Montag falsche Summen an.'],
    wrote: 'Am 02.03.2026 um 09:00 schrieb Zoho Partner Support <partner-support@zohocorp.com>:',
    label: 'SuperAdmin-E-Mail-Adresse des Kontos',
    below: 'Meine Antwort steht unten.',
    sentence: `Der Superadministrator des Kontos ist ${LARGE}.`,
    thanks: 'Vielen Dank, wir warten auf Ihre Antwort.',
    answered: 'AW',
  },
  es: {
    subject: 'Los totales no coinciden',
    request: [
      'Buenos días:',
      '',
      'En Zoho Books el informe de nuestro cliente muestra totales incorrectos desde el lunes.',
    ],
    wrote: 'El lun, 2 mar 2026 a las 9:00, Zoho Partner Support (<partner-support@zohocorp.com>) escribió:',
    label: 'Correo electrónico del superadministrador de la cuenta',
    below: 'Le respondo abajo.',
    sentence: `El superadministrador de la cuenta es ${LARGE}.`,
    thanks: 'Muchas gracias, quedamos a la espera.',
    answered: 'RE',
  },
  ja: {
    subject: '合計が一致しません',
    request: ['お世話になっております。', '', 'Zoho Booksで、お客様のレポートの合計が月曜日から間違って表示されます。'],
    wrote: '2026年3月2日(月) 9:00 Zoho Partner Support <partner-support@zohocorp.com>:',
    label: 'SuperAdminのメールアドレス',
    below: '下記に記入しました。',
    sentence: `アカウントのスーパー管理者は ${LARGE} です。`,
    thanks: 'ありがとうございます。ご連絡をお待ちしております。',
    answered: 'Re',
  },
  ar: {
    subject: 'المجاميع غير متطابقة',
    request: ['السلام عليكم،', '', 'في Zoho Books يعرض تقرير عميلنا مجاميع خاطئة منذ يوم الاثنين.'],
    wrote: 'في الاثنين، 2 مارس 2026، كتب Zoho Partner Support <partner-support@zohocorp.com>:',
    label: 'عنوان البريد الإلكتروني للمشرف الأعلى للحساب',
    below: 'الإجابة أدناه.',
    sentence: `المشرف العام للحساب هو ${LARGE}.`,
    thanks: 'شكرا جزيلا، ننتظر ردكم.',
    answered: 'رد',
  },
};

export const LANGUAGES = Object.keys(WORDS) as Language[];

/** Each way of answering: the new text, above or inside of our quoted question. */
export const WAYS: Readonly<Record<string, (words: Words) => readonly string[]>> = {
  'a bare address': (words) => [LARGE, '', words.wrote, `> ${words.label}:`, '> ZUID:'],
  'a filled block': ({ label }) => [`${label}: ${LARGE}`, 'ZUID:', 'ZOID:'],
  'a sentence': ({ sentence, wrote }) => [sentence, '', wrote, '> ...'],
  'inside the quote': ({ below, wrote, label }) => [below, '', wrote, '>', `> ${label}: ${LARGE}`, '> ZUID:'],
  'a colleague': ({ sentence }) => [sentence],
};
