/** Sixteen secrets go through the real desktop app, right and wrong ones, and are then looked for everywhere. */
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { TunnelConfig } from "../../app/contract/config.ts";
import { root } from "../../scripts/setup/paths.mjs";
import { available, programs } from "../support/available.ts";
import { findCanaries, makeCanaries } from "../support/canaries.ts";
import { startChildServer } from "../support/child-server.ts";
import { launchDesktop, newUserData, removeUserData, type DesktopApp } from "../support/desktop-app.ts";
import { startFakeSshServer } from "../support/fake-ssh-server.ts";
import { giveSecret, nextPrompt } from "../support/prompts.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { makeSshHome, startSshServer } from "../support/ssh-server.ts";

cleanUpAfterEach();

const canaries = makeCanaries(16);
const canary = (at: number): string => canaries[at] ?? "";

test("the search finds a canary in each form, and none where there is none", () => {
  const [one = "", two = ""] = canaries;
  const places = {
    raw: `x${one}x`,
    percent: encodeURIComponent(one),
    form: new URLSearchParams({ secret: one }).toString(),
    json: JSON.stringify({ a: one }),
    nested: JSON.stringify(JSON.stringify({ a: one })),
    basic: Buffer.from(`ops:${one}`).toString("base64"),
    shifted: Buffer.from(`u:${one}`).toString("base64"),
    plain64: Buffer.from(one).toString("base64"),
    utf16: Buffer.from(one, "utf16le"),
    utf16be: Buffer.from(one, "utf16le").swap16(),
  };
  const found = findCanaries([one, two], places);
  expect(new Set(found.map((line) => line.split(" in ")[1]))).toEqual(new Set(Object.keys(places)));
  expect(found.some((line) => line.startsWith("canary 1 "))).toBe(false);
});

async function startConnectProxy(right: string): Promise<number> {
  const wanted = `Basic ${Buffer.from(`ops:${right}`).toString("base64")}`;
  const server = createServer();
  server.on("connect", (request, socket) => {
    socket.on("error", () => undefined);
    if (request.headers["proxy-authorization"] === wanted) socket.end("HTTP/1.1 200 OK\r\n\r\n");
    else socket.end('HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void (server.close(), server.closeAllConnections()));
  return (server.address() as AddressInfo).port;
}

/** Every process of the app: what it was started with is for all to see. */
function commandLines(rootPid: number): string {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const isBelow = (pid: number): boolean => pid === rootPid || (pid > 1 && isBelow(parents.get(pid) ?? 0));
  return [...parents.keys()]
    .filter(isBelow)
    .map((pid) => (existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "latin1") : ""))
    .join("\n");
}

function filesBelow(directory: string): Record<string, Buffer> {
  const found: Record<string, Buffer> = {};
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    const file = path.join(directory, name);
    if (existsSync(file) && statSync(file).isFile()) found[`file ${name}`] = readFileSync(file);
  }
  return found;
}

/** All that the page holds, as its own garbage collector sees it. */
async function heapOf({ page }: DesktopApp): Promise<string> {
  const devtools = await page.context().newCDPSession(page);
  const chunks: string[] = [];
  devtools.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => chunks.push(chunk));
  await devtools.send("HeapProfiler.takeHeapSnapshot");
  return chunks.join("");
}

const usable = available.electron && available.sshd && available.microsocks && process.platform === "linux";

describe.skipIf(!usable)("sixteen secrets (needs Electron, sshd and microsocks)", () => {
  test("are in no file, log, title, page, command line, configuration or snapshot", async () => {
    const home = makeSshHome(canary(2));
    const sshd = await startSshServer({ home });
    const byPassword = await startFakeSshServer({
      methods: ["password"],
      accept: (attempt) => attempt === `password ${canary(5)}`,
    });
    const byCode = await startFakeSshServer({
      methods: ["keyboard-interactive"],
      prompt: "One-time code: ",
      accept: (attempt) => attempt === `keyboard-interactive ${canary(8)}`,
    });
    const byEnvironment = await startFakeSshServer({
      methods: ["password"],
      accept: (attempt) => attempt === `password ${canary(15)}`,
    });
    writeFileSync(
      home.knownHosts,
      [sshd, byPassword, byCode, byEnvironment].map((server) => server.knownHosts()).join(""),
    );
    const socks = await freePort();
    const socksOptions = ["-i", "127.0.0.1", "-p", String(socks), "-u", "ops", "-P", canary(11)];
    await startChildServer(programs.microsocks ?? "", socksOptions, socks);
    const proxy = await startConnectProxy(canary(14));

    const ssh = (id: string, port: number, user = "ops", more: object = {}): TunnelConfig => ({
      id,
      type: "ssh",
      address: `127.0.0.1:${port}`,
      user,
      ...more,
    });
    const noKey = { identityFile: "/nowhere/key" };
    const tunnels: readonly TunnelConfig[] = [
      ssh("key", sshd.port, sshd.user),
      ssh("password", byPassword.port, "ops", noKey),
      ssh("code", byCode.port, "ops", noKey),
      ssh("environment", byEnvironment.port, "ops", noKey),
      { id: "socks", type: "socks5", address: `127.0.0.1:${socks}`, user: "ops" },
      { id: "proxy", type: "http-connect", address: `127.0.0.1:${proxy}`, user: "ops" },
    ];
    const userData = newUserData();
    const desktop = await launchDesktop({
      userData,
      env: {
        HOME: home.folder,
        SHUNT_TEST_KEYCHAIN: path.join(home.folder, "keychain"),
        SHUNT_SECRET_ENVIRONMENT: canary(15),
      },
      preload: path.join(root, "test/support/fake-keychain.cjs"),
    });
    cleanUp(async () => {
      await desktop.quit();
      removeUserData(userData);
    });
    const output: Buffer[] = [];
    for (const stream of [desktop.child.stdout, desktop.child.stderr])
      stream?.on("data", (chunk: Buffer) => output.push(chunk));
    const { revision } = await desktop.call("config.get", null);
    await desktop.call("config.put", {
      revision,
      config: {
        version: 1,
        tunnels,
        backends: tunnels.map(({ id }) => ({
          id: `b-${id}`,
          via: id,
          replication: `tcp://127.0.0.1:${proxy}`,
        })),
        pools: [],
        routes: [],
      },
    });

    const titles: string[] = [];
    const noteTitles = async () => {
      titles.push(
        ...(await desktop.app.evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows().map((one) => `${one.getTitle()} ${one.webContents.getURL()}`),
        )),
      );
    };
    const test_ = (id: string) =>
      void desktop.call("backend.test", { id: `b-${id}`, run: `run-${id}` }).catch(() => undefined);
    const isUp = (id: string) =>
      until(async () => {
        const { tunnels: rows } = await desktop.call("snapshot.get", null);
        return rows.some((row) => row.id === id && row.state === "up");
      }, `tunnel ${id} up`);
    const logOn = async (id: string, words: RegExp, from: number, again: boolean) => {
      test_(id);
      for (const at of [from, from + 1, from + 2]) {
        const asks = at === from || id === "code" ? words : /was not accepted/;
        await nextPrompt(desktop, asks);
        await noteTitles();
        await giveSecret(desktop, asks, canary(at), id !== "code" && at % 2 === 0);
        // A proxy is asked anew by the next connection, an SSH server by the next attempt.
        if (again && at < from + 2) {
          await until(async () => {
            const { tunnels: rows } = await desktop.call("snapshot.get", null);
            return rows.some((row) => row.id === id && row.state === "down");
          }, `the refusal of ${id}`);
          test_(id);
        }
      }
      await isUp(id);
    };
    await logOn("key", /Passphrase of/, 0, false);
    await logOn("password", /Password for/, 3, false);
    await logOn("code", /One-time code:/, 6, false);
    await logOn("socks", /Password for/, 9, true);
    await logOn("proxy", /Password for/, 12, true);
    test_("environment");
    await isUp("environment");
    await until(async () =>
      (await desktop.call("secrets.list", null)).some(({ kept }) => kept === "keychain"),
    );
    await desktop.page
      .getByRole("button", { name: /^Activity/ })
      .first()
      .click();
    await noteTitles();

    const text = async (
      name: "activity.list" | "snapshot.get" | "config.get" | "secrets.list" | "history.get",
    ) => JSON.stringify(await desktop.call(name, null));
    const places = {
      ...filesBelow(userData),
      activity: await text("activity.list"),
      snapshot: await text("snapshot.get"),
      config: await text("config.get"),
      kept: await text("secrets.list"),
      history: await text("history.get"),
      page: await desktop.page.content(),
      "page's storage": await desktop.page.evaluate(() =>
        JSON.stringify({ ...localStorage, ...sessionStorage }),
      ),
      "page's heap": await heapOf(desktop),
      titles: titles.join("\n"),
      "command lines": commandLines(desktop.child.pid ?? 0),
      output: Buffer.concat(output),
    };
    // What was looked through is what it says.
    expect(Object.keys(places)).toEqual(expect.arrayContaining(["file config.json", "file secrets.json"]));
    expect(places["command lines"]).toContain("--type=renderer");
    expect(places["page's heap"]).toContain("b-socks");
    expect(places.titles).toMatch(/Password for .* shunt:\/\/prompt\//);
    expect(findCanaries(canaries, places)).toEqual([]);
  });
});
