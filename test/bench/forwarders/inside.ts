/** Questions to a Shunt that runs with test/bench/forwarders/inside.cjs in it. */
import { mkdirSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { root } from "../../../scripts/setup/paths.mjs";
import { within } from "../generator.ts";

const patienceMs = 20_000;

/** The environment that a Shunt is started with to be asked, its sockets in a new folder within `folder`. */
export function withInside(folder: string): {
  readonly env: Record<string, string>;
  readonly inside: Inside;
} {
  const sockets = join(folder, "inside");
  mkdirSync(sockets);
  const env = {
    SHUNT_BENCH_INSIDE: sockets,
    NODE_OPTIONS: `--require ${join(root, "test/bench/forwarders/inside.cjs")}`,
  };
  return { env, inside: new Inside(sockets) };
}

export class Inside {
  readonly #sockets: string;

  constructor(sockets: string) {
    this.#sockets = sockets;
  }

  /** What the program's main thread answers. */
  ask(word: "show" | "hide" | "text"): Promise<unknown> {
    return askOn(join(this.#sockets, "thread-0"), word);
  }

  /** How late an event loop of any thread was since the last such question, in ms at p99: the worst of them. */
  async loopDelayMs(): Promise<number> {
    const delays = readdirSync(this.#sockets).map(async (name) =>
      Number(await askOn(join(this.#sockets, name), "delay")),
    );
    return Math.max(...(await Promise.all(delays)));
  }
}

async function askOn(path: string, word: string): Promise<unknown> {
  const socket = connect(path);
  socket.on("error", () => undefined);
  socket.write(word);
  return JSON.parse(
    await within(text(socket), patienceMs, () => `nothing inside answers to ${word}`),
  ) as unknown;
}
