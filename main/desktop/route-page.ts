/** Where a route can be looked at with a browser: its own address, made here from what the service says of it. */
import type { ClientAddress, Reply } from "../../app/contract/commands.ts";
import { isLoopback } from "../../app/config/address.ts";
import { accept, errorText, refuse } from "../../app/failures.ts";

/** Only what is spoken on this machine itself: a browser's own log-ins are none of a foreign address's business. */
export function isOwnPage(value: string): boolean {
  if (!/^https?:\/\//.test(value)) return false;
  try {
    const { hostname, username, password } = new URL(value);
    const host = hostname.replace(/^\[|\]$/g, "");
    return username + password === "" && (isLoopback(host) || host.endsWith(".localhost"));
  } catch {
    return false;
  }
}

export interface PageOpening {
  readonly addresses: (id: string) => Promise<Reply<readonly ClientAddress[]>>;
  /** The system's browser. */
  readonly open: (url: string) => Promise<void>;
}

/** NOT_FOUND; NOT_POSSIBLE_HERE where the route has no page on this machine, or the system no browser. */
export async function openRoutePage(id: string, { addresses, open }: PageOpening): Promise<Reply<null>> {
  const found = await addresses(id);
  if (!found.ok) return found;
  const page = found.value.find(({ value }) => isOwnPage(value));
  if (!page)
    return refuse("NOT_POSSIBLE_HERE", `Route ${id} has no page that a browser on this machine could open.`);
  try {
    await open(page.value);
    return accept(null);
  } catch (error) {
    return refuse("NOT_POSSIBLE_HERE", `The system opened no browser: ${errorText(error)}.`);
  }
}
