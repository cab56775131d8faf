/** Very many channels on one SSH connection: clients here, Shunt headless, sshd and the backend in processes of their own. */
import { appendFileSync } from "node:fs";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { available } from "../support/available.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { makeSshHome, startSshServer } from "../support/ssh-server.ts";
import { startBackendProcess } from "./harness/backend-process.ts";
import { open, pingAll, watchLosses } from "./harness/clients.ts";
import { median, pause, percentile, record } from "./harness/figures.ts";
import { startShunt } from "./harness/shunt-process.ts";

cleanUpAfterEach();

const channels = 300;

/** Those that opened, and how long that took: from connecting to the first byte back, through the channel and from the backend. */
async function openAtOnce(port: number): Promise<{ readonly sockets: Socket[]; readonly p99Ms: number }> {
  const took: number[] = [];
  const opening = Array.from({ length: channels }, async (_, number) => {
    const from = performance.now();
    const socket = await open(port, { hello: "x", number });
    took.push(performance.now() - from);
    return socket;
  });
  const settled = await Promise.allSettled(opening);
  const sockets = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  return { sockets, p99Ms: percentile(took, 0.99) };
}

test.skipIf(!available.sshd)("L3: 300 channels open at once on one SSH connection", async (context) => {
  const home = makeSshHome();
  const server = await startSshServer({ home });
  appendFileSync(home.knownHosts, server.knownHosts());
  const backend = await startBackendProcess("echo");
  const port = await freePort();
  const shunt = await startShunt(
    {
      version: 1,
      tunnels: [{ id: "t", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user }],
      backends: [{ id: "b", via: "t", replication: `tcp://127.0.0.1:${backend.port}` }],
      routes: [{ id: "r", listen: port, transport: "replication", target: "b" }],
    },
    { env: { HOME: home.folder, SSH_AUTH_SOCK: "" } },
  );
  const first = await open(port, { hello: "x" });
  const sessions = server.sessions();
  await shunt.loop();
  const baseKb = shunt.rssKb();
  const { sockets, p99Ms: coldMs } = await openAtOnce(port);
  const lost = watchLosses(sockets);
  await pingAll(sockets, 5_000);
  await shunt.loop();
  await pause(5_000);
  const grownMb = (shunt.rssKb() - baseKb) / 1024;
  let failed = channels - sockets.length + lost();
  for (const socket of sockets) socket.destroy();
  const warmMs: number[] = [];
  for (let round = 0; round < 5; round++) {
    // Until the ends of the last have passed.
    await pause(1_500);
    const again = await openAtOnce(port);
    failed += channels - again.sockets.length;
    warmMs.push(again.p99Ms);
    for (const socket of again.sockets) socket.destroy();
  }
  const p99 = median(warmMs);
  record(
    context,
    `${channels} at once: ${failed} failed, p99 from connecting to the first byte back ${Math.round(p99)} ms (median of five rounds; a new process ${Math.round(coldMs)} ms), RSS ${grownMb.toFixed(1)} MB over base when idle`,
  );
  first.destroy();
  expect(failed).toBe(0);
  expect(server.sessions()).toBe(sessions);
  expect(p99).toBeLessThanOrEqual(250);
  expect(grownMb).toBeLessThanOrEqual(40);
});
