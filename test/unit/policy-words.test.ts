/** The shipped words, tried with the code that looks for them: each leads where it belongs, and no two get in each other's way. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileLabels } from '../../src/pipeline/extract/label-index.ts';
import { matchLabel } from '../../src/pipeline/extract/labels.ts';
import { compileProducts, findProduct } from '../../src/pipeline/extract/products.ts';
import { fold, foldCompact } from '../../src/pipeline/words/fold.ts';
import { type LabelField, loadPolicy } from '../../src/policy.ts';

const folder = `${import.meta.dirname}/../../policy`;
const policy = loadPolicy(folder);
const languages = Object.entries(policy.labels.languages);
const index = compileLabels(policy.labels.languages);
const products = compileProducts(policy.services);
const repeated = (words: readonly string[]) => words.filter((word, at) => words.indexOf(word) !== at);

it('reads every file of the folder', () => {
  const files = readdirSync(`${folder}/languages`).filter((name) => name.endsWith('.yaml'));
  expect(languages.map(([code]) => `${code}.yaml`).toSorted()).toEqual(files.toSorted());
  expect(files.length).toBeGreaterThanOrEqual(12);
});

describe.each(languages)('labels and words of %s', (code, language) => {
  const labels = Object.entries(language.labels) as [LabelField, string[]][];

  it('has every field, and six spellings of the common ones', () => {
    expect(labels).toHaveLength(12);
    for (const [field, spellings] of labels) {
      const least = ['zuid', 'zoid', 'zgid', 'serviceOrganisationId'].includes(field) ? 4 : 6;
      expect(spellings.length, field).toBeGreaterThanOrEqual(least);
    }
  });

  it('has no label that folds to one of another field, nor to the same twice', () => {
    const folded = labels.flatMap(([, spellings]) => spellings.map(foldCompact));
    expect(repeated(folded)).toEqual([]);
  });

  it('finds each label at the start of a line, with its value', () => {
    for (const [field, spellings] of labels) {
      for (const label of spellings) {
        const line = `${label}: value`;
        const match = matchLabel(index, line, code);
        expect(match && [match.field, match.language, line.slice(match.valueAt)], line).toEqual([field, code, 'value']);
      }
    }
  });

  it('has no label of a signature or of quoted history', () => {
    const signature = [
      'Email',
      'E-mail',
      'Mail',
      'Correo',
      'Correo electrónico',
      'Courriel',
      'البريد الإلكتروني',
      'Thư điện tử',
      'Posta elettronica',
      'E-mailadres',
      'メール',
      'メールアドレス',
      '邮箱',
      '电子邮件',
      '電子郵件',
      '信箱',
      'Surel',
      'Tel',
      'Phone',
      'Web',
    ];
    const taken = new Set([...signature, ...language.historyHeaders].map(foldCompact));
    for (const [, spellings] of labels) expect(spellings.filter((label) => taken.has(foldCompact(label)))).toEqual([]);
  });

  it('has words for everything else, none twice', () => {
    const lists = Object.entries(language).filter((entry): entry is [string, string[]] => Array.isArray(entry[1]));
    expect(lists.length).toBeGreaterThanOrEqual(19);
    for (const [list, words] of lists) {
      expect(words.length, list).toBeGreaterThanOrEqual(['negations', 'copulas'].includes(list) ? 1 : 2);
      // By its accents a common word tells its language from the next.
      const folded = words.map(list === 'commonWords' ? (word) => word.toLowerCase() : fold);
      expect(repeated(folded), list).toEqual([]);
    }
    expect(language.hints.length).toBeGreaterThanOrEqual(8);
    const isRightToLeft = /^[\p{sc=Arab}\p{sc=Hebr}]/u.test(language.greetings[0] ?? '');
    expect(language.direction).toBe(isRightToLeft ? 'rtl' : 'ltr');
  });

  it('tells yes from no, and a greeting from a closing', () => {
    const both = (a: readonly string[], b: readonly string[]) =>
      a.map(fold).filter((word) => b.map(fold).includes(word));
    expect(both(language.yes, language.no)).toEqual([]);
    expect(both(language.greetings, language.closings)).toEqual([]);
    expect(both(language.originalMessage, language.forwardedMessage)).toEqual([]);
  });

  it('has signals of every nature, severity and of weekends, none twice', () => {
    const tables = {
      ...policy.severity.natures,
      ...policy.severity.signals,
      weekends: policy.commitment.weekendSignals,
    };
    expect(Object.keys(tables)).toHaveLength(10);
    for (const [table, signals] of Object.entries(tables)) {
      const phrases = signals[code] ?? [];
      expect(phrases.length, table).toBeGreaterThanOrEqual(10);
      expect(repeated(phrases.map(fold)), table).toEqual([]);
    }
  });
});

describe('words of all languages together', () => {
  it('prints the published labels first', () => {
    const first = (code: string, field: LabelField) => policy.labels.languages[code]?.labels[field]?.[0];
    expect(first('en', 'superadminEmail')).toBe('SuperAdmin Email Address of the Account');
    expect(first('pt', 'customerEmail')).toBe('Endereço de e-mail do cliente');
    expect(first('pt', 'superadminEmail')).toBe('Endereço de e-mail do superadministrador');
    expect(first('es', 'superadminEmail')).toBe('Correo electrónico del superadministrador de la cuenta');
    expect(first('de', 'superadminEmail')).toBe('SuperAdmin-E-Mail-Adresse des Kontos');
    expect(first('vi', 'superadminEmail')).toBe('Địa chỉ email quản trị viên cấp cao của tài khoản');
    expect(first('ar', 'superadminEmail')).toBe('عنوان البريد الإلكتروني للمشرف الأعلى للحساب');
    expect(first('fr', 'superadminEmail')).toBe('Adresse e-mail du super administrateur');
    expect(first('nl', 'superadminEmail')).toBe('E-mailadres van de SuperAdmin');
    expect(first('ja', 'superadminEmail')).toBe('SuperAdminのメールアドレス');
    expect(first('id', 'superadminEmail')).toBe('Alamat Email SuperAdmin');
  });

  it('has no label that another language uses for another field', () => {
    const fields = new Map<string, Set<string>>();
    for (const [, { labels }] of languages) {
      for (const [field, spellings] of Object.entries(labels)) {
        for (const label of spellings ?? []) {
          fields.set(foldCompact(label), (fields.get(foldCompact(label)) ?? new Set()).add(field));
        }
      }
    }
    expect([...fields].filter(([, names]) => names.size > 1)).toEqual([]);
  });

  it.each([
    'The problem occurs when the user saves a record.',
    'Problem solved, thank you.',
    'Product managers cannot see the report.',
    'Service is down since 10:30',
    'Super admin cannot log in',
    'Der Kunde kann sich nicht anmelden',
    'Problema resuelto con la nueva versión',
    'El producto no funciona como se esperaba',
    'Vấn đề đã được giải quyết',
    'المشكلة ما زالت قائمة',
    "Le problème persiste depuis l'installation",
    'Question is whether this is possible',
    'Il problema persiste dopo la reinstallazione',
    'Het probleem blijft bestaan na de update',
    'Masalah ini muncul sejak kemarin',
    '问题仍然存在，请尽快处理。',
    '產品無法正常使用',
    '問題が解決しません。',
    'サービスが停止しています',
  ])('takes prose for prose: %s', (line) => {
    expect(matchLabel(index, line)).toBeNull();
  });

  it('has no phrase that speaks for two severities, or for two natures', () => {
    for (const tables of [policy.severity.signals, policy.severity.natures]) {
      const phrases = Object.values(tables).flatMap((signals) => [...new Set(Object.values(signals).flat().map(fold))]);
      expect(repeated(phrases)).toEqual([]);
    }
  });

  it('finds the type of support request by each of its words', () => {
    const typeOf = (value: string) =>
      policy.severity.requestTypes.find(({ words }) =>
        words.some((word) => ` ${fold(value)} `.includes(` ${fold(word)} `)),
      )?.name;
    for (const { name, words } of policy.severity.requestTypes) {
      expect(typeOf(name)).toBe(name);
      for (const word of words) expect([word, typeOf(word)]).toEqual([word, name]);
    }
    expect(policy.severity.requestTypes).toHaveLength(9);
    const natures = Object.fromEntries(policy.severity.requestTypes.map(({ name, nature }) => [name, nature]));
    expect(natures).toMatchObject({ 'Technical Support': 'incident', 'Product Management Related': 'feature-request' });
    expect(Object.values(natures).filter((nature) => nature === 'non-technical')).toHaveLength(7);
  });

  it('knows at least 120 public mail services, none twice, and no company of ours', () => {
    const { genericDomains } = policy.identification;
    expect(genericDomains.length).toBeGreaterThanOrEqual(120);
    expect(repeated(genericDomains)).toEqual([]);
    const common =
      'gmail.com yahoo.com outlook.com hotmail.com gmx.de web.de t-online.de orange.fr free.fr laposte.net uol.com.br yahoo.com.vn maktoob.com rediffmail.com qq.com 163.com naver.com yahoo.co.jp mail.ru'.split(
        ' ',
      );
    expect(genericDomains).toEqual(expect.arrayContaining(common));
    expect(genericDomains.filter((domain) => /zohocorp|\.example$/.test(domain))).toEqual([]);
  });
});

describe('services', () => {
  it('excludes the five, and knows the eight suites', () => {
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
    expect(names(policy.services.excluded)).toEqual([
      'Zoho Campaigns',
      'Zoho DataPrep',
      'Zoho PageSense',
      'Zoho Marketing Automation',
      'Zoho Writer add-ons',
    ]);
    const suites = 'One, Marketing Plus, CRM Plus, Finance Plus, People Plus, Projects Plus, Service Plus, Workplace';
    expect(names(policy.services.suites)).toEqual(suites.split(', ').map((name) => `Zoho ${name}`));
    expect(names(policy.services.eligible)).toContain('Zoho Writer');
  });

  it('finds every service in the product field by each of its spellings', () => {
    for (const service of [...policy.services.excluded, ...policy.services.eligible, ...policy.services.suites]) {
      for (const spelling of [
        service.name,
        service.name.slice('Zoho '.length),
        ...service.aliases,
        ...service.fieldOnly,
      ]) {
        expect([spelling, findProduct(products, spelling, 'field')?.name]).toEqual([spelling, service.name]);
      }
    }
  });

  it.each([
    ['Dear Zoho Support, the CRM does not load', 'Zoho CRM'],
    ['Ma question concerne le CRM', 'Zoho CRM'],
    ['Lỗi mã xác thực trong Bigin', 'Zoho Bigin'],
    ['The form on our site shows an error', undefined],
    ['Our ERP sends the invoice to Zoho Creator', 'Zoho Creator'],
    ['Bulk mail merge fails in Zoho Writer', 'Zoho Writer add-ons'],
    ['We cannot sign in to the desk', undefined],
  ])('%s: %s', (prose, name) => {
    expect(findProduct(products, prose, 'prose')?.name).toBe(name);
  });
});
