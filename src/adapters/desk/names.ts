/** How a portal's variables are called, for messages that say what to mend. */
import type { Names } from './errors.ts';

export const namesOf = ({ name, orgId }: { readonly name: string; readonly orgId: string }): Names => ({
  portal: name,
  orgId,
  variable: (variable) => `DESK_${name.toUpperCase()}_${variable}`,
});
