import { stripControls } from '../words/fold.ts';

const MAX_FILENAME = 255;

/** An attachment's name without a path or anything a file system or a terminal would act on: first normalised, then cleaned. */
export function cleanFileName(name: string): string {
  const last = stripControls(name.normalize('NFC')).split(/[\\/]/).pop() ?? '';
  return last
    .replace(/[\t\n]/g, ' ')
    .trim()
    .slice(0, MAX_FILENAME);
}
