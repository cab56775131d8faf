/** The addresses of this machine's interfaces. */
import { networkInterfaces } from "node:os";

interface OwnAddress {
  readonly interface: string;
  readonly address: string;
  readonly isInternal: boolean;
}

let known: readonly OwnAddress[] = [];

/** As they are now; as they were, where the system has no descriptor left to ask with (`EMFILE`, which Node throws). */
export function ownAddresses(ask: typeof networkInterfaces = networkInterfaces): readonly OwnAddress[] {
  try {
    known = Object.entries(ask()).flatMap(([name, own]) =>
      (own ?? []).map(({ address, internal }) => ({ interface: name, address, isInternal: internal })),
    );
  } catch {
    // They have hardly changed meanwhile, and whoever asks must not end for it.
  }
  return known;
}
