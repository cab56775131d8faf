/** A TCP proxy that does what a bad network does: the product's own conditions, between any two programs. */
import { createServer, type AddressInfo } from "node:net";
import { ByteCounter } from "../../app/forward/byte-counter.ts";
import { ConditionedSocket, type LiveConditions } from "../../app/conditions/conditioned-socket.ts";
import type { Conditions } from "../../app/contract/conditions.ts";
import { openSocket } from "../../app/forward/open-tcp.ts";
import { resetSocket } from "../../app/forward/reset.ts";
import { splice, type Splice } from "../../app/forward/splice.ts";
import { cleanUp } from "./running-engine.ts";

interface FaultProxy {
  readonly port: number;
  /** From now on, for every connection, open or to come; null: none. */
  set(conditions: Conditions | null): void;
}

/** Listens on a free loopback port and goes to `port`; ends with the test. */
export async function startFaultProxy(port: number, first: Conditions | null = null): Promise<FaultProxy> {
  let conditions = first;
  const listeners = new Set<() => void>();
  const live: LiveConditions = {
    current: () => conditions,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const open = new Set<Splice>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    client.on("error", () => undefined);
    if (conditions?.fault?.do === "down") return resetSocket(client);
    void openSocket({ host: "127.0.0.1", port }, {}).then((reply) => {
      if (!reply.ok) return resetSocket(client);
      const joined = splice({
        client,
        backend: new ConditionedSocket(reply.value, live),
        bytes: new ByteCounter(),
        onEnd: () => open.delete(joined),
      });
      open.add(joined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    for (const joined of open) joined.cut();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      conditions = next;
      for (const listener of [...listeners]) listener();
    },
  };
}
