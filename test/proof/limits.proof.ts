/** The product's own limits, waited for, where the tests of `npm test` shorten them: a stopped SSH server, and peers that stall (reliability F6, F19, F20). */
import { createServer, type AddressInfo } from "node:net";
import { expect, test, type TestContext } from "vitest";
import type { ActivityEntry } from "../../app/contract/activity.ts";
import { available } from "../support/available.ts";
import { freePort } from "../support/free-port.ts";
import { howEnded } from "../support/how-ended.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { open, ping } from "./harness/clients.ts";
import { record } from "./harness/figures.ts";
import { startNearAndFar } from "./harness/near-and-far.ts";
import { startShunt } from "./harness/shunt-process.ts";

cleanUpAfterEach();

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

test.skipIf(!available.sshd)(
  "F6: a stopped SSH server is noticed within a minute, and what goes elsewhere lives on",
  async (context) => {
    const { server, near, far, farEnded } = await startNearAndFar();
    const from = performance.now();
    expect(server.pauseSessions()).toBeGreaterThan(0);
    const how = await farEnded;
    const noticedMs = performance.now() - from;
    const pingMs = await ping(near);
    for (const socket of [near, far]) socket.destroy();
    record(
      context,
      `noticed after ${seconds(noticedMs)} (${how}); an idle stream beside it answered in ${pingMs.toFixed(0)} ms`,
    );
    expect(how).toBe("ECONNRESET");
    // The fourth beat, of 15 s each, behind the last word; it was stopped right behind one.
    expect(noticedMs).toBeLessThanOrEqual(60_500);
  },
);

/** Accepts and reads, and never says a word. */
async function startSilent(): Promise<number> {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A client of a backend that is reached by way of whoever is silent: how long it waits, and what is told of it. */
async function waitOut(
  context: TestContext,
  { backend, tunnels = [] }: { readonly backend: object; readonly tunnels?: readonly object[] },
): Promise<string> {
  const port = await freePort();
  const shunt = await startShunt({
    version: 1,
    tunnels,
    backends: [{ id: "b", ...backend }],
    routes: [{ id: "r", listen: `127.0.0.1:${port}`, transport: "replication", target: "b" }],
  });
  const from = performance.now();
  const client = await open(port);
  const how = await howEnded(client);
  const waitedMs = performance.now() - from;
  const entries = async () =>
    ((await shunt.api("/api/commands/activity.list", "POST", null)) as { value: readonly ActivityEntry[] })
      .value;
  const told = await until(
    async () => (await entries()).find(({ route, code }) => route === "r" && code !== undefined),
    "what is told of it",
  );
  record(
    context,
    `ended after ${seconds(waitedMs)} (${how}): ${told.code}, "${told.message.split(". ")[0]}."`,
  );
  expect(how).toBe("ECONNRESET");
  expect(waitedMs).toBeLessThanOrEqual(10_500);
  return told.message;
}

test("F19: a TLS handshake that nobody answers is given up in time, and named", async (context) => {
  const silent = await startSilent();
  const message = await waitOut(context, { backend: { replication: `tcps://127.0.0.1:${silent}` } });
  expect(message).toContain(`127.0.0.1:${silent}`);
});

for (const type of ["socks5", "http-connect"])
  test(`F20: a ${type} proxy that stays silent is given up in time, and named`, async (context) => {
    const tunnels = [{ id: "corp", type, address: `127.0.0.1:${await startSilent()}` }];
    const backend = { via: "corp", replication: "tcp://amps.example.com:9007" };
    expect(await waitOut(context, { backend, tunnels })).toContain("corp");
  });
