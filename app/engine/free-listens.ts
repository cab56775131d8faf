/** Addresses to listen on: free ones, and who has those that are not. */
import { formatHostPort, parseListen, type HostPort } from "../config/address.ts";
import type { Reply } from "../contract/commands.ts";
import { accept, refuse } from "../failures.ts";
import { describeOwner, nextFreeListen } from "../listen/bind.ts";

/** The address if it is free, else the next free one, and who has the wanted one. */
export async function suggestListen(
  listen: string,
  ownRoute: (address: HostPort) => string | null,
): Promise<Reply<{ listen: string; owner: string | null }>> {
  const address = parseListen(listen);
  if (!address)
    return refuse("BAD_ARGUMENT", `${JSON.stringify(listen.slice(0, 80))} is not an address to listen on.`);
  const free = await nextFreeListen(address);
  if (free === null) return refuse("ADDRESS_NOT_LOCAL", `No free port could be found on ${address.host}.`);
  const taken = free !== formatHostPort(address);
  return accept({ listen: free, owner: taken ? await describeOwner(address, { ownRoute }) : null });
}

/** For each address the next free one; what is no address, or has none, is left out. */
export async function freeListens(listens: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const free = new Map<string, string>();
  for (const listen of listens) {
    const address = parseListen(listen);
    const found = address && (await nextFreeListen(address));
    if (found) free.set(listen, found);
  }
  return free;
}
