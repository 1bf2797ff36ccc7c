/** Whether a portal is as it must be, for `doctor`: one line that says what to do. */
import { IntakeError, UserError } from '../../errors.ts';
import type { Policy } from '../../policy.ts';
import type { Clock, PortalMemory } from '../../ports.ts';
import type { Budget } from './budget.ts';
import { unseenValues, wrongFields } from './check-fields.ts';
import type { Client } from './client.ts';
import type { Names } from './errors.ts';
import { REFRESH_WINDOW_MS, REFRESHES_BEFORE_CHECK } from './limits.ts';
import type { Tokens } from './oauth.ts';
import { Department, Departments, Fields, Organisations } from './schemas.ts';
import { findByKey } from './search.ts';

/** Zoho's scopes that the calls of this folder need. */
const SCOPES = [
  'Desk.tickets.CREATE',
  'Desk.tickets.READ',
  'Desk.tickets.UPDATE',
  'Desk.contacts.CREATE',
  'Desk.contacts.READ',
  'Desk.search.READ',
  'Desk.basic.READ',
  'Desk.settings.READ',
] as const;

/** No ticket has this key: looking for it tries the search alone. */
const NOBODYS_KEY = 'partner-intake-doctor';

type Parts = {
  readonly departmentId: string;
  readonly names: Names;
  readonly client: Client;
  readonly tokens: Tokens;
  readonly budget: Budget;
  readonly memory: PortalMemory;
  readonly policy: Policy['desk'];
  readonly now: Clock;
};

/** @throws UserError or IntakeError, in one line that says what to mend */
export async function checkPortal(parts: Parts): Promise<string> {
  await checkToken(parts);
  const organisation = await checkOrganisation(parts);
  const department = await checkDepartment(parts);
  const unseen = await checkFields(parts);
  await findByKey(parts.client, {
    field: parts.policy.fields.key,
    key: NOBODYS_KEY,
    since: parts.now(),
    now: parts.now,
    anyway: true,
  });
  checkEdition(organisation.edition, parts.policy);
  // It works: what made it stop is mended.
  await parts.budget.resume();
  const left = parts.budget.remaining();
  return `answers as ${organisation.name}, department ${department}, fields in order${left ? `, ${left.credits} credits left` : ''}${unseen ? `; ${unseen}` : ''}`;
}

/** A token of the credentials as they are now: what is kept may be of others. Few are to be had: then the kept one has to do. */
async function checkToken({ memory, tokens, names, now }: Parts): Promise<void> {
  const { refreshedAt } = await memory.read();
  const asked = refreshedAt.filter((at) => now().getTime() - at.getTime() < REFRESH_WINDOW_MS);
  if (asked.length >= REFRESHES_BEFORE_CHECK) return;
  const { scope } = await tokens.renew();
  const missing = scope === null ? [] : missingScopes(scope);
  if (missing.length > 0)
    throw new UserError(
      `the token lacks the scope ${missing.join(', ')}: make a refresh token that has ${missing.length > 1 ? 'them' : 'it'}, and set ${names.variable('REFRESH_TOKEN')}`,
    );
}

/** ALL stands for every operation, WRITE for those that change something. */
function missingScopes(scope: string): string[] {
  const given = new Set(scope.split(/[\s,]+/));
  return SCOPES.filter((wanted) => {
    const [product, module, operation] = wanted.split('.');
    const enough = [operation, 'ALL', ...(operation === 'READ' ? [] : ['WRITE'])];
    return !enough.some((one) => given.has(`${product}.${module}.${one}`));
  });
}

async function checkOrganisation({ client, names }: Parts): Promise<{ name: string; edition: string | null }> {
  const answer = await client.call({
    method: 'GET',
    path: '/organizations',
    what: 'the list of organisations',
    scope: 'Desk.basic.READ',
    answer: Organisations,
    anyway: true,
    anyOrganisation: true,
  });
  const seen = answer?.data ?? [];
  const ours = seen.find(({ id }) => id === names.orgId);
  if (!ours)
    throw new UserError(
      `${names.variable('ORG_ID')}: ${names.orgId} is no organisation of this token; it sees ${listed(seen.map(({ id, companyName }) => ({ id, name: companyName ?? '' })))}`,
    );
  return { name: ours.companyName ?? ours.id, edition: ours.edition ?? null };
}

async function checkDepartment({ client, names, departmentId }: Parts): Promise<string> {
  const call = { method: 'GET', scope: 'Desk.basic.READ', what: 'the department', anyway: true } as const;
  try {
    const found = await client.call({ ...call, path: `/departments/${departmentId}`, answer: Department });
    if (found && found.isEnabled !== false) return found.name;
    throw new UserError(
      `${names.variable('DEPARTMENT_ID')}: department ${found?.name ?? departmentId} is switched off: switch it on, or name another one`,
    );
  } catch (error) {
    if (!(error instanceof IntakeError && error.verdict === 'permanent')) throw error;
  }
  const all = await client.call({ ...call, path: '/departments', query: { limit: '100' }, answer: Departments });
  throw new UserError(
    `${names.variable('DEPARTMENT_ID')}: ${departmentId} is no department of the portal; it has ${listed(all?.data ?? [])}`,
  );
}

const listed = (rows: readonly { readonly id: string; readonly name: string }[]): string =>
  rows.length === 0 ? 'none' : rows.map(({ id, name }) => `${id} (${name.replace(/\s+/g, ' ')})`).join(', ');

/** @returns what is left for a person to look at */
async function checkFields({ client, policy }: Parts): Promise<string | null> {
  const answer = await client.call({
    method: 'GET',
    path: '/fields',
    query: { module: 'tickets' },
    what: 'the list of fields',
    scope: 'Desk.settings.READ',
    answer: Fields,
    anyway: true,
  });
  const fields = answer?.data ?? [];
  const wrong = wrongFields(fields, policy);
  if (wrong.length > 0) throw new UserError(wrong.join('; '));
  return unseenValues(fields, policy);
}

/** Names that policy/desk.yaml does not know (a trial) say nothing. */
function checkEdition(edition: string | null, policy: Policy['desk']): void {
  const said = edition?.toLowerCase() ?? policy.edition;
  if (said === policy.edition || !Object.hasOwn(policy.editions, said)) return;
  throw new UserError(
    `the portal's edition is ${said}, policy/desk.yaml says ${policy.edition}: set edition: ${said} there, for its limits`,
  );
}
