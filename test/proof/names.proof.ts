/** Names whose server never answers, with the system's own look-ups (reliability F7). */
import { createSocket } from "node:dgram";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { startBackendProcess } from "./harness/backend-process.ts";
import { open } from "./harness/clients.ts";
import { pause, record } from "./harness/figures.ts";
import { startShunt } from "./harness/shunt-process.ts";

cleanUpAfterEach();

/** A name server is on port 53, and resolv.conf is the system's: only root may put others in their place, in a mount space of its own. */
const isPossible = process.platform === "linux" && spawnSync("unshare", ["-m", "true"]).status === 0;

async function startSilentServer(): Promise<{ readonly address: string; asked(): number }> {
  const socket = createSocket("udp4");
  let asked = 0;
  socket.on("message", () => asked++);
  const address = "127.0.0.153";
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(53, address, resolve);
  });
  cleanUp(() => void socket.close());
  return { address, asked: () => asked };
}

test.skipIf(!isPossible)(
  "F7: eight names that nobody answers for do not hold up a good one",
  async (context) => {
    const silent = await startSilentServer();
    const file = join(tempFolder({}), "resolv.conf");
    writeFileSync(file, `nameserver ${silent.address}\n`);
    const backend = await startBackendProcess("echo");
    const names = Array.from({ length: 8 }, (_, number) => `silent-${number}`);
    const listens = new Map<string, number>();
    for (const name of [...names, "good"]) listens.set(name, await freePort());
    const port = (name: string): number => listens.get(name) ?? 0;
    const backendOf = (name: string) =>
      name === "good" ? `localhost:${backend.port}` : `${name}.example.com:9007`;
    await startShunt(
      {
        version: 1,
        backends: [...listens.keys()].map((id) => ({ id, replication: `tcp://${backendOf(id)}` })),
        routes: [...listens.keys()].map((id) => ({
          id,
          listen: `127.0.0.1:${port(id)}`,
          transport: "replication",
          target: id,
        })),
      },
      { inPlaceOf: { "/etc/resolv.conf": file } },
    );
    const waiting = names.map((name) => open(port(name), { hello: "x" }).catch(() => null));
    await pause(100);
    const took: number[] = [];
    for (let times = 0; times < 10; times++) {
      const from = performance.now();
      (await open(port("good"), { hello: "x" })).destroy();
      took.push(performance.now() - from);
    }
    const slowest = Math.max(...took);
    record(
      context,
      `${silent.asked()} questions left unanswered; the good name's clients were served in ${slowest.toFixed(0)} ms at most`,
    );
    expect(readFileSync("/etc/resolv.conf", "utf8")).not.toContain(silent.address);
    expect(silent.asked()).toBeGreaterThanOrEqual(8);
    expect(slowest).toBeLessThanOrEqual(500);
    void waiting;
  },
);
