/** Two sockets joined by a splice, between a client and a far end that the test holds. */
import { connect, createServer, type AddressInfo } from "node:net";
import { ByteCounter } from "../../app/forward/byte-counter.ts";
import type { SpliceEnd } from "../../app/forward/mover.ts";
import { splice, type Splice, type SpliceOptions } from "../../app/forward/splice.ts";
import { cleanUp, until } from "./running-engine.ts";
import {
  startTcpBackend,
  type ReceivedConnection,
  type TcpBackend,
  type TcpBackendOptions,
} from "./tcp-backend.ts";
import { connectTcp, type TcpClient } from "./tcp-client.ts";

interface Joined {
  readonly client: TcpClient;
  readonly far: ReceivedConnection;
  readonly life: SplicedLife;
}

interface SplicedLife {
  readonly bytes: SpliceOptions["bytes"];
  readonly told: (SpliceEnd | { readonly how: "half-closed" })[];
  readonly joined: Splice;
  readonly end: Promise<SpliceEnd>;
  /** How often whoever else holds the client's socket has heard its `close`. */
  readonly closes: () => number;
}

interface SpliceProxy {
  readonly port: number;
  readonly backend: TcpBackend;
  readonly lives: readonly SplicedLife[];
  /** A new connection through the splice, with both of its ends. */
  join(): Promise<Joined>;
}

export type SpliceSetting = Pick<SpliceOptions, "takeOver" | "halfClosedIdleMs" | "early"> & {
  readonly observer?: () => NonNullable<SpliceOptions["observer"]>;
};

export async function startSpliceProxy(
  { observer, ...setting }: SpliceSetting,
  options: TcpBackendOptions = {},
): Promise<SpliceProxy> {
  const backend = await startTcpBackend(options);
  cleanUp(() => backend.close());
  const lives: SplicedLife[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on("error", () => undefined);
    const far = connect({ port: backend.port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    far.on("error", () => undefined);
    far.once("connect", () => {
      const bytes = new ByteCounter();
      let closes = 0;
      client.on("close", () => closes++);
      const told: SplicedLife["told"] = [];
      let ended: (end: SpliceEnd) => void = () => undefined;
      const end = new Promise<SpliceEnd>((resolve) => (ended = resolve));
      const joined = splice({
        client,
        backend: far,
        bytes,
        ...setting,
        ...(observer && { observer: observer() }),
        onHalfClosed: () => told.push({ how: "half-closed" }),
        onEnd: (how) => {
          told.push(how);
          ended(how);
        },
      });
      lives.push({ bytes, told, joined, end, closes: () => closes });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    for (const { joined } of lives) joined.cut();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    backend,
    lives,
    async join() {
      const index = lives.length;
      const client = await connectTcp(port);
      const life = await until(() => lives[index], "the splice");
      return { client, far: await backend.connection(index), life };
    },
  };
}
