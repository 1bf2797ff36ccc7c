/** Several licence directories as one: they are asked in order, and the first that knows answers. */
import { messageOf, UserError } from '../../errors.ts';
import type { LicenceDirectory } from '../../ports.ts';

/** One that stays down is told of so often. */
const TELL_EVERY_MS = 60_000;

type Failed = { readonly directory: LicenceDirectory; readonly error: unknown };

/**
 * One that cannot be asked is passed over when a later one knows; else its error is thrown: nobody is "unknown" because it was down.
 * @param directories at least one.
 * @param onPassedOver told why, once for each of them and minute: what answers instead may be years old.
 * @param now milliseconds, from whenever.
 */
export function inOrder(
  directories: readonly LicenceDirectory[],
  onPassedOver: (cause: string) => void = () => undefined,
  now: () => number = () => performance.now(),
): LicenceDirectory {
  const [only] = directories;
  if (only && directories.length === 1) return only;
  const toldAt = new Map<LicenceDirectory, number>();
  const tell = ({ directory, error }: Failed): void => {
    if (now() - (toldAt.get(directory) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
    toldAt.set(directory, now());
    onPassedOver(messageOf(error));
  };
  return {
    async find(key, value) {
      const failed: Failed[] = [];
      let oldest: Date | null = null;
      for (const directory of directories) {
        try {
          const answer = await directory.find(key, value);
          if (answer.rows.length > 0) {
            failed.forEach(tell);
            return answer;
          }
          if (answer.asOf && (!oldest || answer.asOf < oldest)) oldest = answer.asOf;
        } catch (error) {
          failed.push({ directory, error });
        }
      }
      const [first] = failed;
      if (first) throw first.error;
      // That nobody knows is as old as the oldest of their data.
      return { rows: [], asOf: oldest };
    },
    async check() {
      const checked = await Promise.allSettled(directories.map((directory) => directory.check()));
      const words = checked.map((one) => (one.status === 'fulfilled' ? one.value : messageOf(one.reason)));
      const wrong = checked.flatMap((one, index) => (one.status === 'rejected' ? (words[index] ?? []) : []));
      if (wrong.length === 0) return words.join('; then ');
      const fine = words.filter((one) => !wrong.includes(one));
      throw new UserError(`${wrong.join('; ')}${fine.length > 0 ? ` (fine: ${fine.join('; ')})` : ''}`);
    },
  };
}
