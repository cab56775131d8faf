/** Answers CONNECT: a tunnel to a websocket transport, or to an HTTPS admin endpoint of a fenced window. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { failure } from "../failures.ts";
import type { Failure } from "../contract/failures.ts";
import { classifyFirstBytes } from "../forward/first-bytes.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import { ByteCounter } from "../forward/byte-counter.ts";
import { addressOf } from "../forward/forwarding.ts";
import { resetSocket } from "../forward/reset.ts";
import { splice } from "../forward/splice.ts";
import type { Place } from "./address-book.ts";
import { rawProxyFailure, rawTunnel } from "./proxy-answers.ts";
import { openPlace, securePlace, type Reaching } from "./reach-place.ts";
import type { Scope } from "./scope.ts";

/** A tunnel that is open, and where it goes, as the place was when it was opened. */
export interface OpenTunnel {
  readonly scope: Scope;
  readonly authority: string;
  readonly place: Place;
  cut(): void;
}

interface TunnelRequest {
  readonly scope: Scope;
  readonly request: IncomingMessage;
  readonly client: Socket;
  readonly head: Buffer;
  readonly tunnels: Set<OpenTunnel>;
}

export async function openTunnel({ scope, request, client, head, tunnels }: TunnelRequest): Promise<void> {
  const authority = request.url ?? "";
  const refused = (reason: Failure): void => void client.end(rawProxyFailure(reason), () => client.destroy());
  const verdict = await scope.judge({ scheme: "connect", method: "CONNECT", authority, target: "/" });
  if (client.destroyed) return;
  if (!verdict.ok) return refused(verdict.failure);
  const place = verdict.value;
  const gone = new AbortController();
  const onClose = () => gone.abort();
  client.once("close", onClose);
  const reaching = scope.reaching(gone.signal);
  if (!reaching) return refused(failure("NOT_FOUND", `Backend ${scope.backend} is no longer configured.`));
  const raw = await openPlace(place, reaching);
  if (!raw.ok) return client.destroyed ? undefined : refused(raw.failure);
  const upstream = raw.value;
  scope.sockets.add(upstream);
  upstream.once("close", () => scope.sockets.delete(upstream));
  if (client.destroyed) return resetSocket(upstream);
  client.write(rawTunnel);
  const first = await firstBytes(client, head);
  if (client.destroyed) return resetSocket(upstream);
  const joined = await secureWherePlain(place, upstream, first, reaching);
  client.off("close", onClose);
  if (!joined || client.destroyed) return resetSocket(joined ?? client);
  const bytes = new ByteCounter();
  const cut = () => moving.cut();
  const tunnel: OpenTunnel = { scope, authority, place, cut };
  tunnels.add(tunnel);
  const ended = scope.carries({
    place,
    client: addressOf(client),
    bytes: () => ({ toBackend: bytes.toBackend, toClient: bytes.toClient }),
    cut,
  });
  const moving = splice({
    client,
    backend: joined,
    bytes,
    early: first,
    // The scope holds on to its sockets, and hears when they close.
    takeOver: () => null,
    onEnd() {
      tunnels.delete(tunnel);
      ended();
    },
  });
}

/** A page on http:// speaks plain to a transport that speaks TLS: then the TLS is ours. */
async function secureWherePlain(
  place: Place,
  upstream: BackendSocket,
  first: Buffer,
  reaching: Reaching,
): Promise<BackendSocket | null> {
  if (!place.tls || first.length === 0 || classifyFirstBytes(first) === "tls") return upstream;
  const reply = await securePlace(place, upstream, reaching);
  return reply.ok ? reply.value : null;
}

/** The client speaks first on all that is tunnelled here (amps-facts 0.2). Empty where it ends instead. */
function firstBytes(client: Socket, head: Buffer): Promise<Buffer> {
  if (head.length > 0) return Promise.resolve(head);
  return new Promise((resolve) => {
    const done = (bytes: Buffer): void => {
      client.off("data", done);
      client.off("close", onEnd);
      client.off("end", onEnd);
      client.pause();
      resolve(bytes);
    };
    const onEnd = () => done(Buffer.alloc(0));
    client.on("data", done);
    client.on("end", onEnd);
    client.on("close", onEnd);
    client.resume();
  });
}
