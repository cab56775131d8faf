/** A client of a sticky route says its name before a backend is dialled: its first frame is read, and passed on as it came. */
import type { Socket } from "node:net";
import { observeTcpLogon } from "../amps/tcp-observer.ts";
import type { LogonFacts } from "../amps/header.ts";
import type { Failure } from "../contract/failures.ts";
import { failure } from "../failures.ts";
import { classifyFirstBytes } from "./first-bytes.ts";

const logonTimeoutMs = 30_000;

/** Everything read so far, and the logon in it. */
export interface Introduction {
  readonly bytes: Buffer;
  readonly logon: LogonFacts & { readonly ampsClient: string };
}

/** `http`: it begins with a preflight instead. `gone`: the client left. */
export type Introduced = Introduction | { readonly http: Buffer } | Failure | "gone";

/** `early`: read already. */
export function readIntroduction(client: Socket, early: Buffer = Buffer.alloc(0)): Promise<Introduced> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let logon: LogonFacts | null = null;
    const observer = observeTcpLogon((facts) => (logon = facts));
    let settled = false;
    const done = (result: Introduced): void => {
      settled = true;
      clearTimeout(timer);
      client.off("data", look);
      client.off("end", left);
      client.off("close", left);
      client.pause();
      resolve(result);
    };
    const look = (chunk: Buffer): void => {
      parts.push(chunk);
      if (observer.fromClient(chunk) === true) return;
      const bytes = Buffer.concat(parts);
      const ampsClient = logon?.ampsClient ?? null;
      if (logon && ampsClient !== null) done({ bytes, logon: { ...logon, ampsClient } });
      else if (classifyFirstBytes(bytes) === "http") done({ http: bytes });
      else done(nameless(bytes, logon));
    };
    const left = () => done("gone");
    const timer = setTimeout(
      () => done(failure("REQUEST_TIMEOUT", `No logon arrived within ${logonTimeoutMs / 1000} s.`)),
      logonTimeoutMs,
    );
    client.on("data", look);
    client.on("end", left);
    client.on("close", left);
    if (early.length > 0) look(early);
    if (!settled && (client.readableEnded || client.destroyed)) left();
    // What comes behind the logon belongs to the splice.
    if (!settled) client.resume();
  });
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
