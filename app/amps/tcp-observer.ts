/** Sees the logon on a TCP transport: the first frame is a 4-byte big-endian length and a JSON-like header. */
import type { Observer } from "../forward/move-streams.ts";
import { headerEnd, readLogon, type LogonFacts } from "./header.ts";

/** Beyond this the first command is not a logon worth waiting for. */
const longestLogon = 16 * 1024;

/** Calls back once if the client's first command is a logon; gives up at the first anomaly, and keeps nothing. */
export function observeTcpLogon(onLogon: (facts: LogonFacts) => void): Observer {
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
      const goOn = look(chunk);
      if (!goOn) held = null;
      return goOn;
    },
    fromBackend: () => held !== null,
  };
}
