import { describe, expect, it } from 'vitest';
import { htmlLines, MAX_HTML_DEPTH } from '../../src/pipeline/html/html.ts';
import { sourceOf } from '../../src/pipeline/separate/lines.ts';
import { BOUNDED_MS } from '../support/bounded.ts';

function texts(source: string): string[] {
  return htmlLines(source)
    .map((line) => line.text)
    .filter((text) => text !== '');
}

describe('lines', () => {
  it('end where a browser ends them', () => {
    expect(
      texts('<p>One<br>two</p><div>three<span> and</span> <b>four</b></div><ul><li>five<li>six</ul>seven'),
    ).toEqual(['One', 'two', 'three and four', 'five', 'six', 'seven']);
  });

  it('collapse white space, keep preformatted text, decode entities', () => {
    expect(texts('<p>\n  a \t b&nbsp;&amp;&#64;c\n</p><pre>x\n  y</pre>')).toEqual([
      'a b &@c'.replace('b ', 'b\u00a0'),
      'x',
      '  y',
    ]);
  });

  it('leave out what nobody sees', () => {
    expect(
      texts(
        '<head><title>t</title><style>s{}</style></head><body><!-- c --><script>j</script><p style="DISPLAY : none">hid<b>den</b></p><div hidden>too</div><p style="mso-hide:all">h</p>seen</body>',
      ),
    ).toEqual(['seen']);
  });

  it('say which are quoted, and do not take indentation for it', () => {
    const quoted = htmlLines(
      '<blockquote style="margin:0 0 0 40px;border:none">mine</blockquote><blockquote type="cite">old</blockquote><div>mine</div><blockquote class="gmail_quote" style="border-left:1px solid">old</blockquote>',
    ).filter((line) => line.text !== '');
    expect(quoted.map((line) => [line.text, line.quoted])).toEqual([
      ['mine', false],
      ['old', true],
      ['mine', false],
      ['old', true],
    ]);
  });
});

describe('tables', () => {
  it('a row is a line, with tabs', () => {
    expect(
      texts(
        '<table><tr><td>Label</td><td>value</td></tr><tr><th>Other:</th><td><p>one</p><p>two</p></td></tr></table>',
      ),
    ).toEqual(['Label\tvalue', 'Other:\tone', 'two']);
  });

  it('a table for layout is read from top to bottom', () => {
    expect(
      texts('<table><tr><td>Hello<table><tr><td>Label</td><td>value</td></tr></table>Bye</td></tr></table>'),
    ).toEqual(['Hello', 'Label\tvalue', 'Bye']);
  });

  it('rows keep their empty cells', () => {
    const [line] = htmlLines('<table><tr><td>a</td><td></td><td>b</td></tr></table>');
    expect(line?.row?.cells.map((cell) => cell?.text ?? null)).toEqual(['a', null, 'b']);
  });

  it('without their end tags', () => {
    expect(texts('<table><tr><td>a<td>b<tr><td>c<td>d')).toEqual(['a\tb', 'c\td']);
  });
});

it('every line can be found in the source', () => {
  const source = '<p>a &lt;<b>b@x.example</b>&gt;  c</p><table><tr><td>Label&nbsp;</td><td>v&eacute;</td></tr></table>';
  for (const line of htmlLines(source)) {
    for (const word of line.text.split(/[\s\u00a0]+/).filter(Boolean)) {
      const at = line.text.indexOf(word);
      const place = sourceOf(line, at, at + word.length);
      const raw = source.slice(place?.start, place?.end);
      expect(
        raw
          .replace(/<[^>]*>/g, '')
          .replace('&lt;', '<')
          .replace('&gt;', '>')
          .replace('&eacute;', 'é'),
      ).toBe(word);
    }
  }
});

describe('hostile markup', () => {
  it.each([
    ['deep', `${'<div>'.repeat(50_000)}text${'</div>'.repeat(50_000)}`],
    ['deep tables', `${'<table><tr><td>'.repeat(20_000)}text`],
    ['many tags', `${'<b>x</b>'.repeat(100_000)}text`],
    ['open tags', `${'<a '.repeat(200_000)}`],
    ['only brackets', '<'.repeat(500_000)],
    ['entities', '&amp;'.repeat(100_000)],
    ['broken entities', '&#'.repeat(200_000)],
    ['one attribute', `<p style="${'display:'.repeat(50_000)}">text`],
    ['unclosed paragraphs', '<p>x'.repeat(100_000)],
  ])('%s', (name, source) => {
    const start = performance.now();
    const lines = texts(source);
    expect(performance.now() - start).toBeLessThan(BOUNDED_MS);
    if (name.startsWith('deep') || name === 'many tags') expect(lines.some((line) => line.endsWith('text'))).toBe(true);
  });

  it('is bounded, and the bound is above any mail of a person', () => {
    expect(MAX_HTML_DEPTH).toBeGreaterThan(200);
  });
});
