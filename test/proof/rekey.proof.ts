/** New SSH keys again and again under load: nothing lost, nothing held up for long (reliability F18). */
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { expect, test } from "vitest";
import { available } from "../support/available.ts";
import { startEchoBackend } from "../support/echo-backend.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { makeSshHome, startSshServer } from "../support/ssh-server.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";
import { isNight, record } from "./harness/figures.ts";

cleanUpAfterEach();

const totalBytes = (isNight ? 2_000 : 200) * 1024 * 1024;
const connections = 4;

test.skipIf(!available.sshd)("F18: 200 MB each way while both sides ask for new keys", async (context) => {
  const home = makeSshHome();
  const server = await startSshServer({ home, config: ["RekeyLimit 4M"] });
  appendFileSync(home.knownHosts, server.knownHosts());
  const backend = await startEchoBackend();
  const port = await freePort();
  await runEngine(
    {
      version: 1,
      tunnels: [{ id: "t", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user }],
      backends: [{ id: "b", via: "t", replication: `tcp://localhost:${backend.port}` }],
      routes: [{ id: "r", listen: `127.0.0.1:${port}`, transport: "replication", target: "b" }],
    },
    {
      tunnels: {
        secrets: async () => null,
        ssh: { home: home.folder, configFile: home.configFile, globalKnownHosts: "/dev/null", agent: null },
        sshLimits: { rekeyBytes: 16 * 1024 * 1024 },
      },
    },
  );
  const pattern = patternBytes(1_048_573);
  let lastAt = performance.now();
  let stallMs = 0;
  const from = performance.now();
  const carry = async (index: number): Promise<boolean> => {
    const { socket } = await connectTcp(port);
    const [sent, received] = [createHash("sha256"), createHash("sha256")];
    let [sentBytes, receivedBytes] = [0, 0];
    socket.removeAllListeners("data");
    socket.on("data", (chunk: Buffer) => {
      const now = performance.now();
      stallMs = Math.max(stallMs, now - lastAt);
      lastAt = now;
      received.update(chunk);
      receivedBytes += chunk.length;
    });
    const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    for (let turn = index; sentBytes < totalBytes / connections; turn++) {
      const at = (turn * 7_919) % pattern.length;
      const piece = pattern.subarray(at, at + 1 + ((turn * 104_729) % 65_536));
      sent.update(piece);
      sentBytes += piece.length;
      if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve));
    }
    socket.end();
    await ended;
    return receivedBytes === sentBytes && received.digest("hex") === sent.digest("hex");
  };
  const whole = await Promise.all(Array.from({ length: connections }, (_, index) => carry(index)));
  const seconds = (performance.now() - from) / 1000;
  record(
    context,
    `${Math.round(totalBytes / 1024 / 1024)} MB each way in ${seconds.toFixed(1)} s over ${connections} connections, keys renewed every 4 MB by the server: ${whole.filter(Boolean).length} of ${connections} hashes equal, longest silence ${(stallMs / 1000).toFixed(2)} s`,
  );
  expect(whole).toEqual(Array.from({ length: connections }, () => true));
  expect(stallMs).toBeLessThanOrEqual(2_000);
  expect(server.killSessions()).toBeGreaterThan(0);
});
