/** Bytes that come line by line, kept as one piece: an object for each line of two bytes would take fifty times their room. */

export type Gathered = {
  /** Adds as much of the chunk as there is room for; says whether all of it was kept. */
  add(chunk: Buffer): boolean;
  /** Hands over everything that was kept, and keeps none of it. */
  take(): Buffer;
};

const NOTHING = Buffer.alloc(0);
const FIRST_ROOM = 1_024;

/** @param most bytes that are kept. */
export function gather(most: number): Gathered {
  let room = NOTHING;
  let length = 0;
  return {
    add(chunk) {
      const needed = Math.min(most, length + chunk.length);
      if (needed > room.length) {
        const larger = Buffer.allocUnsafe(Math.min(most, Math.max(FIRST_ROOM, needed, room.length * 2)));
        room.copy(larger, 0, 0, length);
        room = larger;
      }
      const kept = chunk.copy(room, length, 0, needed - length);
      length += kept;
      return kept === chunk.length;
    },
    take() {
      const all = room.subarray(0, length);
      [room, length] = [NOTHING, 0];
      return all;
    },
  };
}
