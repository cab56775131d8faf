/** A reader of the live feed, as the UI's page in a browser is one. */
import WebSocket from "ws";
import { within } from "../generator.ts";
import type { Look } from "./forwarder.ts";

export const token = "bench-0123456789abcdef0123456789abcdef";
const patienceMs = 20_000;

export async function readLive(port: number): Promise<Look> {
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
    hasSeenChanges: async () => changes > 0,
    async end() {
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.terminate();
      await closed;
    },
  };
}
