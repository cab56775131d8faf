/** Whether a Galvanometer may make a request: the one rule that the forward proxy and the window's fence share. Pure. */
import type { Reply } from "../contract/commands.ts";
import type { RefusedTarget } from "../contract/galvanometer.ts";
import { formatHostPort } from "../config/address.ts";
import { accept, refuse } from "../failures.ts";
import { isReadOnly, readsOnly } from "../http/read-only.ts";
import { pathOf } from "../http/request-target.ts";
import type { AddressBook, Place } from "./address-book.ts";
import { authorityKey, isRelativeHost, parseAuthority } from "./authority.ts";

export interface Asked {
  /** `connect` is a tunnel whose content nobody here sees. */
  readonly scheme: "http" | "https" | "ws" | "wss" | "connect";
  readonly method: string;
  /** As the request names it. */
  readonly authority: string;
  /** Path and query; `/` for a tunnel. */
  readonly target: string;
}

interface Rights {
  /** The operator has unlocked administrative actions for a while. */
  readonly unlocked: boolean;
  /** Requests are judged by URL before they are sent, so a tunnel to an HTTPS admin endpoint may be opened. */
  readonly fenced: boolean;
}

const defaultPorts: Readonly<Record<Asked["scheme"], number | null>> = {
  http: 80,
  ws: 80,
  https: 443,
  wss: 443,
  connect: null,
};

export function judgeRequest(book: AddressBook, asked: Asked, rights: Rights): Reply<Place> {
  const address = parseAuthority(asked.authority, defaultPorts[asked.scheme]);
  if (!address)
    return refuse(
      "UNKNOWN_TARGET",
      `${JSON.stringify(asked.authority.slice(0, 120))} is not a plain host:port.`,
      { advice: "Addresses are taken in one spelling only: the one in AMPS's own configuration." },
    );
  const place = book.places.get(authorityKey(address));
  if (!place) {
    const { message, advice } = book.explain(address);
    return refuse("UNKNOWN_TARGET", message, { advice });
  }
  const misuse = misuseOf(place, asked.scheme, rights);
  if (misuse !== null)
    return refuse("UNKNOWN_TARGET", `${formatHostPort(address)} ${misuse}.`, {
      advice: "Check the endpoints of the backend: which port is its admin, which its websocket.",
    });
  if (place.use === "admin" && asked.scheme !== "connect") return judgeAdmin(place, asked, rights);
  return accept(place);
}

/** What speaks against this kind of request to this place, or null. One AMPS port serves one protocol (amps-facts 1.1). */
function misuseOf(place: Place, scheme: Asked["scheme"], rights: Rights): string | null {
  if (place.use === "websocket")
    return scheme === "http" || scheme === "https" ? "is a websocket transport, not a web page" : null;
  if (scheme === "ws" || scheme === "wss") return "is an admin endpoint and takes no websockets";
  if (scheme !== "connect") return null;
  // Inside a tunnel an administrative action would pass unseen.
  if (!place.tls) return "is a plain admin endpoint and is not reached by CONNECT";
  return rights.fenced ? null : "is an admin endpoint, whose requests Shunt must see: use http:// for it";
}

function judgeAdmin(place: Place, { method, target }: Asked, { unlocked }: Rights): Reply<Place> {
  const path = pathOf(target);
  if (readsOnly(method, path)) return accept(place);
  const what = `${method} ${path.slice(0, 200)}`;
  if (!place.isOpened)
    return refuse("READ_ONLY", `${what} could change ${place.authority}, which this window only reads.`, {
      advice: "Open that instance's own Galvanometer to act on it.",
    });
  const { dial } = place;
  if (dial.by !== "endpoint" || !isReadOnly(dial.backend) || unlocked) return accept(place);
  return refuse("READ_ONLY", `${what} could change ${dial.backend.id}, which is read-only through Shunt.`, {
    advice: "Unlock administrative actions for a while from the window's menu, or set adminAccess to full.",
  });
}

/** What a refused request asked for, where that is an address that the operator may allow; else null. */
export function refusedTarget(
  book: AddressBook,
  { authority, scheme }: Pick<Asked, "authority" | "scheme">,
): RefusedTarget | null {
  const address = parseAuthority(authority, defaultPorts[scheme]);
  if (!address || isRelativeHost(address.host) || book.places.has(authorityKey(address))) return null;
  return {
    address: authorityKey(address),
    use: scheme === "http" || scheme === "https" ? "admin" : "websocket",
  };
}
