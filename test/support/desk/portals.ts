/** Organisations of the double, as a test wants them. */
import { CUSTOM_FIELDS } from './fields.ts';
import { limitsOf } from './limits.ts';
import type { Department, Edition, Field, Limits, Portal, World } from './types.ts';

export type PortalOptions = {
  readonly orgId?: string;
  readonly companyName?: string;
  readonly edition?: Edition;
  readonly users?: number;
  readonly departments?: readonly Department[];
  /** Custom fields: the six of partner-intake unless told. */
  readonly fields?: readonly Field[];
  /** Instead of the edition's. */
  readonly limits?: Partial<Limits>;
  /** Whether a second contact with the same address is refused as a duplicate: a setting of the portal. */
  readonly uniqueContactEmails?: boolean;
};

/** Of the first portal unless told. */
const DEFAULT_ORG_ID = '602389290';
export const DEFAULT_DEPARTMENT_ID = '189200000000006907';

function openPortal(options: PortalOptions, now: number): Portal {
  const { edition = 'ENTERPRISE', users = 0, limits, uniqueContactEmails = false } = options;
  return {
    orgId: options.orgId ?? DEFAULT_ORG_ID,
    companyName: options.companyName ?? 'Zylker Partner Support',
    edition,
    departments: options.departments ?? [{ id: DEFAULT_DEPARTMENT_ID, name: 'Partner Support' }],
    fields: options.fields ?? CUSTOM_FIELDS,
    limits: { ...limitsOf(edition, users), ...limits },
    uniqueContactEmails,
    tickets: new Map(),
    contacts: new Map(),
    uploads: new Map(),
    busy: 0,
    credits: { used: 0, since: now },
  };
}

const FIRST_ID = 189200000000100000n;

export type WorldOptions = Pick<World, 'indexLagMs' | 'listSortsByModifiedTime' | 'tell'> & {
  readonly portals: readonly PortalOptions[];
  readonly clock: () => Date;
};

export function openWorld({ portals, clock, ...rest }: WorldOptions): World {
  let ids = FIRST_ID;
  const now = () => clock().getTime();
  const opened = portals.map((options) => openPortal(options, now()));
  return {
    ...rest,
    portals: new Map(opened.map((portal) => [portal.orgId, portal])),
    now,
    stamp: () => `${clock().toISOString().slice(0, 19)}.000Z`,
    nextId() {
      ids += 1n;
      return String(ids);
    },
  };
}

/** Forgets what was brought to the portals; calls in flight stay counted. */
export function emptyPortals(world: World): void {
  for (const portal of world.portals.values()) {
    for (const kept of [portal.tickets, portal.contacts, portal.uploads]) kept.clear();
    portal.credits = { used: 0, since: world.now() };
  }
}
