/** Label and value pairs -> the body of a mail in one of the shapes partners give the template. */

export type Pair = { readonly label: string; readonly value: string };
export type Body = { readonly text?: string; readonly html?: string };
export type Frame = { readonly hello: string; readonly tail: string };

type Write = (pairs: readonly Pair[], frame: Frame, variant: number) => Body;

const oneLine =
  (write: (pair: Pair, index: number, variant: number) => string): Write =>
  (pairs, frame, variant) => ({
    text: framed(
      frame,
      pairs.map((pair, index) => write(pair, index, variant)).join(variant % 3 === 2 ? '\n\n' : '\n'),
    ),
  });

export const colon = oneLine(({ label, value }) => `${label}: ${value}`);

/** Shapes that only change how a label stands to its value. */
export const SHAPES: Readonly<Record<string, Write>> = {
  colon,
  'wide-colon': oneLine(({ label, value }) => `${label}：${value}`),
  dash: oneLine(({ label, value }, _, variant) => `${label} ${variant % 2 ? '–' : '-'} ${value}`),
  tab: oneLine(({ label, value }) => `${label}\t${value}`),
  equals: oneLine(({ label, value }) => `${label} = ${value}`),
  bold: (pairs, frame, variant) =>
    variant % 2
      ? { text: framed(frame, pairs.map(({ label, value }) => `*${label}:* ${value}`).join('\n')) }
      : {
          html: page(
            frame,
            pairs.map(({ label, value }) => `<div><b>${esc(label)}:</b> ${esc(value)}</div>`).join('\n'),
          ),
        },
  below: oneLine(({ label, value }, _, variant) => `${label}${variant % 2 ? ':' : ''}\n${value}\n`),
  numbered: oneLine(({ label, value }, index, variant) => `${index + 1}${variant % 2 ? ')' : '.'} ${label}: ${value}`),
  bulleted: oneLine(({ label, value }, _, variant) => `${['-', '*', '•'][variant % 3]} ${label}: ${value}`),
  'table-columns': (pairs, frame) => ({
    html: page(frame, table(pairs.map(({ label, value }) => [`<b>${esc(label)}</b>`, esc(value)]))),
  }),
  'table-rows': (pairs, frame) => ({
    html: page(frame, table([pairs.map(({ label }) => esc(label)), pairs.map(({ value }) => esc(value))])),
  }),
  'outlook-paragraphs': (pairs, frame, variant) => ({
    html: page(
      frame,
      pairs
        .map(({ label, value }) =>
          variant % 2
            ? paragraph(`<b><span lang=EN-US>${esc(label)}:<o:p></o:p></span></b>`) +
              paragraph(`${esc(value)}<o:p></o:p>`)
            : paragraph(`<b>${esc(label)}</b>:&nbsp;${esc(value)}<o:p></o:p>`),
        )
        .join(paragraph('<o:p>&nbsp;</o:p>')),
    ),
  }),
};

function framed({ hello, tail }: Frame, body: string): string {
  return `${hello}\n\n${body}\n${tail}`;
}

function page({ hello, tail }: Frame, body: string): string {
  const lines = (text: string) =>
    esc(text)
      .split('\n')
      .map((line) => (line === '' ? '<div><br></div>' : `<div>${line}</div>`))
      .join('');
  return `<html><head><style>p.MsoNormal{margin:0}</style></head><body>${lines(hello)}\n${body}\n${lines(tail)}</body></html>`;
}

function paragraph(inner: string): string {
  return `<p class=MsoNormal>${inner}</p>\n`;
}

function table(rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]) =>
    row.map((cell) => `<td style="border:1px solid">\n  ${cell}\n</td>`).join('');
  return `<table>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')}</table>`;
}

function esc(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br>\n');
}
