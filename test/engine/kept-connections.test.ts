/** One kept connection of a browser that asks many routes: each has a leg of its own, and all end with it. */
import { Agent, get } from "node:http";
import { expect, test } from "vitest";
import { startHttpBackend } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { connectTcp } from "../support/tcp-client.ts";

cleanUpAfterEach();

test("thirty routes behind one kept connection: thirty legs, no listener too many, all ended with it", async () => {
  const warnings: string[] = [];
  const warn = (warning: Error) => void warnings.push(warning.message);
  process.on("warning", warn);
  cleanUp(() => void process.off("warning", warn));
  const http = await startHttpBackend();
  cleanUp(() => http.close());
  const port = await freePort();
  const ids = Array.from({ length: 30 }, (_, n) => `r${n}`);
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", admin: `http://127.0.0.1:${http.port}` }],
    routes: ids.map((id) => ({ id, listen: port, path: `/${id}`, target: "b" })),
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cleanUp(() => agent.destroy());
  const used = new Set<number>();
  for (const id of ids)
    await new Promise<void>((resolve, reject) => {
      const request = get({ agent, host: "127.0.0.1", port, path: `/${id}/amps` }, (answer) => {
        used.add(answer.socket.localPort ?? 0);
        answer.resume().on("end", resolve);
      });
      request.on("error", reject);
    });
  expect(used.size).toBe(1);
  expect((await running.snapshot()).connections).toHaveLength(30);
  expect(new Set(http.requests.map(({ connection }) => connection)).size).toBe(30);
  agent.destroy();
  await running.until(({ connections }) => connections.length === 0);
  // A warning is emitted in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});

test("a client that has said its last right behind its request still gets the answer, and then the end", async () => {
  const http = await startHttpBackend((_request, response) => {
    setTimeout(() => response.end("late"), 150);
  });
  cleanUp(() => http.close());
  const port = await freePort();
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", admin: `http://127.0.0.1:${http.port}` }],
    routes: [{ id: "r", listen: port, path: "/r", target: "b" }],
  });
  const client = await connectTcp(port);
  client.socket.end(Buffer.from(`GET /r/amps HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`));
  const text = (await client.whole()).toString("latin1");
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  expect(text).toMatch(/\r\n\r\n(?:4\r\n)?late/);
  expect(http.requests).toHaveLength(1);
  await running.until(({ connections }) => connections.length === 0);
});
