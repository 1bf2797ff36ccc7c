/** The document around a reply's HTML: one column that reads on a phone, no table, no image, nothing remote. */
import { escapeHtml } from './reply-values.ts';

const PAGE =
  'max-width:600px;margin:0 auto;padding:24px 16px;font-family:system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;font-size:16px;line-height:1.5;overflow-wrap:anywhere;text-align:start';

/** Language and direction are said twice: web mail drops the html element. No colours: dark mode is the reader's. */
export function htmlPage(body: string, title: string, language: string, direction: 'ltr' | 'rtl'): string {
  const where = `lang="${escapeHtml(language)}" dir="${direction}"`;
  return `<!doctype html>
<html ${where}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<style>:root{color-scheme:light dark}</style>
<title>${escapeHtml(title)}</title>
</head>
<body style="margin:0;padding:0">
<div ${where} style="${escapeHtml(PAGE)}">
${body.trim()}
</div>
</body>
</html>
`;
}
