/** `localhost`, and a port alone, are an address of each family: nobody else gets what clients send to the other one. */
import { expect, test } from "vitest";
import { startApiServer } from "../../app/api/api-server.ts";
import { emptyDocument } from "../api/running-api.ts";
import { runService } from "../service/running-service.ts";
import { available } from "../support/available.ts";
import { startHttpBackend } from "../support/http-backend.ts";
import { get, readAnswer } from "../support/raw-http.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { plainSecretOf } from "../support/suite-secrets.ts";
import { connectTcp } from "../support/tcp-client.ts";

cleanUpAfterEach();

const both = ["127.0.0.1", "::1"] as const;

/** As addresses have it. */
const inAddress = (host: string) => (host === "::1" ? "[::1]" : host);

async function statusOn(port: number, host: string, target: string): Promise<number> {
  const client = await connectTcp(port, host);
  client.socket.write(get(target).replace("127.0.0.1:{port}", `${inAddress(host)}:${port}`));
  return readAnswer((await client.whole()).toString("latin1")).status;
}

test.skipIf(!available.ipv6)(
  "both are bound for every kind of route, 127.0.0.1 alone is not, and a stop frees both",
  async () => {
    const backend = await startTcpBackend();
    cleanUp(() => backend.close());
    const web = await startHttpBackend();
    cleanUp(() => web.close());
    const [plain, named, shared] = [await freePort(), await freePort(), await freePort()];
    const document = {
      version: 1,
      backends: [
        { id: "b", replication: `tcp://127.0.0.1:${backend.port}`, admin: `http://127.0.0.1:${web.port}` },
      ],
      routes: [
        { id: "plain", listen: `127.0.0.1:${plain}`, transport: "replication", target: "b" },
        { id: "named", listen: `LocalHost:${named}`, transport: "replication", target: "b" },
        { id: "shared", listen: String(shared), path: "/b", target: "b" },
      ],
    };
    const { apply, route, snapshot } = await runEngine(document);
    backend.forget();
    expect(await route("named")).toMatchObject({ state: "listening", listen: `localhost:${named}` });
    expect(await route("shared")).toMatchObject({ state: "listening", listen: `localhost:${shared}` });
    for (const [index, host] of both.entries()) {
      const client = await connectTcp(named, host);
      client.socket.write("through");
      await (await backend.connection(index)).received(7);
      const clients = (await snapshot()).connections.map((connection) => connection.client);
      expect(clients).toContain(`${inAddress(host)}:${client.socket.localPort}`);
      expect(await statusOn(shared, host, "/b/")).toBe(200);
      client.socket.destroy();
    }
    await connectTcp(plain);
    await expect(connectTcp(plain, "::1")).rejects.toThrow("ECONNREFUSED");
    // From one address to both, on one port: the old listener is gone before the new one binds.
    const [first, ...others] = document.routes;
    await apply({ ...document, routes: [{ ...first, listen: `localhost:${plain}` }, ...others] });
    for (const host of both) await connectTcp(plain, host);
    await apply({ ...document, routes: [] });
    for (const port of [plain, named, shared])
      for (const host of both) await expect(connectTcp(port, host)).rejects.toThrow("ECONNREFUSED");
  },
);

test.skipIf(!available.ipv6)("the local API answers on both, on one port that the system chose", async () => {
  const running = await runService(emptyDocument);
  const address = { host: "localhost", port: 0 };
  const started = await startApiServer({
    service: running.service,
    address,
    token: plainSecretOf("API token"),
    ui: null,
  });
  if (!started.ok) throw new Error(started.failure.message);
  const { port } = started.value.address;
  expect(started.value.url).toBe(`http://127.0.0.1:${port}`);
  for (const host of ["127.0.0.1", "[::1]"]) {
    const answer = await fetch(`http://${host}:${port}/api/config`, {
      headers: { authorization: `Bearer ${plainSecretOf("API token")}` },
    });
    expect(answer.status).toBe(200);
    expect((await fetch(`http://${host}:${port}/api/config`)).status).toBe(401);
  }
  await started.value.close();
  for (const host of both) await expect(connectTcp(port, host)).rejects.toThrow("ECONNREFUSED");
});
