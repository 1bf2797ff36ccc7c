/** What is written to Desk, before it is sent: lengths, markup, names, fields. */
import { describe, expect, it } from 'vitest';
import { nameOf } from '../../src/adapters/desk/attachments.ts';
import { unseenValues, wrongFields } from '../../src/adapters/desk/check-fields.ts';
import { deskAddress } from '../../src/adapters/desk/contacts.ts';
import { forNewTicket, fromDesk, toDesk } from '../../src/adapters/desk/fields.ts';
import { contentOfNote, endsWithLine } from '../../src/adapters/desk/notes.ts';
import { Fields } from '../../src/adapters/desk/schemas.ts';
import { asHtml, clean, cut, oneLine } from '../../src/adapters/desk/text.ts';
import type { TicketFields } from '../../src/ports.ts';
import { CUSTOM_FIELDS } from '../support/desk/fields.ts';
import { DESK_POLICY } from '../support/desk-portal.ts';

const TAIL = '\n[cut]';

describe('text', () => {
  it('is no markup, and keeps its lines', () => {
    expect(asHtml('a <b>&\n"it\'s"', 100, TAIL)).toBe('a &lt;b&gt;&amp;<br>&quot;it&#39;s&quot;');
  });

  it('that does not fit is cut between characters, entities included, and says so', () => {
    const html = asHtml('<'.repeat(40), 50, TAIL);
    expect(html).toBe(`${'&lt;'.repeat(10)}<br>[cut]`);
    expect(asHtml('😀'.repeat(40), 50, TAIL)).toBe(`${'😀'.repeat(20)}<br>[cut]`);
    expect(asHtml('x'.repeat(50), 50, TAIL)).toBe('x'.repeat(50));
  });

  it('has no half characters and no control characters', () => {
    expect(cut('ab😀', 3)).toBe('ab');
    expect(clean('a\u0000b\r\nc\rd\te\u0007\uD800')).toBe('ab\nc\nd\te\uFFFD');
    expect(oneLine(' a\r\n b\u2028c ')).toBe('a b c');
  });
});

describe('a note', () => {
  it('ends with its marker, however long it is', () => {
    const note = contentOfNote('P-1/decision-3', 'x'.repeat(40_000));
    expect(note).toHaveLength(32_000);
    expect(note.endsWith('x\n[…]\n\n[P-1/decision-3]')).toBe(true);
    expect(contentOfNote('m', 'Why.')).toBe('Why.\n\n[m]');
  });

  it('mentions nobody, whatever a partner wrote', () => {
    expect(contentOfNote('m', 'see zsu[@user:55616589]zsu')).not.toContain('zsu[@');
  });
});

describe('names of files', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../a"b\\c\r\nd.txt', '.._a_b_c d.txt'],
    ['', 'attachment'],
    [`${'x'.repeat(300)}.xlsx`, `${'x'.repeat(95)}.xlsx`],
    ['u\u0308.txt', '\u00fc.txt'],
  ])('%j is %j', (given, name) => expect(nameOf(given)).toBe(name));
});

describe('addresses', () => {
  it.each([
    ['jane@partner.example', 'jane@partner.example'],
    ["o'neil+desk@partner.example", "o'neil+desk@partner.example"],
    ['jane@bücher.example', 'jane@xn--bcher-kva.example'],
    ['jäne@partner.example', null],
    // Desk's pattern has no top-level domain in punycode.
    ['jane@пример.испытание', null],
    ['a*@partner.example', null],
    ['a,b@partner.example', null],
    ['jane', null],
    [`${'a'.repeat(140)}@partner.example`, null],
  ])('%s is %s', (given, address) => expect(deskAddress(given)).toBe(address));

  it('made up to be slow are not', () => {
    const started = performance.now();
    expect(deskAddress(`a@${'a-_'.repeat(48)}`)).toBeNull();
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('fields', () => {
  const fields: TicketFields = {
    superadminEmail: 'admin@customer.example',
    priorityCustomer: true,
    severity: 'S2',
    service: 'Zoho Mail',
    serviceOrganisationId: null,
  };
  const policy = { ...DESK_POLICY, severities: { S1: 'Critical', S2: 'Major', S3: 'Minor' } };

  it('come back as they went', () => {
    expect(fromDesk(toDesk(fields, policy), policy)).toEqual(fields);
    const empty = {
      superadminEmail: null,
      priorityCustomer: false,
      severity: null,
      service: null,
      serviceOrganisationId: null,
    };
    expect(fromDesk(toDesk(empty, policy), policy)).toEqual(empty);
    expect(fromDesk({}, policy)).toEqual(empty);
  });

  it('are strings; null empties one, and is left out of a new ticket', () => {
    expect(toDesk({ priorityCustomer: false, severity: 'S2', service: null }, policy)).toEqual({
      cf_priority_customer_large_user_account: 'false',
      cf_severity: 'Major',
      cf_service_name: null,
    });
    expect(Object.keys(forNewTicket(fields, 'key-1', policy))).not.toContain('cf_service_organisation_id');
    expect(forNewTicket(fields, 'key-1', policy)).toMatchObject({
      cf_source_message_key: 'key-1',
      cf_severity: 'Major',
    });
  });

  it('are cut to what Desk takes; a value of nobody reads as none', () => {
    expect(toDesk({ service: 'x'.repeat(300) }, policy).cf_service_name).toHaveLength(255);
    expect(fromDesk({ cf_severity: 'Whatever', cf_service_name: '' }, policy)).toMatchObject({
      severity: null,
      service: null,
    });
  });
});

describe('the last line of a note', () => {
  it.each([
    ['text\n\n[m]', true],
    ['text<br><br>[m]', true],
    ['<div>text<br>[m]<br></div>\n <p> </p> ', true],
    ['[m]', true],
    ['[m] text', false],
    ['[m]<br>text</div>', false],
    ['[m]<div>text>', false],
    ['[m]>', false],
    ['[m]<', false],
    ['<br>', false],
    ['', false],
  ])('of %j', (content, is) => {
    expect(endsWithLine(content, '[m]')).toBe(is);
  });

  it.each([
    [`${' '.repeat(60_000)}x`],
    [`${'<b>'.repeat(60_000)}x`],
    [`x${'<'.repeat(60_000)}>`],
    [`x${'>'.repeat(60_000)}`],
    [`x${'<b> '.repeat(60_000)}`],
  ])('is found in no time at all (%.9s)', (content) => {
    const begun = performance.now();
    expect(endsWithLine(content, '[m]')).toBe(false);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});

describe('the fields of a portal', () => {
  const change = (name: string, change: object | null) =>
    Fields.parse({
      data: CUSTOM_FIELDS.flatMap((field) =>
        field.apiName === name ? (change ? [{ ...field, ...change }] : []) : [field],
      ),
    }).data;

  it.each([
    ['cf_none', {}, []],
    ['cf_severity', null, [/^field cf_severity is missing: make it \(Setup > .*: a pick list\)/]],
    ['cf_source_message_key', { maxLength: 30 }, [/^field cf_source_message_key holds 30 characters, it needs 64/]],
    ['cf_priority_customer_large_user_account', { type: 'Text' }, [/is of type Text, it has to be a checkbox/]],
    ['cf_severity', { allowedValues: ['S1', 'High'] }, [/^field cf_severity has no value S2, S3: add it/]],
    ['cf_severity', { type: 'Number' }, [/is of type Number, it has to be a pick list/]],
  ])('%s changed to %j', (name, changed, lines) => {
    const wrong = wrongFields(change(name, changed), DESK_POLICY);
    expect(wrong).toEqual(lines.map((line) => expect.stringMatching(line)));
  });

  it.each([
    [{ allowedValues: ['S1', 'S3'] }],
    [{ allowedValues: [{ value: 'S1' }, { value: 'S3' }] }],
    [{ pickListValues: ['S1', 'S3'] }],
    [
      {
        pickListValues: [
          { displayValue: 'One', value: 'S1', id: 7 },
          { displayValue: 'S3', colour: null },
        ],
      },
    ],
    [{ allowedValues: null, pickListValues: [{ value: 'S1' }, { value: 'S3' }] }],
    [{ allowedValues: [], pickListValues: ['S1', 'S3'] }],
  ])('show the values of a pick list as %j', (shown) => {
    const fields = change('cf_severity', { allowedValues: undefined, ...shown });
    expect(wrongFields(fields, DESK_POLICY)).toEqual([
      expect.stringMatching(/^field cf_severity has no value S2: add it/),
    ]);
    expect(unseenValues(fields, DESK_POLICY)).toBeNull();
  });

  it.each([[undefined], [null], [[]], [[{ label: 'S1' }]], ['S1']])(
    'that show them in no known way (%j) are looked at by a person',
    (allowedValues) => {
      const fields = change('cf_severity', { allowedValues });
      expect(wrongFields(fields, DESK_POLICY)).toEqual([]);
      expect(unseenValues(fields, DESK_POLICY)).toMatch(/does not show the values of cf_severity: .* S1, S2, S3$/);
    },
  );

  it('of text have no values to look at', () => {
    const fields = change('cf_severity', { type: 'Text', allowedValues: undefined });
    expect(unseenValues(fields, DESK_POLICY)).toBeNull();
  });
});
