/** Every request that can be read in two ways is refused, however it is cut; the backend sees none of it. */
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startHttpBackend } from "../support/http-backend.ts";
import { exchange, get } from "../support/raw-http.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { badRequests } from "./bad-requests.ts";

cleanUpAfterEach();

const slicings: Readonly<Record<string, (text: string) => readonly string[]>> = {
  "in one write": (text) => [text],
  "a byte a write": (text) => (text.length > 2_000 ? (text.match(/[^]{1,500}/g) ?? []) : Array.from(text)),
  "cut at each CRLF": (text) => text.split(/(?<=\r\n)/),
};

/** Sends the pieces, says the last word, and waits for the status of the first answer; 0 where it was closed without one. */
function send(port: number, pieces: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)));
    let at = 0;
    const next = (): void => {
      const piece = pieces[at++];
      if (socket.destroyed || socket.writableEnded) return;
      // What is not finished would wait for more: then the last word makes it be judged.
      if (piece === undefined) return void setTimeout(() => socket.end(), 300);
      socket.write(Buffer.from(piece, "latin1"), () => setImmediate(next));
    };
    next();
  });
}

test("B1: there are enough vectors to speak of", () => {
  expect(badRequests.length).toBeGreaterThanOrEqual(150);
});

test.each(Object.entries(slicings))(
  "B1: refused %s, and the backend sees nothing",
  { timeout: 60_000 },
  async (_name, slice) => {
    const admin = await startHttpBackend();
    cleanUp(() => admin.close());
    const port = await freePort();
    await runEngine({
      version: 1,
      backends: [{ id: "b", admin: `http://127.0.0.1:${admin.port}`, amps: `tcp://127.0.0.1:${admin.port}` }],
      routes: [{ id: "r", listen: port, path: "/b", target: "b" }],
    });
    const accepted: string[] = [];
    const waiting = [...badRequests];
    const worker = async (): Promise<void> => {
      for (let vector = waiting.shift(); vector; vector = waiting.shift()) {
        const [name, request] = vector;
        const status = await send(port, slice(request.replaceAll("{port}", String(port))));
        if (status > 0 && status < 400) accepted.push(`${name}: ${status}`);
      }
    };
    await Promise.all(Array.from({ length: 20 }, worker));
    expect(accepted).toEqual([]);
    expect(admin.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([]);
    expect((await exchange(port, get("/b/x"))).status).toBe(200);
  },
);
