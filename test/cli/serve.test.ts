import { copyFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { plainSecretOf } from "../support/suite-secrets.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { buildBeforeAll, runCli, startCli } from "./built-cli.ts";
import { echoing, isRefused, ready, route, setting, snapshotOf } from "./serve-setting.ts";

cleanUpAfterEach();
buildBeforeAll();

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
    const token = plainSecretOf("API token");
    const pinned = startCli(["serve", "--config", file, "--json"], { SHUNT_TOKEN: token });
    expect(await ready(pinned)).toMatchObject({ token });
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
    expect(cli.stdout()).toMatch(/\nForwarding: (native|JavaScript, without the native addon: .+)\n/);
    const { code, stdout } = await cli.stop();
    expect([code, stdout]).toEqual([0, expect.stringContaining("Stopping:")]);
    expect(stdout).not.toContain("in memory");
  });

  test("says that what is configured in the UI is lost with it where no file was named", async () => {
    const cli = startCli(["serve", "--sandbox"]);
    await until(() => cli.stdout().includes("UI: http"));
    expect(cli.stdout()).toContain(
      "\nConfiguration: in memory, gone when Shunt ends; with --config FILE it is saved\n",
    );
    expect((await cli.stop()).code).toBe(0);
  });

  test("says what it needs where nothing can be written beside its configuration", async () => {
    const { file } = await setting();
    // For any user, root too: no name may be that long, while the configuration's own just fits.
    const long = join(dirname(file), `${"c".repeat(250)}.json`);
    copyFileSync(file, long);
    const { code, stderr } = await runCli(["serve", "--config", long]);
    expect(stderr).toContain("put that in a folder which it may write to.");
    expect(code).toBe(1);
  });

  test("says that it does without the native addon, and why", async () => {
    const { file, port } = await setting();
    const cli = startCli(["serve", "--config", file], { SHUNT_NATIVE: "0" });
    await until(() => cli.stdout().includes("UI: http"));
    expect(cli.stdout()).toMatch(
      /\nForwarding: JavaScript, without the native addon: switched off by SHUNT_NATIVE=0/,
    );
    await echoing(port);
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

  test("saves what the API puts into the file it was started with, one after another", async () => {
    const { file, config, otherPort } = await setting();
    const cli = startCli(["serve", "--config", file, "--json", "--watch"]);
    const running = await ready(cli);
    for (let save = 1; save <= 4; save++) {
      const next = { ...config, routes: [route("s", otherPort, { note: `save ${save}` })] };
      expect((await putConfig(running, next)).status).toBe(200);
      expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(next);
    }
    // The watcher sees the files that were just saved; those are no further changes.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(cli.lines().filter((line) => line["event"] === "config-applied")).toHaveLength(4);
  });

  test.skipIf(!existsSync("/dev/stdin"))(
    "refuses to keep its configuration in a pipe or a device, and leaves that alone (needs /dev/stdin)",
    async () => {
      const { code, stderr } = await runCli(["serve", "--config", "/dev/stdin"]);
      expect(stderr).toContain("/dev/stdin is a pipe or a device");
      expect(code).toBe(1);
      expect(existsSync("/dev/stdin.lock")).toBe(false);
    },
  );

  test("says why a save failed, and what was in force stays in force", async () => {
    const { file, config, port, otherPort } = await setting();
    const cli = startCli(["serve", "--config", file, "--json"]);
    const running = await ready(cli);
    rmSync(file);
    mkdirSync(file);
    const answer = await putConfig(running, { ...config, routes: [route("s", otherPort)] });
    expect(await answer.json()).toMatchObject({ ok: false, failure: { code: "CONFIG_NOT_SAVED" } });
    await echoing(port);
    rmdirSync(file);
    expect((await putConfig(running, { ...config, routes: [route("s", otherPort)] })).status).toBe(200);
    expect(await isRefused(port)).toBe(true);
  });
});

function putConfig({ api, token }: Record<string, unknown>, config: unknown): Promise<Response> {
  return fetch(`${String(api)}/api/config`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${String(token)}`, "Content-Type": "application/json" },
    body: JSON.stringify(config),
  });
}

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
