/** Forwards below long notes, and forms filled in on quoted lines: older text that is read all the same. */
import { describe, expect, it } from 'vitest';
import { fromHtml, fromRachel } from '../support/separation.ts';

const encoded = (text: string) => text.replaceAll('<', '&lt;');

describe('a forward below a long covering note', () => {
  const note =
    'Hello team, one of our long-standing customers wrote to us this morning about a thing that we have never seen before and that we cannot explain either, so we are passing it on as it came in and would be glad if somebody could have a look at it today.';
  const said = 'The super admin is boss@client.example, ZOID 76006415. Zoho Books does not open.';
  const head = (sent: string) =>
    `From: Boss <boss@client.example>\n${sent}: Tuesday, 4 March 2025 10:00\nTo: Rachel <rachel@northwind-it.example>\nSubject: broken`;
  const gmail = `---------- Forwarded message ---------\n${head('Date')}\n\n${said}`;
  const outlook = `${head('Sent')}\n\n${said}`;

  it.each([gmail, outlook])('is read: %s', (forward) => {
    expect(note.length).toBeGreaterThan(240);
    expect(fromRachel(`${note}\n\n${forward}`, 'FW: broken')).toContain(said);
  });

  it.each([' Admin: owner@client.example', '\nZOID: 76006400', ' Their number is 76006400.'])(
    'is older where the note names the customer itself: %s',
    (named) => {
      for (const forward of [gmail, outlook]) {
        expect(fromRachel(`${note}${named}\n\n${forward}`, 'FW: broken')).toBe(`${note}${named}`);
      }
    },
  );

  it('is no forward below an answer', () => {
    const mail = `${note}\n\nOn Tue, 4 Mar 2025 at 10:00, Zoho <z@b.example> wrote:\n${said}`;
    expect(fromRachel(mail, 'FW: broken')).toBe(note);
  });
});

describe('a form filled in on quoted lines', () => {
  const introduction = 'On Tue, 4 Mar 2025 at 10:00, Zoho <z@b.example> wrote:';
  const form =
    '> Hello Rachel,\n>\n> Super admin email address: boss@client.example\n> ZOID: 76006415\n>\n> Zoho Support';
  const filledIn = 'Super admin email address: boss@client.example|ZOID: 76006415';
  const below = 'Please see my answers below.';

  it.each([introduction, '-----Original Message-----'])('is new where the text above says so: %s', (above) => {
    for (const end of ['', '\n\nRachel Boyd'])
      expect(fromRachel(`${below}\n\n${above}\n${form}${end}`).replace(/\n+/g, '|')).toBe(`${below}|${filledIn}`);
  });

  it('in HTML too', () => {
    const html = `<p>${below}</p><div>${encoded(introduction)}</div><blockquote type="cite"><p>Hello Rachel,</p><p>Super admin email address: boss@client.example</p><p>ZOID: 76006415</p></blockquote>`;
    expect(fromHtml(html).replace(/\n+/g, '|')).toBe(`${below}|${filledIn}`);
  });

  it.each([
    ['nothing says so', `It still fails.\n\n${introduction}\n${form}`, 'It still fails.'],
    [
      'it is of an older mail',
      `${below}\n\n${introduction}\n${form.replace(/^/gm, '>').replace('>> Hello', '> Hello')}`,
      below,
    ],
    [
      'answers stand between quotations',
      `${below}\n\n${introduction}\n${form}\n\nBooks.\n\n> Which user?\n\nJane.`,
      `${below}|Books.|Jane.`,
    ],
    ['it is one line', `${below}\n\n${introduction}\n> ZOID: 76006415\n> Which user?`, below],
  ])('is history where %s', (_, mail, left) => {
    expect(fromRachel(mail).replace(/\n+/g, '|')).toBe(left);
  });
});
