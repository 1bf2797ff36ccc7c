/** How a program is told of the double: by the variables of the .com portal. */
import type { DeskDouble } from './server.ts';

export function deskVariables({ url, portals: [portal], clients: [client] }: DeskDouble): Record<string, string> {
  if (!portal || !client) throw new Error('the double has no portal');
  return {
    TICKETS: 'desk:',
    DESK_COM_DATA_CENTRE: url,
    DESK_COM_ORG_ID: portal.orgId,
    DESK_COM_DEPARTMENT_ID: portal.departments[0]?.id ?? '',
    DESK_COM_CLIENT_ID: client.clientId,
    DESK_COM_CLIENT_SECRET: client.clientSecret,
    DESK_COM_REFRESH_TOKEN: client.refreshToken,
  };
}
