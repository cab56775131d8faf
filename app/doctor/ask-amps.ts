/** Logs on to an AMPS transport under a name that no client has, and hears what it says. */
import { randomUUID } from "node:crypto";
import { headerEnd } from "../amps/header.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import { firstAnswer, spokenBy, wrongPort } from "./first-answer.ts";
import type { Finding } from "./finding.ts";

/** A new one each time: AMPS ends an older client when one with the same name logs on. */
function logonFrame(): Buffer {
  const body = Buffer.from(
    JSON.stringify({
      c: "logon",
      cid: "0",
      client_name: `shunt-doctor-${randomUUID()}`,
      mt: "json",
      a: "processed",
      version: "5.3.0.0:shunt",
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Ends the socket. */
export async function askAmps(socket: BackendSocket, limitMs: number): Promise<Finding> {
  socket.write(logonFrame());
  const answer = await firstAnswer(socket, limitMs, (bytes) => bytes.length > 4 && headerEnd(bytes, 4) > 0);
  socket.destroy();
  if (answer.is === "silent")
    return {
      outcome: "failed",
      finding: `It took the logon and said nothing within ${limitMs / 1000} s.`,
      advice: "Check that this is an AMPS transport; look at the instance's load and log.",
    };
  if (answer.is === "closed")
    return {
      outcome: "failed",
      finding: "It closed the connection at the logon.",
      advice: "Check the port and the transport's message type (json was tried), and whether it wants TLS.",
    };
  const spoken = spokenBy(answer.bytes);
  if (spoken !== "amps")
    return {
      outcome: "failed",
      finding: wrongPort(spoken) ?? "It does not answer as AMPS does.",
      advice: "Correct the port in the backend's endpoint.",
    };
  return readAck(answer.bytes);
}

function readAck(bytes: Buffer): Finding {
  const fields = parseHeader(bytes);
  const status = fields["status"];
  const reason = typeof fields["reason"] === "string" ? fields["reason"].slice(0, 200) : "no reason given";
  if (status === "failure")
    return {
      outcome: "warning",
      finding: `AMPS answers, and did not let a client without credentials in (${reason}).`,
      advice: "Nothing to do where clients log on with their own credentials.",
    };
  const version = typeof fields["version"] === "string" ? fields["version"].slice(0, 60) : null;
  return {
    outcome: "ok",
    finding: version === null ? "AMPS let the probe in." : `AMPS ${version} let the probe in.`,
    advice: null,
  };
}

function parseHeader(bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString("utf8", 4, headerEnd(bytes, 4))) as Record<string, unknown>;
  } catch {
    return {};
  }
}
