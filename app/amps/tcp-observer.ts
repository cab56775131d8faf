/** Sees the logon on a TCP transport: the first frame is a 4-byte big-endian length and a JSON-like header. */
import type { Observer, Sight } from "../forward/move-streams.ts";
import { headerEnd, readLogon, type LogonFacts } from "./header.ts";
import type { RoleWatch } from "./role-watch.ts";
import { readFrameHeaders } from "./tcp-frames.ts";

/** Beyond this the first command is not a logon worth waiting for. */
const longestLogon = 16 * 1024;

/** Calls back once if the client's first command is a logon; gives up at the first anomaly, and keeps nothing. */
export function observeTcpLogon(onLogon: (facts: LogonFacts) => void, role?: RoleWatch | null): Observer {
  const logon = observeLogonAlone(onLogon);
  return role ? together(logon, observeTcpRole(role)) : logon;
}

/** Sees what the client does; each direction until it can tell nothing further. */
function observeTcpRole(role: RoleWatch): Observer {
  const client = untilEnough(readFrameHeaders((header) => role.command(header)));
  const backend = untilEnough(readFrameHeaders((header) => role.delivery(header)));
  return {
    fromClient: (chunk) => (client(chunk) === false ? role.lost() : role.sight),
    fromBackend: (chunk) => (backend(chunk), role.sight),
  };
}

function untilEnough(look: (chunk: Buffer) => Sight): (chunk: Buffer) => Sight {
  let sight: Sight = true;
  return (chunk) => (sight === true ? (sight = look(chunk)) : sight);
}

/** Two that look at the same bytes; each is let go of when it has seen enough. */
function together(one: Observer, other: Observer): Observer {
  let left = [one, other];
  const look = (see: (observer: Observer) => Sight): Sight => {
    const sights = left.map(see);
    if (sights.includes("refuse")) return "refuse";
    left = left.filter((_observer, at) => sights[at] === true);
    return left.length > 0;
  };
  return {
    fromClient: (chunk) => look((observer) => observer.fromClient(chunk)),
    fromBackend: (chunk) => look((observer) => observer.fromBackend(chunk)),
  };
}

function observeLogonAlone(onLogon: (facts: LogonFacts) => void): Observer {
  let held: Buffer | null = Buffer.alloc(0);
  const look = (chunk: Buffer): boolean => {
    if (!held) return false;
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (held.length < 5) return true;
    const frameEnd = 4 + held.readUInt32BE(0);
    if (held[4] !== 0x7b || frameEnd > longestLogon) return false;
    // Only the first frame is looked at: much may follow it in the same chunk.
    const end = headerEnd(held.subarray(0, frameEnd), 4);
    if (end < 0) return held.length < frameEnd;
    const facts = readLogon(held.toString("utf8", 4, end));
    if (facts) onLogon(facts);
    return false;
  };
  return {
    fromClient(chunk) {
      if (!look(chunk)) held = null;
      return held !== null;
    },
    fromBackend: () => held !== null,
  };
}
