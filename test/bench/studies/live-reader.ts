/** A reader of the live feed, and what the event loop says of itself meanwhile. */
import { readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { within } from "../generator.ts";
import { descendants } from "../process-tree.ts";

export const token = "bench-0123456789abcdef0123456789abcdef";
const patienceMs = 20_000;

export interface Watcher {
  /** Change sets seen so far. */
  readonly changes: () => number;
  close(): Promise<void>;
}

/** Reads the live feed as the UI's page does. */
export async function watch(port: number): Promise<Watcher> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`, { perMessageDeflate: false });
  let changes = 0;
  socket.on("message", (data: Buffer) => {
    if (data.includes('"type":"changes"')) changes++;
  });
  socket.on("error", () => undefined);
  const opened = new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  await within(opened, patienceMs, () => "the live feed does not open");
  socket.send(JSON.stringify({ token }));
  return {
    changes: () => changes,
    close: async () => {
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.terminate();
      await closed;
    },
  };
}

/** How late the event loop was since the last look, in ms at p99. */
export async function loopDelayMs(pid: number, file: string): Promise<number> {
  rmSync(file, { force: true });
  for (const one of descendants(pid)) process.kill(one, "SIGUSR2");
  const giveUp = Date.now() + patienceMs;
  for (;;) {
    try {
      return Number(readFileSync(file, "utf8"));
    } catch {
      if (Date.now() > giveUp) throw new Error("the event loop does not tell its delay");
      await sleep(20);
    }
  }
}
