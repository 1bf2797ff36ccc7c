/** The property lists inside TNEF (MS-OXTNEF 2.1.3.4), read within bounds. */

export type Property = { readonly id: number; readonly type: number; readonly value: Buffer };

/** Properties of one list, and values of one property: real ones have under two hundred, and one. */
const MAX_PROPERTIES = 2_000;
const MAX_VALUES = 1_000;
const LONGEST_NAME = 1_000;

/** Little-endian reading that ends at the end: what lies beyond it reads as zero. */
export function createByteReader(bytes: Buffer, from = 0) {
  let at = from;
  const advance = (count: number) => {
    const start = at;
    at = Math.min(at + count, bytes.length);
    return bytes.subarray(start, at);
  };
  const number = (size: number) => {
    const slice = advance(size);
    return slice.length === size ? slice.readUIntLE(0, size) : 0;
  };
  return {
    u8: () => number(1),
    u16: () => number(2),
    u32: () => number(4),
    take: advance,
    left: () => bytes.length - at,
  };
}

const FIXED_LENGTH: Readonly<Record<number, number>> = {
  1: 0,
  2: 4,
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 8,
  10: 4,
  11: 4,
  20: 8,
  64: 8,
  72: 16,
};
const VARIABLE = new Set([0x1e, 0x1f, 0x0d, 0x102]);
const MULTIPLE = 0x1000;
const OBJECT = 0x0d;
const NAMED = 0x8000;

/** The properties of a list up to the first thing that makes no sense. */
export function readProperties(bytes: Buffer): Property[] {
  const reader = createByteReader(bytes);
  const properties: Property[] = [];
  const count = Math.min(reader.u32(), MAX_PROPERTIES);
  while (properties.length < count && reader.left() > 4) {
    const type = reader.u16();
    const id = reader.u16();
    if (id >= NAMED && !skipName(reader)) break;
    const value = readValue(reader, type);
    if (value === null) break;
    properties.push({ id, type: type & ~MULTIPLE, value });
  }
  return properties;
}

type Reader = ReturnType<typeof createByteReader>;

function skipName(reader: Reader): boolean {
  reader.take(16);
  if (reader.u32() === 0) {
    reader.u32();
    return true;
  }
  const length = reader.u32();
  if (length > LONGEST_NAME) return false;
  reader.take(padded(length));
  return true;
}

/** The first of a property's values; null for an unknown type, whose length nobody can know. */
function readValue(reader: Reader, type: number): Buffer | null {
  const base = type & ~MULTIPLE;
  const variable = VARIABLE.has(base);
  const fixed = FIXED_LENGTH[base];
  if (!variable && fixed === undefined) return null;
  const count = variable || type !== base ? reader.u32() : 1;
  if (count > MAX_VALUES) return null;
  let first = Buffer.alloc(0);
  for (let index = 0; index < count; index++) {
    const length = variable ? reader.u32() : (fixed ?? 0);
    if (length > reader.left()) return null;
    const value = reader.take(padded(length)).subarray(0, length);
    // An object begins with the id of its interface.
    if (index === 0) first = Buffer.from(base === OBJECT ? value.subarray(16) : value);
  }
  return first;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
