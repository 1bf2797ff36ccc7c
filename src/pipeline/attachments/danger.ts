/** Why a file of a stranger is not to be opened just so. It is kept and listed all the same. */
import { decodeText, PROGRAM_TYPE, SCRIPT_TYPE, SHORTCUT_TYPE, type Sniffed, UNKNOWN_TYPE } from './sniff.ts';

/** What runs when it is opened: "Blocked attachments in Outlook" (Microsoft) and "File types blocked in Gmail" (Google), and disk images. */
const RUNS = new Set(
  (
    'ade adp apk app appinstaller application appref-ms appx appxbundle asp aspx bas bat cab chm cmd cnt cpl com csh diagcab diagcfg ' +
    'diagpkg dll dmg exe fxp gadget grp hlp hpj hta htc img inf ins iso isp its jar jnlp js jse ksh library-ms lnk mad maf mag mam ' +
    'maq mar mas mat mau mav maw mcf mda mdb mde mdt mdw mdz msc msh msi msix msixbundle msp mst msu nsh ops osd pcd pif pkg pl plg prf prg ' +
    'printerexport ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1 pst py pyc pyo pyw pyz pyzw reg rpm scf scr sct search-ms ' +
    'settingcontent-ms sh shb shs sys terminal theme udl url vb vbe vbp vbs vbscript vhd vhdx vxd webpnp website wim ws wsb wsc wsf wsh ' +
    'xbap xll xnk deb one onepkg'
  ).split(' '),
);
const MACROS = new Set('docm dotm xlsm xltm xlam pptm potm ppam ppsm sldm'.split(' '));
const PROGRAMS = new Set([
  ...[
    PROGRAM_TYPE,
    SCRIPT_TYPE,
    SHORTCUT_TYPE,
    'application/x-executable',
    'application/x-mach-binary',
    'application/java-vm',
  ],
  ...['application/java-archive', 'application/wasm', 'application/vnd.ms-htmlhelp', 'application/x-iso9660-image'],
  ...['application/x-virtual-disk', 'application/x-ms-wim', 'application/onenote', 'application/vnd.ms-cab-compressed'],
]);
const ACTIVE = new Set(['text/html', 'image/svg+xml']);
const ACTIVE_NAMES = new Set('htm html xht xhtml shtml mht mhtml svg svgz'.split(' '));

/** What a name or a declared type promises. */
const FAMILIES: readonly [family: string, name: RegExp, type: RegExp][] = [
  ['image', /^(?:png|jpe?g|jfif|gif|webp|bmp|tiff?|heic|avif|ico)$/, /^image\/(?!svg)/],
  ['pdf', /^pdf$/, /^application\/pdf$/],
  [
    'office',
    /^(?:docx?|dotx?|xlsx?|xltx?|xlsb|pptx?|potx?|ppsx?|od[tsp]|rtf|msg|vsdx?)$/,
    /^application\/(?:msword|rtf|vnd\.(?:ms-|openxml|oasis)|x-ole)/,
  ],
  ['archive', /^(?:zip|rar|7z|gz|tgz|bz2|xz|tar)$/, /^application\/(?:zip|vnd\.rar|x-7z|gzip|x-bzip2|x-xz|x-tar)/],
  ['media', /^(?:mp4|m4v|mov|webm|avi|wav|mp3|m4a)$/, /^(?:video|audio)\//],
  ['text', /^(?:txt|csv|log|json|ics|vcf|eml|md|ya?ml)$/, /^text\/(?!html)/],
];
const familyOf = (extension: string, type: string): string | null =>
  FAMILIES.find(([, name, types]) => (extension === '' ? types.test(type) : name.test(extension)))?.[0] ?? null;
const familyOfContent = (type: string): string | null => FAMILIES.find(([, , types]) => types.test(type))?.[0] ?? null;
/** What programs write under each other's names: a table as text or as a page for Excel, an archive that is an office file. */
const ALIKE = new Set(['office text', 'text office', 'archive office', 'office archive', 'media image', 'image media']);

/** A page is looked at so far for what runs in it: base64 of an image may come first. */
const PAGE_BYTES = 4 * 1024 * 1024;
/** What is set off by something that happens, as attributes are called, also without quotes and spaces; not the words of a text that begin so. */
const HANDLER = /[\s/"']on(?!(?:line|boarding|ce|ly|to|going|site|wards?|premises?)\b)[a-z]{3,20}\s*=/i;
/** Browsers pass over tabs and ends of lines within it. */
const SCRIPT_LINK = new RegExp(
  `(?:${['java', 'vb'].map((kind) => [...kind, ...'script'].join('[\\t\\r\\n]*')).join('|')})\\s{0,5}:`,
  'i',
);
const RUNS_IN_A_PAGE =
  /<(?:script|iframe|object|embed|applet|foreignobject|form)\b|<meta[^>]{1,200}\brefresh\b|<!entity\b/i;

/** Signs that are written as their numbers or names, as far as they hide a link to a script. */
const unescaped = (text: string): string =>
  text
    .replace(/&(?:tab|newline);/gi, '')
    .replace(/&colon;/gi, ':')
    .replace(/&#(?:x0{0,9}([0-9a-f]{1,4})|0{0,9}([0-9]{1,5}))(?![0-9a-f]);?/gi, (_, hex, number) =>
      String.fromCharCode(hex ? Number.parseInt(hex, 16) : Number(number)),
    );

function runsInAPage(text: string): boolean {
  return RUNS_IN_A_PAGE.test(text) || HANDLER.test(text) || SCRIPT_LINK.test(unescaped(text));
}

export type Named = { readonly filename: string; readonly contentType: string };

/** The ending of a name in lower case; empty when it has none. */
const extensionOf = (filename: string): string => /\.([^.\s]{1,20})$/.exec(trimmed(filename))?.[1]?.toLowerCase() ?? '';

/** Windows passes over spaces and points at the end of a name. */
function trimmed(filename: string): string {
  let end = filename.length;
  while (end > 0 && /[\s.\0]/.test(filename[end - 1] ?? '')) end -= 1;
  return filename.slice(0, end);
}

/** The reason to warn, in words that follow "dangerous:"; null when there is none. Harmless only as far as anybody can tell without opening it. */
export function dangerOf({ filename, contentType }: Named, sniffed: Sniffed, bytes: Buffer): string | null {
  const extension = extensionOf(filename);
  const { type } = sniffed;
  const promised = familyOf(extension, contentType);
  const called = extension === '' ? contentType : `.${extension}`;
  if (PROGRAMS.has(type))
    return promised
      ? `a program or shortcut that is called ${called}`
      : `a program, script, shortcut or disk image (${type})`;
  if (RUNS.has(extension)) return hidden(filename) ?? `opening it runs it (.${extension})`;
  if (sniffed.macros || MACROS.has(extension)) return 'an office file with macros';
  const inside = sniffed.entries?.find(({ name }) => RUNS.has(extensionOf(name)) || MACROS.has(extensionOf(name)));
  const isArchive = type === 'application/zip' || promised !== 'office' || familyOfContent(type) !== 'office';
  if (inside && isArchive) return `an archive that holds a program: ${inside.name.slice(-100)}`;
  if (sniffed.locked) return 'a password is needed to look inside, so no scanner has';
  if (sniffed.unclear && isArchive) return 'an archive that cannot be looked into';
  const isPage = ACTIVE.has(type) || ACTIVE.has(contentType) || ACTIVE_NAMES.has(extension);
  if (isPage && runsInAPage(decodeText(bytes.subarray(0, PAGE_BYTES)))) return 'a page with a script or a form in it';
  return mismatch(promised, called, type);
}

/** "invoice.pdf.exe" */
const hidden = (filename: string): string | null => {
  const [, before, last] = /\.([a-z0-9]{2,5})\s{0,200}\.([^.\s]{1,20})$/i.exec(filename) ?? [];
  return before && last && familyOf(before.toLowerCase(), '')
    ? `opening it runs it (.${last.toLowerCase()} behind .${before})`
    : null;
};

function mismatch(promised: string | null, called: string, type: string): string | null {
  if (promised === null || type === UNKNOWN_TYPE) return null;
  const found = ACTIVE.has(type) ? 'page' : familyOfContent(type);
  if (found === null || found === promised || ALIKE.has(`${promised} ${found}`)) return null;
  // A page under the name of a table or a text is what many programs export; a text under another name is damaged, not dangerous.
  if (found === 'text' || (found === 'page' && (promised === 'office' || promised === 'text'))) return null;
  return `its name promises ${called}, it is ${type}`;
}
