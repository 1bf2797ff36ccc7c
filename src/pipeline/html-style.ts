/** As much of CSS as mail uses: declarations of an element, and rules of a style sheet by class or id. Linear, bounded. */

export type Declarations = ReadonlyMap<string, string>;

const MAX_STYLE = 4_000;
const MAX_DECLARATIONS = 100;
const MAX_SHEET = 200_000;
const MAX_RULES = 2_000;
const MAX_CLASSES = 12;

const NO_DECLARATIONS: Declarations = new Map();

/** `a: b; c: d !important` by name, in lower case. */
function parseDeclarations(style: string): Declarations {
  if (style === '') return NO_DECLARATIONS;
  const declarations = new Map<string, string>();
  for (const piece of style.slice(0, MAX_STYLE).toLowerCase().split(';', MAX_DECLARATIONS)) {
    const colon = piece.indexOf(':');
    if (colon === -1) continue;
    declarations.set(
      piece.slice(0, colon).trim(),
      piece
        .slice(colon + 1)
        .replace('!important', '')
        .trim(),
    );
  }
  return declarations;
}

export type StyleSheet = ReturnType<typeof createStyleSheet>;

/** Collects `<style>` elements. Only selectors of one class or id count, and nothing inside @media: that is for other screens. */
export function createStyleSheet() {
  const rules = new Map<string, Map<string, string>>();
  let read = 0;

  function add(selectors: string, body: string): void {
    const declarations = parseDeclarations(body);
    for (const selector of selectors.split(',', MAX_CLASSES)) {
      const name = /^[a-z0-9]{0,20}([.#][\w-]{1,100})$/i.exec(selector.trim())?.[1];
      if (!name || rules.size >= MAX_RULES) continue;
      const known = rules.get(name) ?? new Map<string, string>();
      rules.set(name, known);
      for (const [property, value] of declarations) known.set(property, value);
    }
  }

  return {
    add(source: string): void {
      const sheet = source
        .slice(0, MAX_SHEET - read)
        .replaceAll('<!--', '')
        .replaceAll('-->', '');
      read += sheet.length;
      let at = 0;
      for (let count = 0; count < MAX_RULES; count++) {
        const open = sheet.indexOf('{', at);
        if (open === -1) return;
        const selectors = sheet.slice(at, open).split('*/').pop() ?? '';
        const end = selectors.trim().startsWith('@') ? endOfBlock(sheet, open) : sheet.indexOf('}', open);
        if (end === -1) return;
        if (!selectors.trim().startsWith('@')) add(selectors, sheet.slice(open + 1, end));
        at = end + 1;
      }
    },
    /** What the sheet and the element's own attribute say of it; the attribute counts more. */
    of(attributes: Readonly<Record<string, string>>): Declarations {
      const own = parseDeclarations(attributes.style ?? '');
      if (rules.size === 0 || (!attributes.class && !attributes.id)) return own;
      const names = (attributes.class ?? '').split(/\s+/, MAX_CLASSES).map((name) => `.${name}`);
      if (attributes.id) names.push(`#${attributes.id}`);
      const found = names.flatMap((name) => rules.get(name) ?? []);
      return found.length === 0 ? own : new Map([...found.flatMap((rule) => [...rule]), ...own]);
    },
  };
}

function endOfBlock(sheet: string, open: number): number {
  let depth = 0;
  for (let index = open; index < sheet.length; index++) {
    if (sheet[index] === '{') depth++;
    else if (sheet[index] === '}' && --depth === 0) return index;
  }
  return -1;
}
