/** Opens the connection to a place of the address book, through the tunnel that is its own. */
import { Socket } from "node:net";
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, BackendTls, EndpointKind } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { isLoopback, parseEndpoint, type HostPort } from "../config/address.ts";
import { refuse } from "../failures.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { OpenTcp } from "../forward/open-tcp.ts";
import { secure } from "../forward/secure.ts";
import type { Place } from "./address-book.ts";

/** A page has 32 connections to its proxy: none of them may hang on a dead peer. */
const dialTimeoutMs = 5_000;

export interface Reaching {
  readonly openTcp: OpenTcp;
  /** The backend whose Galvanometer asks: its trust is used for peers that no backend covers. */
  readonly opened: BackendConfig;
  /** The opened backend is on this machine, so its peers may be too. */
  readonly mayBeLocal: boolean;
  readonly noteDial: (backend: string, kind: EndpointKind, failure: Failure | null) => void;
  readonly signal?: AbortSignal;
}

interface Way {
  readonly address: HostPort;
  readonly via: string | undefined;
  readonly tls: BackendTls;
}

function wayTo({ dial }: Place, opened: BackendConfig): Way | null {
  if (dial.by === "address") {
    const { caFile, verify } = opened.tls ?? {};
    const tls = { ...(caFile !== undefined && { caFile }), ...(verify !== undefined && { verify }) };
    return { address: dial.address, via: dial.via, tls };
  }
  const { backend, kind } = dial;
  const address = parseEndpoint(kind, backend[kind] ?? "");
  return address && { address, via: backend.via, tls: backend.tls ?? {} };
}

/** Where a place is, seen from its own network: what its statistics call `localhost`. */
export function hostOfPlace(place: Place, opened: BackendConfig): HostPort | null {
  return wayTo(place, opened)?.address ?? null;
}

/** TCP only. Names are resolved by whatever opens the connection: by the tunnel, where there is one. Never rejects. */
export async function openPlace(place: Place, reaching: Reaching): Promise<Reply<BackendSocket>> {
  const { openTcp, opened, mayBeLocal, noteDial, signal } = reaching;
  const way = wayTo(place, opened);
  if (!way) return refuse("ENDPOINT_MISSING", `${place.authority} has no endpoint behind it any more.`);
  const reply = await openTcp(way.address, way.via, { timeoutMs: dialTimeoutMs, ...(signal && { signal }) });
  const { dial } = place;
  if (dial.by === "endpoint") {
    if (!signal?.aborted && !reply.ok) noteDial(dial.backend.id, dial.kind, reply.failure);
    return reply;
  }
  // A name that statistics gave must not lead to what listens on the operator's own machine.
  const at = reply.ok && reply.value instanceof Socket ? (reply.value.remoteAddress ?? "") : "";
  if (reply.ok && way.via === undefined && !mayBeLocal && isLoopback(at)) {
    reply.value.destroy();
    return refuse(
      "UNKNOWN_TARGET",
      `${place.authority} resolves to this machine, where ${opened.id} is not.`,
    );
  }
  return reply;
}

/** TLS over a connection to a place, verified with the authority of its backend. */
export function securePlace(
  place: Place,
  raw: BackendSocket,
  { opened, signal }: Reaching,
): Promise<Reply<BackendSocket>> {
  const way = wayTo(place, opened);
  const options = { timeoutMs: dialTimeoutMs, ...(signal && { signal }) };
  return secure(raw, way?.address ?? { host: "", port: 0 }, way?.tls ?? {}, options);
}

/** TCP, and TLS where the place speaks it. */
export async function reachPlace(place: Place, reaching: Reaching): Promise<Reply<BackendSocket>> {
  const raw = await openPlace(place, reaching);
  return raw.ok && place.tls ? securePlace(place, raw.value, reaching) : raw;
}
