/** The Desk double that other suites rely on: it refuses, lags and limits as its page says. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { askForToken, CONTACT, idOf, keyedTicket, openDesk, ticketBody, tokenOf } from '../support/desk/client.ts';
import { weightOf } from '../support/desk/limits.ts';
import { DEFAULT_SCOPES } from '../support/desk/oauth.ts';
import { DEFAULT_DEPARTMENT_ID } from '../support/desk/portals.ts';

const invalid = (fieldName: string, errorType = 'invalid') => ({
  errorCode: 'INVALID_DATA',
  message: 'The data does not comply to the validation restrictions defined.',
  errors: [{ fieldName, errorType }],
});
const search = (key: string) => ['GET', `/tickets/search?customField1=cf_source_message_key:${key}`] as const;

describe('tokens', () => {
  it('come for the right client only, ten in ten minutes, and say no with 200', async () => {
    let now = Date.now();
    const { double } = await openDesk({ clock: () => new Date(now) });
    const good = (await askForToken(double)).body;
    expect(good).toMatchObject({ expires_in: 3600, scope: DEFAULT_SCOPES.join(' '), api_domain: expect.any(String) });
    expect(good).not.toHaveProperty('refresh_token');
    const refused = [{ client_id: 'x' }, { client_secret: 'x' }, { refresh_token: 'x' }];
    for (const [at, error] of ['invalid_client', 'invalid_client_secret', 'invalid_code'].entries()) {
      expect(await askForToken(double, refused[at])).toMatchObject({ status: 200, body: { error } });
    }
    for (let given = double.tokensGiven(); given < 10; given += 1) expect(await tokenOf(double)).toBeTruthy();
    expect(await askForToken(double)).toMatchObject({ status: 400, body: { error: 'Access Denied' } });
    now += 600_000;
    expect(await askForToken(double)).toMatchObject({ status: 200, body: { access_token: expect.any(String) } });
  });

  it('expire, belong to organisations and have scopes', async () => {
    let now = Date.now();
    const portals = [{}, { orgId: '700000001' }];
    const clients = [
      { clientId: 'a', clientSecret: 'b', refreshToken: 'c', orgIds: ['602389290'], scopes: ['Desk.tickets.READ'] },
    ];
    const { call } = await openDesk({ portals, clients, clock: () => new Date(now) });
    const list = (headers: Record<string, string>) => call('GET', '/tickets', undefined, headers);
    const codeOf = async (headers: Record<string, string>) => {
      const { status, body } = await list(headers);
      return [status, (body as { errorCode?: string } | null)?.errorCode];
    };
    expect(await codeOf({})).toEqual([204, undefined]);
    expect(await codeOf({ orgId: 'zylker' })).toEqual([500, 'INTERNAL_SERVER_ERROR']);
    expect(await codeOf({ orgId: '700000001' })).toEqual([403, 'OAUTH_ORG_MISMATCH']);
    expect(await codeOf({ authorization: 'Zoho-oauthtoken 1000.of.elsewhere' })).toEqual([401, 'INVALID_OAUTH']);
    expect((await call('POST', '/tickets', ticketBody())).body).toMatchObject({ errorCode: 'SCOPE_MISMATCH' });
    now += 3_600_000;
    expect(await codeOf({})).toEqual([401, 'INVALID_OAUTH']);
  });
});

describe('validation', () => {
  it('refuses what the schema does not know, in the words of the API', async () => {
    const { double, call } = await openDesk();
    const cases: [Record<string, unknown>, ReturnType<typeof invalid>][] = [
      [{ tags: ['x'] }, invalid('/tags')],
      [{ subject: 'x'.repeat(1001) }, invalid('/subject')],
      [{ subject: undefined }, invalid('/subject', 'missing')],
      [{ departmentId: undefined }, invalid('/departmentId', 'missing')],
      [{ departmentId: '189200000000006900' }, invalid('/departmentId')],
      [{ departmentId: 189200000000006900 }, invalid('/departmentId')],
      [{ contact: undefined }, invalid('/contactId', 'missing')],
      [{ contactId: '189200000000006900' }, invalid('/contactId')],
      [{ contact: { ...CONTACT, email: 'jörg@partner.example' } }, invalid('/contact/email')],
      [{ contact: { ...CONTACT, email: 'jane@xn--mnchen-3ya.xn--p1ai' } }, invalid('/contact/email')],
      [{ contact: { ...CONTACT, nickname: 'J' } }, invalid('/contact/nickname')],
      [{ description: 'x'.repeat(65_536) }, invalid('/description')],
      [{ dueDate: '2030-01-02T03:04:05Z' }, invalid('/dueDate')],
      [{ priority: 'Blazing' }, invalid('/priority')],
      [{ cf: { cf_unheard_of: 'x' } }, invalid('/cf/cf_unheard_of')],
      [{ cf: { cf_severity: 'S4' } }, invalid('/cf/cf_severity')],
      [
        { cf: { cf_priority_customer_large_user_account: true } },
        invalid('/cf/cf_priority_customer_large_user_account'),
      ],
      [{ cf: { cf_service_name: 'x'.repeat(256) } }, invalid('/cf/cf_service_name')],
      [{ uploads: ['189200000000006900'] }, invalid('/uploads')],
    ];
    for (const [more, expected] of cases) {
      expect(await call('POST', '/tickets', ticketBody(more))).toMatchObject({ status: 422, body: expected });
    }
    expect(double.tickets()).toEqual([]);
    expect(double.contacts()).toEqual([]);
    const good = ticketBody({
      dueDate: '2030-01-02T03:04:05.000Z',
      cf: { cf_priority_customer_large_user_account: 'true' },
    });
    const made = await call('POST', '/tickets', good);
    expect(made.status).toBe(200);
    expect(idOf(made)).toMatch(/^\d{18}$/);
    expect(Number.isSafeInteger(Number(idOf(made)))).toBe(false);
    expect(await call('POST', '/tickets', ticketBody())).toMatchObject({ status: 200 });
    expect(double.contacts()).toHaveLength(1);
  });

  it('keeps comments, files, uploads and answers, and refuses what is too large', async () => {
    const { double, call } = await openDesk();
    const file = (bytes: string | Uint8Array<ArrayBuffer>, name: string) => {
      const form = new FormData();
      form.set('file', new File([bytes], name));
      return form;
    };
    const upload = idOf(await call('POST', '/uploads', file('one', 'one.txt')));
    const id = idOf(await call('POST', '/tickets', ticketBody({ uploads: [upload] })));
    await call('POST', `/tickets/${id}/attachments`, file('two', 'two.txt'));
    const big = file(new Uint8Array(40 * 1024 * 1024 + 1), 'big.bin');
    expect(await call('POST', `/tickets/${id}/attachments`, big)).toMatchObject({
      status: 413,
      body: { errorCode: 'RESOURCE_SIZE_EXCEEDED' },
    });
    const content = 'Because of the words.';
    await call('POST', `/tickets/${id}/comments`, { content, isPublic: false, contentType: 'plainText' });
    const mail = { channel: 'EMAIL', content: 'x', fromEmailAddress: 'support@desk.example', to: CONTACT.email };
    expect(await call('POST', `/tickets/${id}/sendReply`, mail)).toMatchObject({ status: 200 });
    expect((await call('GET', `/tickets/${id}/comments`)).body).toMatchObject({ data: [{ content, isPublic: false }] });
    double.byHand.reply(id, 'It still does not.', { direction: 'in' });
    const threads = { data: [{ direction: 'in', summary: 'It still does not.' }, { direction: 'out' }] };
    expect((await call('GET', `/tickets/${id}/threads?limit=50`)).body).toMatchObject(threads);
    const [kept] = double.tickets();
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(kept?.attachments).toMatchObject([
      { name: 'one.txt', size: 3, sha256: sha256('one') },
      { name: 'two.txt', size: 3, sha256: sha256('two') },
    ]);
    expect(kept?.threads).toMatchObject([{ direction: 'out', to: CONTACT.email }, { direction: 'in' }]);
  });

  it('shows fields, departments, organisations and contacts', async () => {
    const { double, call } = await openDesk();
    const values = [{ value: 'S1' }, { value: 'S2' }, { value: 'S3' }];
    const fields = (await call('GET', '/fields?module=tickets')).body as { data: unknown[] };
    expect(fields.data).toContainEqual(expect.objectContaining({ apiName: 'cf_severity', allowedValues: values }));
    const department = { id: DEFAULT_DEPARTMENT_ID, name: 'Partner Support' };
    expect((await call('GET', `/departments/${DEFAULT_DEPARTMENT_ID}`)).body).toMatchObject(department);
    expect((await call('GET', '/departments?limit=100')).body).toMatchObject({ data: [department] });
    expect((await call('GET', '/organizations')).body).toMatchObject({
      data: [{ id: Number(double.portals[0]?.orgId), edition: 'ENTERPRISE' }],
    });
    expect(await call('GET', `/contacts/search?email=${CONTACT.email}`)).toMatchObject({ status: 204, body: null });
    const contactId = idOf(await call('POST', '/contacts', CONTACT));
    expect((await call('GET', `/contacts/search?email=${CONTACT.email}`)).body).toMatchObject({
      data: [{ id: contactId }],
    });
    const id = idOf(await call('POST', '/tickets', ticketBody({ contact: undefined, contactId })));
    expect((await call('GET', `/tickets/${id}?include=contacts`)).body).toMatchObject({ contact: { id: contactId } });
    expect(await call('GET', '/tickets/search?nonsense=1')).toMatchObject({
      status: 422,
      body: { message: "Extra query parameter 'nonsense' is present in the input." },
    });
    expect(await call('POST', '/tickets/moveToTrash', { ticketIds: [id] })).toMatchObject({ status: 403 });
    double.byHand.trash(id);
    expect(await call('GET', `/tickets/${id}`)).toMatchObject({ status: 404, body: { errorCode: 'URL_NOT_FOUND' } });
  });
});

describe('search', () => {
  it('is behind by the lag while GET is not, for what is new and what changed', async () => {
    let now = Date.parse('2030-01-01T10:00:00.400Z');
    const { call } = await openDesk({ indexLagMs: 5_000, clock: () => new Date(now) });
    const id = idOf(await call('POST', '/tickets', keyedTicket('k-1')));
    expect(await call('GET', `/tickets/${id}`)).toMatchObject({ status: 200 });
    expect(await call(...search('k-1'))).toMatchObject({ status: 204, body: null });
    now += 5_000;
    expect((await call(...search('k-1'))).body).toMatchObject({ data: [{ id }], count: 1 });
    expect(await call(...search('k-'))).toMatchObject({ status: 204 });
    expect((await call(...search('K-*'))).body).toMatchObject({ data: [{ id }] });

    await call('PATCH', `/tickets/${id}`, { cf: { cf_severity: 'S1' } });
    const from = '2030-01-01T10:00:05.000Z,2030-01-01T11:00:00.000Z';
    const changes = `/tickets/search?modifiedTimeRange=${from}&sortBy=modifiedTime`;
    expect(await call('GET', changes)).toMatchObject({ status: 204 });
    expect((await call(...search('k-1'))).body).toMatchObject({ data: [{ cf: { cf_severity: null } }] });
    now += 5_000;
    expect((await call('GET', changes)).body).toMatchObject({
      data: [
        {
          cf: { cf_severity: 'S1' },
          createdTime: '2030-01-01T10:00:00.000Z',
          modifiedTime: '2030-01-01T10:00:05.000Z',
        },
      ],
    });
  });
});

describe('limits', () => {
  it('weighs calls and stops when the credits of the day are gone', async () => {
    expect([weightOf('GET', '/api/v1/tickets'), weightOf('GET', '/api/v1/tickets/12')]).toEqual([3, 1]);
    let now = Date.now();
    const portals = [{ limits: { creditsPerDay: 5 } }];
    const { double, call } = await openDesk({ portals, oauth: { lifetime: 172_800 }, clock: () => new Date(now) });
    const first = await call(...search('none'));
    expect(first.headers.get('X-Rate-Limit-Remaining-v3')).toBe('2');
    expect(first.headers.get('X-Rate-Limit-Request-Weight-v3')).toBe('3');
    now += 80_400_000;
    expect(await call('POST', '/tickets', ticketBody({ tags: [] }))).toMatchObject({ status: 422 });
    const gone = await call(...search('none'));
    expect(gone).toMatchObject({ status: 429, body: { errorCode: 'THRESHOLD_EXCEEDED' } });
    expect(gone.headers.get('Retry-After')).toBe('6000');
    expect(await call('POST', '/tickets', ticketBody())).toMatchObject({ status: 200 });
    expect(double.creditsUsed).toBe(5);
    now += 6_000_000;
    expect((await call(...search('none'))).status).toBe(204);
  });

  it('turns away calls beyond the concurrent ones, without Retry-After', async () => {
    const { double, call } = await openDesk({ portals: [{ limits: { concurrency: 2 } }], latencyMs: 100 });
    const answers = await Promise.all([1, 2, 3, 4].map(() => call('POST', '/tickets', ticketBody())));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ errorCode: 'TOO_MANY_REQUESTS' });
    expect(refused?.headers.get('Retry-After')).toBeNull();
    expect(double.tickets()).toHaveLength(2);
    expect((await call('POST', '/tickets', ticketBody())).status).toBe(200);
  });
});
