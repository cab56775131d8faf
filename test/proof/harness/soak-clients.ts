/** Clients that come, talk, go and come again for as long as a soak lasts; each keeps its own account of what it got. */
import { randomBytes } from "node:crypto";
import { Agent, get as httpGet } from "node:http";
import { connect, type Socket } from "node:net";
import { pause } from "./figures.ts";

export interface SoakClient {
  readonly kind: string;
  /** Answers that were not what was sent. */
  wrong: number;
  /** Answers that were right. */
  right: number;
  /** Ends that this client did not ask for. */
  lost: number;
  /** Ends the connection as a fault: the client counts it as its own doing. */
  end(how: "reset" | "fin"): void;
  stop(): Promise<void>;
}

interface SoakClientOptions {
  readonly kind: string;
  readonly port: number;
  /** Sent first, and answered by a head: an upgrade. */
  readonly upgrade?: string;
  /** Chooses the local address. */
  readonly number: number;
}

const betweenMs = 1_000;

/** Sends random bytes about once a second and wants the same ones back. */
export function startEchoClient({ kind, port, upgrade, number }: SoakClientOptions): SoakClient {
  let isStopped = false;
  let socket: Socket | null = null;
  let isOwnEnd = false;
  const client: SoakClient = {
    kind,
    wrong: 0,
    right: 0,
    lost: 0,
    end(how) {
      isOwnEnd = true;
      if (how === "reset") socket?.resetAndDestroy();
      else socket?.end();
    },
    async stop() {
      isStopped = true;
      isOwnEnd = true;
      socket?.destroy();
      await running;
    },
  };
  const talk = async (own: Socket): Promise<void> => {
    const read = reader(own);
    if (upgrade !== undefined) {
      own.write(upgrade);
      if (!(await read.head())) return;
    }
    while (!own.destroyed && !own.writableEnded) {
      const sent = randomBytes(1 + Math.floor(Math.random() * 4_000));
      own.write(sent);
      const got = await read.bytes(sent.length);
      if (got === null) return;
      if (got.equals(sent)) client.right++;
      else client.wrong++;
      await pause(betweenMs / 2 + Math.random() * betweenMs);
    }
  };
  const live = async (): Promise<void> => {
    await pause(Math.random() * betweenMs);
    while (!isStopped) {
      isOwnEnd = false;
      const own = connect({
        port,
        host: "127.0.0.1",
        localAddress: `127.0.0.${2 + (number % 8)}`,
        allowHalfOpen: true,
      });
      socket = own;
      own.on("error", () => undefined);
      const closed = new Promise<void>((resolve) => own.once("close", () => resolve()));
      own.on("end", () => own.end());
      await talk(own);
      own.destroy();
      await closed;
      if (!isOwnEnd) client.lost++;
      await pause(200 + Math.random() * betweenMs);
    }
  };
  const running = live();
  return client;
}

/** What has arrived, in the portions that are asked for; null when it ends before. */
function reader(socket: Socket): {
  head(): Promise<boolean>;
  bytes(count: number): Promise<Buffer | null>;
} {
  let held = Buffer.alloc(0);
  let isOver = false;
  let look: () => void = () => undefined;
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    look();
  });
  for (const event of ["end", "close"] as const)
    socket.on(event, () => {
      isOver = true;
      look();
    });
  const take = (length: () => number): Promise<Buffer | null> =>
    new Promise((resolve) => {
      look = () => {
        const wanted = length();
        if (wanted > 0 && held.length >= wanted) {
          const taken = held.subarray(0, wanted);
          held = held.subarray(wanted);
          resolve(taken);
        } else if (isOver) resolve(null);
      };
      look();
    });
  return {
    head: async () => {
      const head = await take(() => {
        const at = held.indexOf("\r\n\r\n");
        return at < 0 ? 0 : at + 4;
      });
      return head !== null && head.toString("latin1").startsWith("HTTP/1.1 101 ");
    },
    bytes: (count) => take(() => count),
  };
}

/** Asks for a path about once a second on a kept connection, and wants the path back. */
export function startHttpClient({ kind, port, number }: SoakClientOptions): SoakClient {
  let isStopped = false;
  let agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let isOwnEnd = false;
  const ask = (path: string): Promise<string | null> =>
    new Promise((resolve) => {
      httpGet({ port, host: "127.0.0.1", path: `/b${path}`, agent }, (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
        answer.on("error", () => resolve(null));
        answer.on("end", () => resolve(answer.statusCode === 200 ? text : null));
      }).on("error", () => resolve(null));
    });
  const client: SoakClient = {
    kind,
    wrong: 0,
    right: 0,
    lost: 0,
    end() {
      isOwnEnd = true;
      agent.destroy();
      agent = new Agent({ keepAlive: true, maxSockets: 1 });
    },
    async stop() {
      isStopped = true;
      await running;
      agent.destroy();
    },
  };
  const live = async (): Promise<void> => {
    for (let turn = 0; !isStopped; turn++) {
      await pause(betweenMs / 2 + Math.random() * betweenMs);
      isOwnEnd = false;
      const path = `/${number}/${turn}`;
      const said = await ask(path);
      if (said === path) client.right++;
      else if (said !== null) client.wrong++;
      else if (!isOwnEnd) client.lost++;
    }
  };
  const running = live();
  return client;
}
