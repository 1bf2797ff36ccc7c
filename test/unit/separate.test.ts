import { describe, expect, it } from 'vitest';
import { layOut } from '../../src/pipeline/separate/layout.ts';
import { readingOf } from '../../src/pipeline/words/reading.ts';
import { loadPolicy } from '../../src/policy.ts';
import { BOUNDED_MS } from '../support/bounded.ts';

const policy = loadPolicy(new URL('../../policy', import.meta.url).pathname);
const reading = readingOf(policy);

function separated(text: string, subject = '') {
  return layOut({ text, html: '' }, subject, reading).text();
}

/** Only what a person would notice to be missing: every word of a mail is in its text or in its history. */
function words(text: string): string[] {
  return text
    .split(/[\s>]+/)
    .filter(Boolean)
    .sort();
}

function expectDivided(mail: string, text: string, subject = ''): void {
  const result = separated(mail, subject);
  expect(result.text).toBe(text);
  expect(words(`${result.text}\n${result.quoted}`)).toEqual(words(mail));
}

describe('quoted history', () => {
  it.each([
    ['en', 'On Mon, 3 Mar 2025 at 10:00, Zoho <z@b.example> wrote:'],
    ['en, two lines', 'On Mon, 3 Mar 2025 at 10:00, Zoho Partner Support\n<z@b.example> wrote:'],
    ['es', 'El lun, 3 mar 2025 a las 10:00, Zoho (<z@b.example>) escribió:'],
    ['pt', 'Em seg., 3 de mar. de 2025 às 10:00, Zoho <z@b.example> escreveu:'],
    ['de', 'Am Mo., 3. März 2025 um 10:00 Uhr schrieb Zoho <z@b.example>:'],
    ['vi', 'Vào Th 2, 3 thg 3, 2025 vào lúc 10:00 Zoho <z@b.example> đã viết:'],
    ['ar', 'في الاثنين، 3 مارس 2025 في 10:00 ص تمت كتابة ما يلي بواسطة Zoho <z@b.example>:'],
    ['fr', 'Le lun. 3 mars 2025 à 10:00, Zoho <z@b.example> a écrit :'],
    ['sv, which the policy does not know', 'Den mån 3 mars 2025 kl 10:00 skrev Zoho <z@b.example>:'],
  ])('below "… wrote:" in %s', (_, introduction) => {
    expectDivided(`New text.\n\n${introduction}\n> Old text.\n> More.`, 'New text.');
  });

  it.each([
    ['vi', 'Vào Th 2, 3 thg 3, 2025 vào lúc 10:12 Zoho <z@b.example> đã viết:'],
    ['tr', 'Zoho <z@b.example>, 3 Mar 2025 Pzt, 10:12 tarihinde şunu yazdı:'],
    ['ja', '2025年3月3日(月) 10:12 Zoho <z@b.example>:'],
    ['en', 'On Mon, 3 Mar 2025 at 10:00, Zoho <z@b.example> wrote:'],
    ['en, a name and no time', 'Zoho Partner Support <z@b.example> wrote:'],
    ['en, two lines', 'On Mon, 3 Mar 2025 at 10:00, Zoho Partner Support\n<z@b.example> wrote:'],
    ['en, the address on its own line', '<z@b.example> wrote on 3 March 2025 at 10:00:'],
  ])('but not what is filled in right above it: %s', (_, introduction) => {
    for (const said of ['ZUID: 231855622\nZOID: 8403972945', 'ZOID (of them) - 8403972945', 'ZOID\n8403972945']) {
      expectDivided(`${said}\n${introduction}\n> Old text.`, said);
    }
    expectDivided(`It began on 3 March 2025.\n${introduction}\n> Old.`, 'It began on 3 March 2025.');
  });

  it('not quoted line by line', () => {
    expectDivided('New.\n\n---- On Mon, 3 Mar 2025 10:00:00 +0530 Zoho <z@b.example> wrote ----\n\nOld text.', 'New.');
    expectDivided('New.\n\n-----Original Message-----\nFrom: z\nOld text.', 'New.');
    expectDivided(
      'Nuevo.\n\n________________________________\nDe: Zoho <z@b.example>\nEnviado: lunes, 3 de marzo de 2025\nPara: Sam\nAsunto: x\n\nAntes.',
      'Nuevo.',
    );
    expectDivided('New.\n\n*From:* Zoho <z@b.example>\n\n*Sent:* Monday, 3 March 2025\n\n*To:* Sam\n\nOld.', 'New.');
  });

  it('answers within and below it are new', () => {
    const intro = 'On Mon, 3 Mar 2025 at 10:00, Zoho <z@b.example> wrote:';
    expectDivided(`${intro}\n> Which product?\nZoho CRM\n> Which user?\nBelow.\n`, 'Zoho CRM\nBelow.');
  });

  it('prose is not taken for it', () => {
    for (const text of [
      'The customer wrote:\nit does not work',
      'From: the list of modules\nwe removed Deals.',
      'Steps on 3 March 2025:\n1. open the page',
      'Subject: reports\nTo: be fixed',
    ]) {
      expectDivided(text, text);
    }
  });
});

describe('history in HTML', () => {
  const html = (source: string, subject = 'Re: x') => layOut({ text: '', html: source }, subject, reading).html().text;

  it('as Gmail quotes it, with an answer within', () => {
    const source =
      '<div dir="ltr">New.</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, 3 Mar 2025 at 10:00, Zoho &lt;<a href="mailto:z@b.example">z@b.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="border-left:1px solid"><div>Which user?</div></blockquote><div>Jane.</div><blockquote class="gmail_quote">Old.</blockquote></div>';
    expect(html(source)).toBe('New.\n\nJane.');
  });

  it('as Outlook does', () => {
    const source =
      '<p>New.</p><div style="border-top:solid #E1E1E1 1.0pt"><p><b>Von:</b> Zoho &lt;z@b.example&gt;<br><b>Gesendet:</b> Montag, 3. März 2025 10:00<br><b>An:</b> Sam<br><b>Betreff:</b> x</p></div><p>Old.</p>';
    expect(html(source)).toBe('New.');
  });
});

describe('signatures', () => {
  it('below "-- ", and what telephones add', () => {
    expectDivided('New.\n-- \nSam\n+34 600 123 456', 'New.');
    expectDivided('New.\n\nSent from my iPhone', 'New.');
    expectDivided('Nuevo.\n\nEnviado desde mi iPhone', 'Nuevo.');
  });

  it('"--" as an empty value is none', () => {
    const text = 'Steps taken:\n--\nZOID: 76006415';
    expectDivided(text, text);
  });

  it('that is all there is, is the text', () => {
    expectDivided('-- \nSam, owner@client.example', '--\nSam, owner@client.example');
  });
});

describe('forwards', () => {
  const forwarded = [
    '---------- Forwarded message ---------',
    'From: Jane <jane@client.example>',
    'Date: Mon, 3 Mar 2025 at 09:00',
    'Subject: help',
    'To: Sam <sam@partner.example>',
    '',
    'Customer email: jane@client.example',
    'Product: CRM',
  ].join('\n');

  it('below a short note count as new', () => {
    expect(separated(`FYI\n\n${forwarded}`).text).toBe('FYI\n\n\nCustomer email: jane@client.example\nProduct: CRM');
  });

  it('below a filled-in template are history', () => {
    expectDivided(
      `Customer email: a@client.example\nProduct: Desk\n\n${forwarded}`,
      'Customer email: a@client.example\nProduct: Desk',
    );
  });

  it('as Outlook makes them, told by the subject', () => {
    const mail =
      'Please see below.\n\nFrom: Jane <jane@client.example>\nSent: Monday, 3 March 2025\nTo: Sam\nSubject: help\n\nIt fails.';
    expect(separated(mail, 'RV: help').text).toContain('It fails.');
    expectDivided(mail, 'Please see below.', 'RE: help');
  });

  it('quoted line by line', () => {
    const mail =
      'Begin forwarded message:\n\n> From: Jane <jane@client.example>\n> Subject: help\n> Date: 3 March 2025\n> To: sam@partner.example\n>\n> It fails.\n> Every day.';
    expect(separated(mail).text).toBe('It fails.\nEvery day.');
  });

  it('within forwards end somewhere', () => {
    const start = performance.now();
    separated(`${forwarded}\n`.repeat(3_000));
    expect(performance.now() - start).toBeLessThan(BOUNDED_MS);
  });
});

it('a mail that is quoted as a whole says what it quotes', () => {
  expectDivided('> ZOID: 76006415\n> Product: CRM', 'ZOID: 76006415\nProduct: CRM');
});

it('an answer of one address is kept above its history', () => {
  expectDivided(
    'owner@client.example\n\nFrom: Zoho <z@b.example>\nSent: Monday, 3 March 2025\nTo: Sam\nSubject: x\n\nOld.',
    'owner@client.example',
    'RE: x',
  );
});
