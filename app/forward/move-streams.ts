/**
 * Moves bytes between any two streams (TCP, TLS, SSH channels), and shows them to an observer.
 *
 *     client ──data──▶ observer looks ──write──▶ backend      a full side pauses its source
 */
import type { Duplex } from "node:stream";
import { linkEnds } from "./link-ends.ts";
import type { ByteCounter, Ends, Mover, MoverReport } from "./mover.ts";

/** Looks at bytes as they pass and cannot change them; returns false when it is done. */
export interface Observer {
  fromClient(chunk: Buffer): boolean;
  fromBackend(chunk: Buffer): boolean;
}

export interface StreamMoving extends Ends {
  readonly bytes: ByteCounter;
  readonly observer: Observer | null;
  /** Read from the client before the backend was there: delivered first. */
  readonly early: Buffer | null;
  readonly report: MoverReport;
  /** Called after bytes have passed that nobody has to look at; true where another mover has taken over. */
  readonly onUnwatched: ((ends: Ends) => boolean) | null;
}

export function moveStreams({
  client,
  backend,
  bytes,
  observer,
  early,
  report,
  onUnwatched,
}: StreamMoving): Mover {
  let watching = observer;
  let asking = false;
  const ask = (): void => {
    asking = false;
    if (onUnwatched?.({ client, backend })) watching = null;
  };
  const move = (from: Duplex, to: Duplex, side: "client" | "backend"): ((chunk: Buffer) => void) => {
    const counter = side === "client" ? "toBackend" : "toClient";
    const look = side === "client" ? "fromClient" : "fromBackend";
    const onData = (chunk: Buffer): void => {
      bytes[counter] += chunk.length;
      if (watching && !watching[look](chunk)) watching = null;
      if (!to.write(chunk)) from.pause();
      if (watching || asking || !onUnwatched) return;
      asking = true;
      // Not in the middle of an event of the socket that may be taken over.
      process.nextTick(ask);
    };
    from.on("data", onData);
    to.on("drain", () => from.resume());
    return onData;
  };
  const onClientData = move(client, backend, "client");
  move(backend, client, "backend");
  if (early && early.length > 0) onClientData(early);
  const linked = linkEnds({ client, backend }, report);
  client.resume();
  backend.resume();
  return linked;
}
