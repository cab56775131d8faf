/**
 * Moves bytes between any two streams (TCP, TLS, SSH channels), and shows them to an observer.
 *
 *     client ──data──▶ observer looks ──write──▶ backend      a full side pauses its source
 */
import type { Duplex } from "node:stream";
import { linkEnds } from "./link-ends.ts";
import type { ByteCounter } from "./byte-counter.ts";
import type { Ends, Mover, MoverReport } from "./mover.ts";
import { resetSocket } from "./reset.ts";

/** False: it is done. `refuse`: the connection ends before these bytes go on. */
export type Sight = boolean | "refuse";

/** Looks at bytes as they pass and cannot change them. */
export interface Observer {
  fromClient(chunk: Buffer): Sight;
  fromBackend(chunk: Buffer): Sight;
}

interface StreamMoving extends Ends {
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
    if (onUnwatched?.({ client, backend })) linked.release();
  };
  const refuse = (): void => {
    watching = null;
    report.ended({ how: "cut" });
    resetSocket(client);
    resetSocket(backend);
  };
  const move = (from: Duplex, to: Duplex, side: "client" | "backend"): ((chunk: Buffer) => void) => {
    const counter = side === "client" ? "toBackend" : "toClient";
    const look = side === "client" ? "fromClient" : "fromBackend";
    const onData = (chunk: Buffer): void => {
      const sight = watching?.[look](chunk);
      if (sight === "refuse") return refuse();
      if (sight === false) watching = null;
      bytes.add(counter, chunk.length);
      if (!to.write(chunk)) {
        from.pause();
        to.once("drain", () => from.resume());
      }
      if (watching || asking || !onUnwatched) return;
      asking = true;
      // Not in the middle of an event of the socket that may be taken over.
      process.nextTick(ask);
    };
    from.on("data", onData);
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
