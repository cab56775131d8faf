/** The HTTP request with which a preflight client begins (amps-facts 3); anything else in HTTP does not belong on an AMPS port. */
import type { Socket } from "node:net";
import type { Failure } from "../contract/failures.ts";
import { failure } from "../failures.ts";
import { originProblem, type ListenerNames } from "../http/origin-guard.ts";
import {
  headerValue,
  isWebSocketUpgrade,
  parseRequestHead,
  readHead,
  type HeadBytes,
} from "../http/request-head.ts";

interface Preflight extends HeadBytes {
  /** The token to be echoed. */
  readonly upgrade: string;
}

/** Reads it to its end; `first`: read already. */
export async function readPreflight(
  client: Socket,
  first: Buffer,
  names: ListenerNames,
): Promise<Preflight | Failure> {
  const read = await readHead(client, first);
  if (typeof read === "string")
    return failure("HTTP_ON_RAW_PORT", "An HTTP request arrived on an AMPS port and was not finished.");
  const head = parseRequestHead(read.bytes.toString("latin1", 0, read.end));
  const upgrade = typeof head === "string" ? undefined : headerValue(head, "upgrade");
  if (typeof head === "string" || upgrade === undefined || head.method !== "GET")
    return failure("HTTP_ON_RAW_PORT", "An HTTP request arrived on an AMPS port.");
  if (isWebSocketUpgrade(upgrade, headerValue(head, "sec-websocket-key")))
    return failure("HTTP_ON_RAW_PORT", "A WebSocket client arrived on the port for TCP clients.", {
      advice: "Give the client the address of a websocket or path route.",
    });
  return originProblem(headerValue(head, "origin"), names) ?? { ...read, upgrade };
}
