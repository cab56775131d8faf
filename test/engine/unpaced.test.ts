/** Which congestion control the native addon's sockets have (decision 102). */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { available, programs } from "../support/available.ts";
import { freePort } from "../support/free-port.ts";
import { builtNative } from "../support/native.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

const native = builtNative();
const missing = "missing" in native ? native.missing : programs.ss === null ? "ss is not installed" : null;

/** What ss(8) says of the one end of a connection between these local ports. */
function wordsOf(localPort: number, remotePort: number): readonly string[] {
  const { stdout } = spawnSync(
    programs.ss ?? "",
    ["-Htin", "sport", "=", `:${localPort}`, "and", "dport", "=", `:${remotePort}`],
    { encoding: "utf8", timeout: 10_000 },
  );
  return stdout.split(/\s+/);
}

/** A connection through a route; its two ends in Shunt. */
async function connectThrough(listenHost: string, clientHost: string) {
  const backend = await startTcpBackend();
  cleanUp(() => backend.close());
  const port = await freePort();
  const backends = [{ id: "a", amps: `tcp://127.0.0.1:${backend.port}` }];
  const routes = [{ id: "r", listen: `${listenHost}:${port}`, transport: "amps", target: "a" }];
  await runEngine({ version: 1, backends, routes }, { native });
  backend.forget();
  const client = await connectTcp(port, clientHost);
  const logon = frame('{"c":"logon"}');
  client.socket.write(logon);
  const far = await backend.connection(0);
  await far.received(logon.length);
  return {
    towardsClient: wordsOf(port, Number(client.socket.localPort)),
    towardsBackend: wordsOf(Number(far.socket.remotePort), backend.port),
  };
}

test.skipIf(missing !== null)(
  `on loopback the addon's sockets are not paced${missing === null ? "" : ` (${missing})`}`,
  { timeout: 30_000 },
  async () => {
    for (const [listenHost, clientHost] of [
      ["127.0.0.1", "127.0.0.1"] as const,
      ...(available.ipv6 ? [["[::1]", "::1"] as const] : []),
    ]) {
      const ends = await connectThrough(listenHost, clientHost);
      expect(ends.towardsClient).toContain("reno");
      expect(ends.towardsBackend).toContain("reno");
    }
  },
);

test.skipIf(missing !== null)(
  `clients that may come from elsewhere have the system's own congestion control${missing === null ? "" : ` (${missing})`}`,
  { timeout: 30_000 },
  async () => {
    const usual = readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").trim();
    const { towardsClient, towardsBackend } = await connectThrough("0.0.0.0", "127.0.0.1");
    expect(towardsClient).toContain(usual);
    expect(towardsBackend).toContain("reno");
  },
);
