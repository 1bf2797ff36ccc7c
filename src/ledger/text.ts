/** Text as PostgreSQL takes it. What a mail says of itself can hold anything; the original keeps it as it came. */

/** Without NUL, which no text column takes, and without lone surrogates. */
export const plainText = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** The same for every string in a JSON value. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? plainText(inner) : inner));
