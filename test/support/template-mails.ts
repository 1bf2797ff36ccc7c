/** Template mails in every language of the policy and every shape partners give them; addresses and ids are invented. */
import type { FieldName } from '../../src/model.ts';
import type { LanguagePolicy } from '../../src/policy.ts';
import { readData, type Writing } from '../labelled/words.ts';

export type Filled = Readonly<Partial<Record<FieldName, string>>>;

export const LAYOUTS = ['lines', 'below', 'numbered', 'bulleted', 'table', 'header-row', 'outlook-paragraphs'] as const;
export type TemplateLayout = (typeof LAYOUTS)[number];

/** What partners of each language write, and the answer expected to "reproducible". */
const WRITTEN = readData<Readonly<Record<string, Writing>>>('words.yaml');

function writtenIn(language: string): { description: string; troubleshooting: string; yes: string } {
  const written = WRITTEN[language];
  const [description, troubleshooting, yes] = [written?.descriptions[0], written?.tried[0], written?.yes[1]];
  if (!description || !troubleshooting || !yes) throw new Error(`nothing is written in ${language}`);
  return { description, troubleshooting, yes };
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
    if (!label) throw new Error(`there is no label for ${field}`);
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
