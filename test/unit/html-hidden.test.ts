import { describe, expect, it } from 'vitest';
import { htmlLines } from '../../src/pipeline/html.ts';

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
    ['form fields and scripts', '<select><option>hidden</select><textarea>hidden</textarea><script>hidden</script>'],
  ])('%s', (_, html) => {
    expect(seen(`${html}<p>seen</p>`)).toBe('seen');
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
    ['a small indent', '<p style="text-indent:-18pt;margin-left:36pt">seen</p>'],
  ])('%s', (_, html) => {
    expect(seen(html)).toBe('seen');
  });
});

it('a style sheet made to be slow is not', () => {
  const sheets = [
    '.a{'.repeat(100_000),
    '@media {'.repeat(50_000),
    '{}'.repeat(200_000),
    '.a,'.repeat(100_000),
    '/*'.repeat(100_000),
  ];
  for (const sheet of sheets) {
    const start = performance.now();
    htmlLines(`<style>${sheet}</style><p class="a">x</p>`);
    expect(performance.now() - start).toBeLessThan(1_000);
  }
});
