import { describe, expect, it } from 'vitest';
import { htmlLines } from '../../src/pipeline/html/html.ts';
import { BOUNDED_MS } from '../support/bounded.ts';

const seen = (source: string) =>
  htmlLines(source)
    .map((line) => line.text.trim())
    .filter((text) => text !== '')
    .join('|');

describe('nobody sees', () => {
  it.each([
    'display:none',
    'DISPLAY : NONE !important',
    'visibility:hidden',
    'visibility: collapse',
    'mso-hide:all',
    'opacity:0',
    'opacity: 0.0',
    'font-size:0',
    'font-size:0px;line-height:0',
    'font-size:1px;color:#fefefe',
    'color:#ffffff',
    'color:#FFF',
    'color:white',
    'color:rgb(255,255,255)',
    'color:rgba(0,0,0,0)',
    'color:transparent',
    'color:#fdfdfd',
    'background:#222;color:#222222',
    'background-color:rgb(1,2,3);color:#010203',
    'max-height:0',
    'max-height:0px;overflow:hidden',
    'height:0;overflow:hidden',
    'width:0;overflow:hidden',
    'position:absolute;left:-9999px',
    'position:fixed; top:-5000px',
    'position:absolute;clip:rect(0 0 0 0)',
    'text-indent:-9999px',
    'clip-path:inset(100%)',
    'transform:scale(0)',
    'display:/**/none',
    'display:none ! important',
    'display:none!important;display:block',
    'display:none;display:nonsense',
    'd\\69splay:none',
    'color:#fffffffe',
    'color:#0000',
    'color:#00000004',
    'color:hsl(0,0%,100%)',
    'color:hsla(120 100% 50% / 0)',
    'color:snow;background:#fff9f9',
    'background:teal;color:#008080',
    'background:rebeccapurple;color:rebeccapurple',
    'background-color:currentcolor;color:#123456',
    'background:rgba(0,0,0,.5);color:#7f7f7f',
    'color:#000;-webkit-text-fill-color:transparent',
    'opacity:.01',
    'opacity:1%',
    'filter:opacity(0)',
    'font:0/0 a',
    'font-size:.01em',
    'font-size:3%',
    'margin:0 0 0 -9999px',
    'margin:-9999px 0',
    'margin-top:-9999px',
    'transform:translateX(-9999px)',
    'transform:translate(0, -9999px)',
    '-webkit-transform:translate3d(-300em,0,0)',
    'transform:scale(0,1)',
    'translate:-9999px',
    'scale:0',
    'position:relative;left:-9999px',
    'position:absolute;right:-9999px',
    'position:absolute;left:9999px',
    'height:0;overflow-y:hidden',
    'height:1px;overflow:hidden',
    'width:0px;overflow-x:clip',
    'max-height:1px;overflow:hidden',
    'content-visibility:hidden',
  ])('%s', (style) => {
    expect(seen(`<div style="${style}">hid<b>den</b></div><p>seen</p>`)).toBe('seen');
  });

  it.each([
    ['the attribute', '<div hidden>hidden</div>'],
    ['a font', '<font color="#ffffff">hidden</font>'],
    [
      'a cell of the same colour',
      '<table bgcolor="#eeeeee"><tr><td><font color="#eeeeee">hidden</font></td></tr></table>',
    ],
    [
      'a rule of the style sheet',
      '<style>.pre, #x { display:none } p.m {color:black}</style><span class="a pre">hidden</span><i id="x">hidden</i>',
    ],
    ['what is inside', '<div style="font-size:0"><span>hid</span><b>den</b></div>'],
    ['a rule below the text', '<p class="pre">hidden</p><style>.pre{display:none}</style>'],
    ['half of a half', `${'<div style="opacity:.2">'.repeat(2)}hidden${'</div>'.repeat(2)}`],
    ['what is for programs that run scripts', '<noscript>hidden</noscript><iframe>hidden</iframe>'],
    ['a closed dialog', '<dialog>hidden</dialog>'],
    ['white on the page', '<body text="#ffffff" bgcolor="#ffffff">hidden</body><p style="color:#000"></p>'],
    ['form fields and scripts', '<select><option>hidden</select><textarea>hidden</textarea><script>hidden</script>'],
  ])('%s', (_, html) => {
    expect(seen(`${html}<p>seen</p>`)).toBe('seen');
  });

  it.each([
    'div .pre{display:none}',
    'div > .pre{display:none}',
    'body > div .pre{display:none}',
    'html body div>span{display:none}',
    'div > div .pre{display:none}',
    'i + .pre{display:none}',
    'i ~ .pre{display:none}',
    '.a.pre{display:none}',
    'span.a.pre#x{display:none}',
    'span{display:none}',
    '*.pre{display:none}',
    '*[class="pre a"]{display:none}',
    '[class~=pre]{display:none}',
    "[class^='pre']{display:none}",
    '[CLASS*=re]{display:none}',
    '[id]{display:none}',
    'span:not(.b){display:none}',
    ':is(.b,.pre){display:none}',
    '.b,.pre{display:none}',
    '@import url(x);.pre{display:none}',
    '@import url("x;{");.pre{display:none}',
    '@charset "utf-8";.pre{display:none}',
    '@font-face{font-family:x;src:url(a;b)}.pre{display:none}',
    '@media all{.pre{display:none}}',
    '@media screen{.b{color:red}.pre{display:none}}',
    '@media only screen and (min-width:1px){.pre{display:none}}',
    '@media print, screen{@media all{.pre{display:none}}}',
    '@supports (display:block){.pre{display:none}}',
    '.pre{color:red;/* } */display:none}',
    '.pre/**/{display:none}',
    '/* .b{ */.pre{display:none}',
    '.b{content:"}"}.pre{display:none}',
    '<!-- .pre{display:none} -->',
    '.pre{display:none',
    '.pre{display:none!important}.pre{display:block}',
    '.pre{display:none!important}#x{display:block}',
    '#x{display:none}.pre{display:block}',
    '.p\\72 e{display:none}',
    '.pre{visibility:hidden}',
    '.pre{color:#fff}',
  ])('%s', (css) => {
    expect(
      seen(`<style>${css}</style><div><div><i></i><span class="pre a" id="x">hidden</span></div></div><p>seen</p>`),
    ).toBe('seen');
  });
});

describe('everybody sees', () => {
  it.each([
    ['white on a button', '<a style="background:#d33;color:#fff">seen</a>'],
    ['white on a dark table', '<table bgcolor="#000000"><tr><td style="color:white">seen</td></tr></table>'],
    [
      'white on a class that may be dark',
      '<style>.dark{background:#111}</style><div class="dark"><span style="color:#fff">seen</span></div>',
    ],
    ['white on a picture', '<td background="x.png"><font color="#ffffff">seen</font></td>'],
    ['white on a gradient', '<div style="background:linear-gradient(red,blue);color:#fff">seen</div>'],
    ['a size set again inside nothing', '<td style="font-size:0"><div style="font-size:13px">seen</div></td>'],
    ['a small size', '<span style="font-size:8px">seen</span>'],
    ['half opacity', '<span style="opacity:0.5">seen</span>'],
    [
      'other screens',
      '<style>@media (max-width:600px) { .m { display:none } .n {display:none} } .o{}</style><p class="m n">seen</p>',
    ],
    ['a colour nobody knows', '<span style="color:windowtext">seen</span>'],
    ['light grey', '<span style="color:#cccccc">seen</span>'],
    ['a colour undone inside', '<div style="color:#fff"><span style="color:#000">seen</span></div>'],
    ['after what is hidden', '<div style="display:none"><div>x</div><br></div>seen'],
    ['height without clipping', '<div style="height:0">seen</div>'],
    [
      'white on a dark page',
      '<style>body{background-color:#111}</style><p style="color:#ffffff">seen</p><p style="color:#111"><!-- -->hidden</p>',
    ],
    [
      'white on a dark page with a body',
      '<style>body{background:#111}</style><body><p style="color:#fff">seen</p></body>',
    ],
    [
      'white in cells made dark',
      '<style>td{background:#000}</style><table><tr><td style="color:#fff">seen</td></tr></table>',
    ],
    [
      'white in cells of a table made dark',
      '<style>table.d > tbody > tr > td{background:#000}</style><table class="d"><tr><td style="color:#fff">seen</td></tr></table>',
    ],
    ['white on a colour and a picture', '<td style="background:#fff url(x.png);color:#fff">seen</td>'],
    ['what is shown again', '<div style="visibility:hidden"><p style="visibility:visible">seen</p></div>'],
    ['what is outdented and back', '<div style="text-indent:-9999px"><p style="text-indent:0">seen</p></div>'],
    ['what a weightier word shows', '<p style="display:block!important;display:none">seen</p>'],
    [
      'what the sheet insists on',
      '<style>.a{display:block!important}</style><p class="a" style="display:none">seen</p>',
    ],
    [
      'what the attribute says after the sheet',
      '<style>#a{display:none}</style><p id="a" style="display:block">seen</p>',
    ],
    [
      'what an id says more than a class',
      '<style>#a{display:block}.b{display:none}</style><p id="a" class="b">seen</p>',
    ],
    ['what is hidden elsewhere', '<style>div .a{display:none}</style><p class="a">seen</p>'],
    ['what is a child of another', '<style>div > .a{display:none}</style><div><p><b class="a">seen</b></p></div>'],
    ['what a class alone does not hide', '<style>.a.b{display:none} p.c{display:none}</style><i class="a c">seen</i>'],
    ['what is hidden at a pointer', '<style>p:hover,p::before,p:empty{display:none}</style><p>seen</p>'],
    [
      'what other programs hide',
      '<style>u + .body .a, [data-ogsc] .a, #MessageViewBody .a{display:none}</style><p class="a">seen</p>',
    ],
    [
      'what is hidden on paper, in the dark or on a telephone',
      '<style media="print">p{display:none}</style><style>@media print{p{display:none}}@media (prefers-color-scheme:dark){p{display:none}}@media screen and (max-width:480px){p{display:none}}@supports not (display:block){p{display:none}}@keyframes x{from{opacity:0}}</style><p>seen</p>',
    ],
    ['what is commented out', '<style>/* p{display:none} */ q{} p{/*display:none*/}</style><p>seen</p>'],
    ['what only a comment of the page styles', '<!--[if mso]><style>p{display:none}</style><![endif]--><p>seen</p>'],
    ['a size of the page', '<div style="font-size:0"><p style="font-size:1rem">seen</p></div>'],
    ['the attribute undone', '<p hidden style="display:block">seen</p>'],
    ['half a veil', '<p style="color:#00000080">seen</p>'],
    ['an open dialog', '<dialog open>seen</dialog>'],
    ['a small indent', '<p style="text-indent:-18pt;margin-left:36pt">seen</p>'],
  ])('%s', (_, html) => {
    expect(seen(html)).toBe('seen');
  });
});

describe('a mail of which nobody would see anything', () => {
  it.each([
    ['white on what was dark elsewhere', '<p style="color:#fff">one</p><p style="color:white">two</p>', 'one|two'],
    [
      'its colours are doubted before its preheader',
      '<p style="display:none">pre</p><p style="color:#fff">one</p>',
      'one',
    ],
    ['all of it', '<div style="display:none"><p>one</p></div><script>no</script>', 'one'],
    ['nothing at all', '<div style="display:none"></div><style>p{}</style>', ''],
  ])('is shown: %s', (_, html, expected) => {
    expect(seen(html)).toBe(expected);
  });
});

it('a style sheet made to be slow is not', () => {
  const sheets = [
    '.a{'.repeat(100_000),
    '@media {'.repeat(50_000),
    '{}'.repeat(200_000),
    '.a,'.repeat(100_000),
    '/*'.repeat(100_000),
    '@media all{'.repeat(50_000),
    'url('.repeat(50_000),
    '"'.repeat(99_999),
    '\\'.repeat(99_999),
    '(['.repeat(50_000),
    '[a='.repeat(50_000),
    ':not('.repeat(40_000),
    `${'a '.repeat(99_000)}{color:red}`,
    `${'a>'.repeat(99_000)}p{color:red}`,
    `p{${'color:red;'.repeat(19_000)}}`,
    `p{color:${' '.repeat(190_000)}x}`,
    `p{font:${'1'.repeat(190_000)}}`,
  ];
  for (const sheet of sheets) {
    const start = performance.now();
    htmlLines(`<style>${sheet}</style><p class="a">x</p>`);
    expect(performance.now() - start).toBeLessThan(BOUNDED_MS);
  }
});

it('many rules on many elements are weighed only so long, and what they would hide is then shown', () => {
  const rules = Array.from({ length: 3_000 }, (_, index) => `div b+i ~ p .x${index % 7} *{color:#fff}`).join('');
  const deep = `${'<div class="x1">'.repeat(300)}${'<b>x</b>'.repeat(20_000)}${'</div>'.repeat(300)}`;
  const start = performance.now();
  const text = seen(`<style>${rules}</style>${deep}<p class="x1"><b style="color:#000">seen</b></p>`);
  expect(performance.now() - start).toBeLessThan(BOUNDED_MS);
  expect(text.endsWith('seen')).toBe(true);
});

it('long lists in selectors cost what they take', () => {
  const rules = `p:is(${'a,'.repeat(240)}b){color:#fff}`.repeat(800);
  const start = performance.now();
  expect(seen(`<style>${rules}</style>${'<p>x'.repeat(2_000)}`).startsWith('x|x')).toBe(true);
  expect(performance.now() - start).toBeLessThan(BOUNDED_MS);
});
