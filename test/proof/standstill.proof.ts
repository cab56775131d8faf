/** Shunt itself stands still for two minutes, as a machine that sleeps (reliability F16): by night, since it takes them. */
import { expect, test } from "vitest";
import { available } from "../support/available.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { open, ping } from "./harness/clients.ts";
import { isNight, pause, record } from "./harness/figures.ts";
import { startNearAndFar } from "./harness/near-and-far.ts";

cleanUpAfterEach();

const standsMs = 120_000;

test.skipIf(!isNight || !available.sshd)(
  "F16: stopped for two minutes, it cuts nothing that lives, and finds out at once what has died",
  async (context) => {
    const { shunt, server, farPort, near, far, farEnded, tunnelUp } = await startNearAndFar();
    shunt.signal("SIGSTOP");
    server.pauseSessions();
    await pause(standsMs);
    shunt.signal("SIGCONT");
    const from = performance.now();
    const how = await farEnded;
    const noticedMs = performance.now() - from;
    await tunnelUp();
    const again = await open(farPort, { hello: "x" });
    const rebuiltMs = performance.now() - from;
    const pingMs = await ping(near);
    for (const socket of [near, far, again]) socket.destroy();
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
