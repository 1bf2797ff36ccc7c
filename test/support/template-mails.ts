/** Template mails in every language of the policy and every shape partners give them; addresses and ids are invented. */
import type { FieldName } from '../../src/model.ts';
import type { LanguagePolicy } from '../../src/policy.ts';

export type Filled = Readonly<Partial<Record<FieldName, string>>>;

export const LAYOUTS = ['lines', 'below', 'numbered', 'bulleted', 'table', 'header-row', 'outlook-paragraphs'] as const;
export type TemplateLayout = (typeof LAYOUTS)[number];

/** What partners of each language write, and the answer expected to "reproducible". */
const WRITTEN: Readonly<Record<string, { description: string; troubleshooting: string; yes: string }>> = {
  en: {
    description: 'The reports have not been loading since yesterday morning.',
    troubleshooting: 'We cleared the cache and tried another browser.',
    yes: 'Yes, every time',
  },
  es: {
    description: 'Los informes no se cargan desde ayer por la mañana.',
    troubleshooting: 'Hemos borrado la caché y probado otro navegador.',
    yes: 'Sí, siempre',
  },
  pt: {
    description: 'Os relatórios não carregam desde ontem de manhã.',
    troubleshooting: 'Limpamos o cache e tentamos outro navegador.',
    yes: 'Sim, sempre',
  },
  de: {
    description: 'Die Berichte werden seit gestern Morgen nicht mehr geladen.',
    troubleshooting: 'Wir haben den Cache geleert und einen anderen Browser benutzt.',
    yes: 'Ja, immer',
  },
  vi: {
    description: 'Các báo cáo không tải được từ sáng hôm qua.',
    troubleshooting: 'Chúng tôi đã xóa bộ nhớ đệm và thử trình duyệt khác.',
    yes: 'Có, luôn luôn',
  },
  ar: {
    description: 'التقارير لا تعمل منذ صباح أمس عند جميع المستخدمين.',
    troubleshooting: 'قمنا بمسح ذاكرة التخزين المؤقت وجربنا متصفحا آخر.',
    yes: 'نعم، دائما',
  },
  fr: {
    description: 'Les rapports ne se chargent plus depuis hier matin.',
    troubleshooting: 'Nous avons vidé le cache et essayé un autre navigateur.',
    yes: 'Oui, toujours',
  },
};

function writtenIn(language: string): (typeof WRITTEN)[string] {
  const written = WRITTEN[language];
  if (!written) throw new Error(`nothing is written in ${language}`);
  return written;
}

/** A filled-in template: what is written, and what is to be read. */
export function filledIn(language: string): { written: Filled; expected: Filled } {
  const { description, troubleshooting, yes } = writtenIn(language);
  const common = {
    customerEmail: 'jordan.lee@client.example',
    superadminEmail: 'owner@client.example',
    requestType: 'Technical Support',
    description,
    troubleshooting,
    zoid: '76006415',
  };
  return {
    written: { ...common, reproducible: yes, product: 'ZohoCRM' },
    expected: { ...common, reproducible: 'yes', product: 'Zoho CRM' },
  };
}

/** The mail body in a layout: `html` for those that only HTML has. */
export function templateBody(
  language: LanguagePolicy,
  written: Filled,
  layout: TemplateLayout,
): { part: 'text' | 'html'; body: string } {
  const pairs = Object.entries(written).map(([field, value]) => {
    const label = language.labels[field as FieldName]?.[0];
    if (!label) throw new Error(`${language.name} has no label for ${field}`);
    return [label, value] as const;
  });
  const greeting = language.greetings[0] ?? '';
  const closing = language.closings[0] ?? '';
  const text = (lines: string[]) => ({
    part: 'text' as const,
    body: [greeting, '', ...lines, '', `${closing},`, 'Sam'].join('\n'),
  });
  const html = (inner: string) => ({
    part: 'html' as const,
    body: `<html><head><style>td { padding: 0 }</style></head><body dir="${language.direction}"><p>${greeting}</p>${inner}<p>${closing},<br>Sam</p></body></html>`,
  });
  switch (layout) {
    case 'lines':
      return text(pairs.map(([label, value]) => `${label}: ${value}`));
    case 'below':
      return text(pairs.flatMap(([label, value]) => [label, value, '']));
    case 'numbered':
      return text(pairs.map(([label, value], index) => `${index + 1}. ${label} - ${value}`));
    case 'bulleted':
      return text(pairs.map(([label, value]) => `• ${label}： ${value}`));
    case 'table':
      return html(
        `<table>${pairs.map(([label, value]) => `<tr><td><b>${encodeHtml(label)}</b></td><td>&nbsp;${encodeHtml(value)}</td></tr>`).join('\n')}</table>`,
      );
    case 'header-row':
      return html(
        `<table><tr>${pairs.map(([label]) => `<th>${encodeHtml(label)}</th>`).join('')}</tr><tr>${pairs.map(([, value]) => `<td>${encodeHtml(value)}</td>`).join('')}</tr></table>`,
      );
    case 'outlook-paragraphs':
      return html(
        pairs
          .map(
            ([label, value]) =>
              `<p class=MsoNormal><b><span lang=EN-US>${encodeHtml(label)}:<o:p></o:p></span></b></p><p class=MsoNormal><span>${encodeHtml(value)}<o:p>&nbsp;</o:p></span></p>`,
          )
          .join('<p class=MsoNormal><o:p>&nbsp;</o:p></p>'),
      );
  }
}

function encodeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** A whole mail around a body. */
export function mailWith(
  body: { part: 'text' | 'html'; body: string },
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const all: Record<string, string> = {
    From: 'Sam Partner <sam@partner.example>',
    To: 'partner-support@zohocorp.com',
    Subject: 'Request',
    'Message-ID': '<request-1@partner.example>',
    Date: 'Mon, 3 Mar 2025 10:00:00 +0100',
    'MIME-Version': '1.0',
    'Content-Type': `text/${body.part === 'html' ? 'html' : 'plain'}; charset=utf-8`,
    'Content-Transfer-Encoding': 'base64',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const encoded = Buffer.from(body.body).toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${encoded}\r\n`);
}
