/** The buffer that one side of a connection is read into: it grows while reads fill it and shrinks while they are small. */

const smallestBytes = 8 * 1024;
const largestBytes = 256 * 1024;
const step = 4;
/** Small reads in a row after which a large buffer is given back. */
const patience = 32;

interface ReadBuffer {
  /** The buffer for the next read. */
  readonly next: () => Buffer;
  noteRead(length: number): void;
}

export function createReadBuffer(): ReadBuffer {
  let buffer = Buffer.allocUnsafeSlow(smallestBytes);
  let small = 0;
  return {
    next: () => buffer,
    noteRead(length) {
      const size = buffer.length;
      if (length === size) {
        small = 0;
        if (size < largestBytes) buffer = Buffer.allocUnsafeSlow(Math.min(size * step, largestBytes));
      } else if (size > smallestBytes && length <= smallestBytes) {
        if (++small >= patience) {
          small = 0;
          buffer = Buffer.allocUnsafeSlow(smallestBytes);
        }
      } else small = 0;
    },
  };
}
