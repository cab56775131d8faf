/** A Galvanometer through a real tunnel: an HTTP CONNECT proxy that alone knows the instances' names. */
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { runSandbox } from "../sandbox/running-sandbox.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { ask, connectThrough, must } from "./named-sandbox.ts";

cleanUpAfterEach();

test("page and websocket go through the backend's tunnel, which resolves the name, and an outage of it is named", async () => {
  const { a } = await runSandbox();
  const names = new Map([
    ["amps-a.internal:8085", a.ports.admin],
    ["amps-a.internal:9008", a.ports.websocket],
  ]);
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, client) => {
    asked.push(request.url ?? "");
    const port = names.get(request.url ?? "");
    if (port === undefined) return void client.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    const upstream = connect(port, "127.0.0.1", () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void (proxy.close(), proxy.closeAllConnections()));
  const { engine } = await runEngine({
    version: 1,
    tunnels: [
      { id: "corp", type: "http-connect", address: `127.0.0.1:${(proxy.address() as AddressInfo).port}` },
    ],
    backends: [
      {
        id: "amps-a",
        via: "corp",
        admin: "http://amps-a.internal:8085",
        websocket: "ws://amps-a.internal:9008",
      },
    ],
    pools: [],
    routes: [],
  });
  const opened = must(await engine.openGalvanometer("amps-a", { fenced: false }));
  expect((await ask(opened, `${opened.address}amps/instance/name.json`)).body).toContain("amps-a");
  const { status, client } = await connectThrough(opened, "amps-a.internal:9008");
  expect(status).toBe(200);
  client.socket.write("GET /amps/json HTTP/1.1\r\nHost: amps-a.internal:9008\r\n\r\n");
  await client.receivedText("HTTP/1.1 4");
  expect(asked).toEqual(expect.arrayContaining([...names.keys()]));
  // What its statistics call this machine is its own: also that is asked for there.
  for (const one of asked) expect(one).toMatch(/^amps-a\.internal:/);

  names.clear();
  const answer = await ask(opened, opened.address);
  expect(answer.status).toBe(502);
  expect(answer.body).toContain("corp");
});
