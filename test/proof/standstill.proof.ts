/** Shunt itself stands still for two minutes, as a machine that sleeps (reliability F16): by night, since it takes them. */
import { appendFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { available } from "../support/available.ts";
import { freePort } from "../support/free-port.ts";
import { howEnded } from "../support/how-ended.ts";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";
import { makeSshHome, startSshServer } from "../support/ssh-server.ts";
import { startBackendProcess } from "./harness/backend-process.ts";
import { open, ping } from "./harness/clients.ts";
import { isNight, pause, record } from "./harness/figures.ts";
import { startShunt } from "./harness/shunt-process.ts";

cleanUpAfterEach();

const standsMs = 120_000;

test.skipIf(!isNight || !available.sshd)(
  "F16: stopped for two minutes, it cuts nothing that lives, and finds out at once what has died",
  async (context) => {
    const home = makeSshHome();
    const server = await startSshServer({ home });
    appendFileSync(home.knownHosts, server.knownHosts());
    const backend = await startBackendProcess("echo");
    const [direct, tunneled] = [await freePort(), await freePort()];
    const target = `tcp://127.0.0.1:${backend.port}`;
    const shunt = await startShunt(
      {
        version: 1,
        tunnels: [{ id: "t", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user }],
        backends: [
          { id: "near", replication: target },
          { id: "far", via: "t", replication: target },
        ],
        routes: [
          { id: "d", listen: `127.0.0.1:${direct}`, transport: "replication", target: "near" },
          { id: "f", listen: `127.0.0.1:${tunneled}`, transport: "replication", target: "far" },
        ],
      },
      { env: { HOME: home.folder } },
    );
    const tunnel = async () => ((await shunt.api("/api/snapshot")) as Snapshot).tunnels[0];
    await until(async () => (await tunnel())?.state === "up", "the tunnel");
    const living = await open(direct, { hello: "x" });
    const dying = await open(tunneled, { hello: "x" });
    const ended = howEnded(dying);
    dying.on("error", () => undefined);
    shunt.signal("SIGSTOP");
    server.pauseSessions();
    await pause(standsMs);
    shunt.signal("SIGCONT");
    const from = performance.now();
    const how = await ended;
    const noticedMs = performance.now() - from;
    await until(async () => (await tunnel())?.state === "up", "the rebuilt tunnel");
    const again = await open(tunneled, { hello: "x" });
    const rebuiltMs = performance.now() - from;
    const pingMs = await ping(living);
    for (const socket of [living, dying, again]) socket.destroy();
    record(
      context,
      `after ${standsMs / 1000} s: the dead tunnel noticed in ${(noticedMs / 1000).toFixed(1)} s (${how}), rebuilt in ${(rebuiltMs / 1000).toFixed(1)} s; the living connection answered in ${pingMs.toFixed(0)} ms`,
    );
    expect(how).toBe("ECONNRESET");
    // Probed within 2 s, and given up when the probe is not answered.
    expect(noticedMs).toBeLessThanOrEqual(10_000);
    expect(rebuiltMs).toBeLessThanOrEqual(12_000);
  },
);
