/** The clock of the machine jumps: nothing ends early, and a tunnel is looked at at once (reliability F16). */
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { available, programs } from "../support/available.ts";
import { startEchoBackend } from "../support/echo-backend.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { watchShunt } from "../support/shunt-child.ts";
import { makeSshHome, startSshServer } from "../support/ssh-server.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { buildBeforeAll, builtCli } from "./built-cli.ts";

cleanUpAfterEach();
buildBeforeAll();

test.skipIf(!available.sshd || !available.faketime)(
  "steps of an hour and a day cut nothing; a server that has died meanwhile is noticed at once",
  { timeout: 90_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "shunt-clock-"));
    cleanUp(() => rmSync(folder, { recursive: true, force: true }));
    const home = makeSshHome();
    const server = await startSshServer({ home });
    appendFileSync(home.knownHosts, server.knownHosts());
    const backend = await startEchoBackend();
    const port = await freePort();
    const document = {
      version: 1,
      tunnels: [{ id: "t", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user }],
      backends: [{ id: "b", via: "t", replication: `tcp://127.0.0.1:${backend.port}` }],
      routes: [{ id: "r", listen: port, transport: "replication", target: "b" }],
    };
    const at = (name: string) => join(folder, name);
    writeFileSync(at("config.json"), JSON.stringify(document));
    const step = (offset: string) => writeFileSync(at("clock"), `${offset}\n`);
    step("+0");
    const serve = [builtCli(), "serve", "--config", at("config.json"), "--no-ui", "--json"];
    const child = spawn(process.execPath, serve, {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: home.folder,
        LD_PRELOAD: programs.faketime ?? "",
        FAKETIME_TIMESTAMP_FILE: at("clock"),
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
        DONT_FAKE_MONOTONIC: "1",
      },
    });
    const watched = watchShunt(child);
    cleanUp(() => {
      child.kill("SIGKILL");
      watched.look("a command");
    });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const events = (name: string) =>
      said.split("\n").filter((line) => line.includes(`"event":"${name}"`)).length;
    await until(() => events("tunnel-up") === 1, `the tunnel (${said})`);
    const client = await connectTcp(port);
    let sent = 0;
    const echo = async (): Promise<void> => {
      client.socket.write("x");
      await client.received(++sent);
    };
    await echo();
    for (const offset of ["+1h", "-1h", "+1d", "-1d", "+0"]) {
      step(offset);
      // Longer than the watch's second, so that it has seen the step.
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      await echo();
    }
    expect([events("tunnel-down"), events("connection-failed"), events("backend-down")]).toEqual([0, 0, 0]);
    // By keepalive alone this would take 45 s.
    server.pauseSessions();
    step("+2h");
    await until(() => events("tunnel-up") === 2, `the rebuilt tunnel (${said})`);
    expect(await client.ended).toBe("ECONNRESET");
    // The steps were real: Shunt's own clock is two hours ahead.
    const [, downAt = ""] = /"event":"tunnel-down".*"time":"([^"]+)"/.exec(said) ?? [];
    expect(Date.parse(downAt) - Date.now()).toBeGreaterThan(3_600_000);
  },
);
