/** Reads the counting words of a flood: a gap, a repeat or a swap is seen wherever it is. */
import type { Socket } from "node:net";

/** Resolves when so many bytes have come in order; rejects at the first that is not, or at an end before. */
export function readWords(socket: Socket, bytes: number): Promise<void> {
  const check = createWordCheck();
  return new Promise((resolve, reject) => {
    socket.on("data", (chunk: Buffer) => {
      if (!check.take(chunk)) reject(new Error(`not in order before byte ${check.seen()}`));
      else if (check.seen() >= bytes) resolve();
    });
    socket.once("close", () => reject(new Error(`ended after ${check.seen()} bytes`)));
  });
}

interface WordCheck {
  /** False once something was not in order. */
  take(chunk: Buffer): boolean;
  seen(): number;
}

export function createWordCheck(): WordCheck {
  let word = 0;
  let seen = 0;
  let rest: Buffer = Buffer.alloc(0);
  let inOrder = true;
  return {
    take(chunk) {
      const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = all.length - (all.length % 4);
      for (let at = 0; at < whole; at += 4) inOrder &&= all.readUInt32BE(at) === word++;
      rest = all.subarray(whole);
      seen += chunk.length;
      return inOrder;
    },
    seen: () => seen,
  };
}
