/** Cross-checks of services.yaml: a name or spelling leads to one service, in one list. */
import { foldCompact } from '../pipeline/words/fold.ts';
import type { Problem } from './problems.ts';
import type { Files } from './schemas.ts';

/** No service in two lists, no spelling of two services. A service's own spellings may repeat each other. */
export function doubleServices(services: Files['services']): Problem[] {
  const lists = new Map<string, string>();
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const kind of ['excluded', 'eligible', 'suites'] as const) {
    for (const [index, { name, aliases, fieldOnly }] of services[kind].entries()) {
      const file = 'services';
      const path = [kind, index];
      const other = lists.get(name);
      if (other !== undefined) {
        const where = other === kind ? `twice in ${kind}` : `both ${other} and ${kind}`;
        problems.push({ file, path: [...path, 'name'], message: `${name} is ${where}` });
        continue;
      }
      lists.set(name, kind);
      for (const spelling of [name, ...aliases, ...fieldOnly]) {
        const key = spellingKey(spelling);
        const owner = owners.get(key) ?? name;
        owners.set(key, owner);
        if (owner !== name) problems.push({ file, path, message: `'${spelling}' means both ${owner} and ${name}` });
      }
    }
  }
  return problems;
}

/** As a mail's words are compared: "Zoho CRM", "zohocrm" and "C R M" are one spelling. */
const spellingKey = (spelling: string): string => foldCompact(spelling).replace(/^zoho(?=.)/, '');
