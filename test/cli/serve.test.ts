import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RouteConfig, ShuntConfig } from "../../app/contract/config.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { cleanUp, cleanUpAfterEach, freePort, until } from "../support/running-engine.ts";
import { startTcpBackend, type TcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";
import { buildBeforeAll, runCli, startCli, type RunningCli } from "./built-cli.ts";

cleanUpAfterEach();
buildBeforeAll();

interface Setting {
  readonly backend: TcpBackend;
  readonly file: string;
  readonly config: ShuntConfig;
  readonly port: number;
  readonly otherPort: number;
  write(config: unknown): void;
}

function route(id: string, port: number, more: Partial<RouteConfig> = {}): RouteConfig {
  return { id, listen: `127.0.0.1:${port}`, transport: "amps", target: "a", ...more };
}

/** A configuration file with the routes `r` and `s`, each on a free port, to a backend that echoes. */
async function setting(): Promise<Setting> {
  const backend = await startTcpBackend({ onConnection: (socket) => socket.pipe(socket) });
  cleanUp(() => backend.close());
  const folder = mkdtempSync(join(tmpdir(), "shunt-serve-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "config.json");
  const [port, otherPort] = [await freePort(), await freePort()];
  const config: ShuntConfig = {
    version: 1,
    tunnels: [],
    backends: [{ id: "a", amps: `tcp://127.0.0.1:${backend.port}` }],
    pools: [],
    routes: [route("r", port), route("s", otherPort)],
  };
  const write = (next: unknown) =>
    writeFileSync(file, typeof next === "string" ? next : JSON.stringify(next));
  write(config);
  return { backend, file, config, port, otherPort, write };
}

function ready(cli: RunningCli): Promise<Record<string, unknown>> {
  return cli.line((line) => line["event"] === "ready");
}

/** Opens a connection through a route and hears its own bytes back. */
async function echoing(port: number) {
  const client = await connectTcp(port);
  const hello = frame('{"c":"logon","client_name":"echo"}');
  client.socket.write(hello);
  expect(await client.received(hello.length)).toEqual(hello);
  return client;
}

async function isRefused(port: number): Promise<boolean> {
  try {
    (await connectTcp(port)).socket.destroy();
    return false;
  } catch {
    return true;
  }
}

function snapshotOf(line: Record<string, unknown>): Promise<Snapshot> {
  return fetch(`${line["api"] as string}/api/snapshot`, {
    headers: { Authorization: `Bearer ${line["token"] as string}` },
  }).then((answer) => answer.json() as Promise<Snapshot>);
}

describe("serve --json", () => {
  test("says first that it is ready, in the shape of the design, and then what happens, a line each", async () => {
    const { file, port, otherPort } = await setting();
    const cli = startCli(["serve", "--config", file, "--json"]);
    const line = await ready(cli);
    expect(cli.lines()[0]).toEqual(line);
    const { token, api } = line as { token: string; api: string };
    expect(line).toEqual({
      event: "ready",
      listeners: [
        { listen: `127.0.0.1:${port}`, state: "listening", routes: ["r"] },
        { listen: `127.0.0.1:${otherPort}`, state: "listening", routes: ["s"] },
      ],
      ui: `${api}/#token=${token}`,
      api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
    });
    expect(await cli.line((one) => one["event"] === "route-listening" && one["route"] === "s")).toMatchObject(
      {
        sequence: expect.any(Number) as number,
        severity: "info",
        message: `s is listening on 127.0.0.1:${otherPort}.`,
      },
    );
    expect((await fetch(`${api}/`)).status).toBe(200);
    expect((await snapshotOf(line)).routes.map((one) => one.state)).toEqual(["listening", "listening"]);
    await echoing(port);
    expect(cli.stderr()).toBe("");
  });

  test("takes its token from SHUNT_TOKEN, and makes one where that is empty", async () => {
    const { file } = await setting();
    const pinned = startCli(["serve", "--config", file, "--json"], { SHUNT_TOKEN: "pinned-token" });
    expect(await ready(pinned)).toMatchObject({ token: "pinned-token" });
    await pinned.stop();
    const empty = startCli(["serve", "--config", file, "--json"], { SHUNT_TOKEN: "" });
    expect((await ready(empty))["token"]).toHaveLength(43);
  });

  test("lists path routes under their one listener, and no route that is off", async () => {
    const { file, config, port, otherPort, write } = await setting();
    const path = (id: string) => ({ id, listen: `127.0.0.1:${port}`, path: `/${id}`, target: "a" });
    write({ ...config, routes: [path("p1"), path("p2"), route("off", otherPort, { enabled: false })] });
    const cli = startCli(["serve", "--config", file, "--json"]);
    expect((await ready(cli))["listeners"]).toEqual([
      { listen: `127.0.0.1:${port}`, state: "listening", routes: ["p1", "p2"] },
    ]);
  });

  test("reports a listener that cannot bind, with its reason, and runs the others", async () => {
    const { file, port, otherPort } = await setting();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, "127.0.0.1", resolve));
    cleanUp(() => new Promise<void>((resolve) => squatter.close(() => resolve())));
    const cli = startCli(["serve", "--config", file, "--json"]);
    const line = await ready(cli);
    expect(line["listeners"]).toEqual([
      {
        listen: `127.0.0.1:${port}`,
        state: "failed",
        routes: ["r"],
        reason: expect.stringContaining(`127.0.0.1:${port} is used by`) as string,
      },
      { listen: `127.0.0.1:${otherPort}`, state: "listening", routes: ["s"] },
    ]);
    await echoing(otherPort);
  });

  test("goes on when whoever reads its output leaves", async () => {
    const { file, port } = await setting();
    const cli = startCli(["serve", "--config", file, "--json"]);
    await ready(cli);
    cli.child.stdout.destroy();
    for (let at = 0; at < 5; at++) {
      const client = await echoing(port);
      client.socket.resetAndDestroy();
    }
    await echoing(port);
    expect(cli.child.exitCode).toBeNull();
  });
});

describe("serve", () => {
  test("tells people where everything is", async () => {
    const { file, port } = await setting();
    const cli = startCli(["serve", "--config", file]);
    await until(() => cli.stdout().includes("UI: http"));
    expect(cli.stdout()).toContain(`127.0.0.1:${port} listening: r\n`);
    expect(cli.stdout()).toMatch(/\nUI: http:\/\/127\.0\.0\.1:\d+\/#token=[A-Za-z0-9_-]{43}\n/);
    const { code, stdout } = await cli.stop();
    expect([code, stdout]).toEqual([0, expect.stringContaining("Stopping:")]);
  });

  test("--no-ui has neither UI nor API, and no token to tell", async () => {
    const { file, port } = await setting();
    const cli = startCli(["serve", "--config", file, "--json", "--no-ui"]);
    expect(Object.keys(await ready(cli)).sort()).toEqual(["event", "listeners"]);
    await echoing(port);
    expect((await cli.stop()).code).toBe(0);
  });

  test("--ui listens where it is told, and a taken address ends it with 1 and the reason", async () => {
    const { file } = await setting();
    const uiPort = await freePort();
    const cli = startCli(["serve", "--config", file, "--json", "--ui", `localhost:${uiPort}`]);
    expect(await ready(cli)).toMatchObject({ api: `http://127.0.0.1:${uiPort}` });
    const { config, write, file: otherFile } = await setting();
    write({ ...config, routes: [] });
    const second = await runCli(["serve", "--config", otherFile, "--ui", String(uiPort)]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`the UI cannot listen: 127.0.0.1:${uiPort} is used by`);
  });

  test.each([
    ["is not valid", '{"version":1,"x":1}', "x: is not a known key here"],
    ["is damaged", '{"version":1,', "(document): is not JSON: line 1, column 14"],
    [
      "needs a variable that is not set",
      '{"version":1,"backends":[{"id":"a","amps":"tcp://${NOPE}:1"}]}',
      "NOPE is not set",
    ],
  ])("ends with 1 where the file %s, and leaves the file as it is", async (_what, text, message) => {
    const { file, write } = await setting();
    write(text);
    const { code, stderr } = await runCli(["serve", "--config", file, "--json"]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("saves what the API puts into the file it was started with", async () => {
    const { file, config, otherPort } = await setting();
    const cli = startCli(["serve", "--config", file, "--json", "--watch"]);
    const { api, token } = (await ready(cli)) as { api: string; token: string };
    const next = { ...config, routes: [route("s", otherPort)] };
    const answer = await fetch(`${api}/api/config`, {
      method: "PUT",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(next),
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(next);
    // The watcher sees the file that was just saved; that is no second change.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(cli.lines().filter((line) => line["event"] === "config-applied")).toHaveLength(1);
  });
});

describe("serve --watch", () => {
  test("applies a changed file, and connections of routes that did not change live on", async () => {
    const { file, config, port, otherPort, write } = await setting();
    const cli = startCli(["serve", "--config", file, "--json", "--watch"]);
    const line = await ready(cli);
    const kept = await echoing(port);
    const added = await freePort();
    write({ ...config, routes: [route("r", port), route("new", added)] });
    await cli.line((one) => one["event"] === "route-listening" && one["route"] === "new");
    await echoing(added);
    await expect(connectTcp(otherPort)).rejects.toThrow("ECONNREFUSED");
    const before = kept.bytes().length;
    kept.socket.write("still here");
    await kept.received(before + "still here".length);
    expect((await snapshotOf(line)).routes.map((one) => one.id)).toEqual(["r", "new"]);
  });

  test("sees a file that an editor puts in the place of the old one", async () => {
    const { file, config, write, port } = await setting();
    const cli = startCli(["serve", "--config", file, "--json", "--watch"]);
    await ready(cli);
    rmSync(file);
    write({ ...config, routes: [route("renamed", port)] });
    await cli.line((one) => one["event"] === "config-applied");
    await echoing(port);
  });

  test("leaves everything as it was where the change is not valid, says why, and takes the next good one", async () => {
    const { file, config, port, otherPort, write } = await setting();
    const cli = startCli(["serve", "--config", file, "--json", "--watch"]);
    await ready(cli);
    const kept = await echoing(port);
    write({ ...config, routes: [{ ...config.routes[0], listen: "nowhere" }] });
    expect(await cli.line((one) => one["event"] === "config-refused")).toMatchObject({
      severity: "error",
      code: "CONFIG_INVALID",
      message: expect.stringContaining('routes[0].listen: "nowhere" is not an address') as string,
    });
    expect(cli.stderr()).toContain("was changed and is not applied:");
    await echoing(otherPort);
    write({ ...config, routes: [route("r", port)] });
    await cli.line((one) => one["event"] === "config-applied");
    await expect(connectTcp(otherPort)).rejects.toThrow("ECONNREFUSED");
    kept.socket.write("x");
    await kept.receivedText("x");
  });

  test("without it a changed file changes nothing", async () => {
    const { file, config, otherPort, write } = await setting();
    const cli = startCli(["serve", "--config", file, "--json"]);
    await ready(cli);
    write({ ...config, routes: [] });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await echoing(otherPort);
  });
});

describe("at SIGTERM", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("it ends with 0 and frees its ports: %s", async (signal) => {
    const { file, port } = await setting();
    const cli = startCli(["serve", "--config", file, "--json"]);
    await ready(cli);
    cli.child.kill(signal);
    const { code, stderr } = await cli.ended;
    expect([code, stderr]).toEqual([0, ""]);
    await expect(connectTcp(port)).rejects.toThrow("ECONNREFUSED");
  });

  test("it takes no new connections, and lets the open ones finish what they are doing", async () => {
    const { file, port } = await setting();
    const cli = startCli(["serve", "--config", file, "--json"]);
    await ready(cli);
    const client = await echoing(port);
    cli.child.kill("SIGTERM");
    await until(() => isRefused(port));
    const before = client.bytes().length;
    client.socket.write("last words");
    await client.received(before + "last words".length);
    expect(cli.child.exitCode).toBeNull();
    client.socket.end();
    const begun = performance.now();
    expect((await cli.ended).code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(await client.ended).toBe("end");
  });

  test("it cuts what is still open after five seconds, with a reset", async () => {
    const { file, port } = await setting();
    const cli = startCli(["serve", "--config", file, "--json"]);
    await ready(cli);
    const client = await echoing(port);
    const begun = performance.now();
    const { code } = await cli.stop();
    expect(code).toBe(0);
    expect(performance.now() - begun).toBeGreaterThan(4_500);
    expect(await client.ended).toBe("ECONNRESET");
  });

  test("a second one ends it at once", async () => {
    const { file, port } = await setting();
    const cli = startCli(["serve", "--config", file]);
    await until(() => cli.stdout().includes("UI: http"));
    await echoing(port);
    cli.child.kill("SIGTERM");
    await until(() => cli.stdout().includes("Stopping:"));
    cli.child.kill("SIGTERM");
    expect((await cli.ended).code).toBe(130);
  });
});
