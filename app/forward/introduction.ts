/** A client of a sticky route says its name before a backend is dialled: its first frame is read, and passed on as it came. */
import type { Socket } from "node:net";
import { observeTcpLogon } from "../amps/tcp-observer.ts";
import type { LogonFacts } from "../amps/header.ts";
import type { Failure } from "../contract/failures.ts";
import { failure } from "../failures.ts";
import { classifyFirstBytes } from "./first-bytes.ts";
import { readUntil } from "./read-until.ts";

const logonTimeoutMs = 30_000;

/** Everything read so far, and the logon in it. */
interface Introduction {
  readonly bytes: Buffer;
  readonly logon: LogonFacts & { readonly ampsClient: string };
}

/** `http`: it begins with a preflight instead. `gone`: the client left. */
type Introduced = Introduction | { readonly http: Buffer } | Failure | "gone";

/** `early`: read already. */
export async function readIntroduction(client: Socket, early?: Buffer): Promise<Introduced> {
  const parts: Buffer[] = [];
  let logon: LogonFacts | null = null;
  const observer = observeTcpLogon((facts) => (logon = facts));
  const look = (chunk: Buffer): Introduced | null => {
    parts.push(chunk);
    if (observer.fromClient(chunk) === true) return null;
    const bytes = Buffer.concat(parts);
    const ampsClient = logon?.ampsClient ?? null;
    if (logon && ampsClient !== null) return { bytes, logon: { ...logon, ampsClient } };
    return classifyFirstBytes(bytes) === "http" ? { http: bytes } : nameless(bytes, logon);
  };
  // What comes behind the logon belongs to the splice.
  const said = await readUntil(client, { look, timeoutMs: logonTimeoutMs, ...(early && { first: early }) });
  if (said === "closed") return "gone";
  if (said !== "timeout") return said;
  return failure("REQUEST_TIMEOUT", `No logon arrived within ${logonTimeoutMs / 1000} s.`);
}

function nameless(bytes: Buffer, logon: LogonFacts | null): Failure {
  if (logon) return failure("NO_CLIENT_NAME", "A client logged on without a name on a sticky route.");
  return failure(
    "NO_CLIENT_NAME",
    classifyFirstBytes(bytes) === "tls"
      ? "A client speaks TLS to a sticky route that does not: its name cannot be seen before a member is chosen."
      : "What arrived on a sticky route does not begin with a logon, so that no name tells where the client belongs.",
  );
}
