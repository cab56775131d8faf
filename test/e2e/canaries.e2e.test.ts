/**
 * Secrets, right and wrong ones, go through the real desktop app, and are looked for everywhere. Then they are leaked on purpose into
 * each place of it, and of a headless Shunt: they are found where every other test looks (test/support/watched-desktop.ts).
 */
import type * as childProcess from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { TunnelConfig } from "../../app/contract/config.ts";
import { root } from "../../scripts/setup/paths.mjs";
import { available, programs } from "../support/available.ts";
import { startChildServer } from "../support/child-server.ts";
import { launchDesktop, newUserData, removeUserData, type DesktopApp } from "../support/desktop-app.ts";
import { startFakeSshServer } from "../support/fake-ssh-server.ts";
import { giveSecret, nextPrompt } from "../support/prompts.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { configure, openWindow } from "../support/galvanometer-app.ts";
import { serveHeadless } from "../support/headless-app.ts";
import type { SecretKind } from "../support/secret-kinds.ts";
import { findSecrets, leakOnPurpose } from "../support/secret-search.ts";
import { makeSshHome, startSshServer } from "../support/ssh-server.ts";
import { plainSecretOf, secretOf } from "../support/suite-secrets.ts";

cleanUpAfterEach();

/** What is typed in turn: two that are wrong, and the right one. */
const typed = (kind: SecretKind) => ["a", "b", ""].map((which) => secretOf(kind, which));

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

/** All that the page holds, as its own garbage collector sees it. */
async function heapOf({ page }: DesktopApp): Promise<string> {
  const devtools = await page.context().newCDPSession(page);
  const chunks: string[] = [];
  devtools.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => chunks.push(chunk));
  await devtools.send("HeapProfiler.takeHeapSnapshot");
  return chunks.join("");
}

const usable = available.electron && available.sshd && available.microsocks && process.platform === "linux";

describe.skipIf(!usable)("secrets (needs Electron, sshd and microsocks)", () => {
  test("are in no file, log, title, page, command line, configuration or snapshot", async () => {
    const home = makeSshHome(secretOf("passphrase"));
    const sshd = await startSshServer({ home });
    const byPassword = await startFakeSshServer({
      methods: ["password"],
      accept: (attempt) => attempt === `password ${secretOf("SSH password")}`,
    });
    const byCode = await startFakeSshServer({
      methods: ["keyboard-interactive"],
      prompt: "One-time code: ",
      accept: (attempt) => attempt === `keyboard-interactive ${secretOf("one-time code")}`,
    });
    const byEnvironment = await startFakeSshServer({
      methods: ["password"],
      accept: (attempt) => attempt === `password ${secretOf("environment secret")}`,
    });
    writeFileSync(
      home.knownHosts,
      [sshd, byPassword, byCode, byEnvironment].map((server) => server.knownHosts()).join(""),
    );
    const socks = await freePort();
    const socksOptions = [
      "-i",
      "127.0.0.1",
      "-p",
      String(socks),
      "-u",
      "ops",
      "-P",
      secretOf("SOCKS password"),
    ];
    await startChildServer(programs.microsocks ?? "", socksOptions, socks);
    const proxy = await startConnectProxy(secretOf("CONNECT password"));

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
    const operatorsOwn = `operators-own-${randomUUID()}`;
    const userData = newUserData();
    const desktop = await launchDesktop({
      userData,
      env: {
        HOME: home.folder,
        SHUNT_TEST_KEYCHAIN: path.join(home.folder, "keychain"),
        SHUNT_SECRET_ENVIRONMENT: secretOf("environment secret"),
        SHUNT_TEST_PORT: String(proxy),
        SHUNT_TEST_OPERATOR: operatorsOwn,
      },
      preload: path.join(root, "test/support/fake-keychain.cjs"),
    });
    cleanUp(async () => {
      await desktop.quit();
      removeUserData(userData);
    });
    const { revision } = await desktop.call("config.get", null);
    await desktop.call("config.put", {
      revision,
      config: {
        version: 1,
        tunnels,
        backends: tunnels.map(({ id }) => ({
          id: `b-${id}`,
          via: id,
          replication: "tcp://127.0.0.1:${SHUNT_TEST_PORT}",
        })),
        pools: [],
        routes: [],
      },
    });

    const test_ = (id: string) =>
      void desktop.call("backend.test", { id: `b-${id}`, run: `run-${id}` }).catch(() => undefined);
    const isUp = (id: string) =>
      until(async () => {
        const { tunnels: rows } = await desktop.call("snapshot.get", null);
        return rows.some((row) => row.id === id && row.state === "up");
      }, `tunnel ${id} up`);
    const logOn = async (id: string, words: RegExp, kind: SecretKind, again: boolean) => {
      test_(id);
      for (const [at, secret] of typed(kind).entries()) {
        const asks = at === 0 || id === "code" ? words : /was not accepted/;
        await nextPrompt(desktop, asks);
        await giveSecret(desktop, asks, secret, id !== "code" && at % 2 === 0);
        // A proxy is asked anew by the next connection, an SSH server by the next attempt.
        if (again && at < 2) {
          await until(async () => {
            const { tunnels: rows } = await desktop.call("snapshot.get", null);
            return rows.some((row) => row.id === id && row.state === "down");
          }, `the refusal of ${id}`);
          test_(id);
        }
      }
      await isUp(id);
    };
    await logOn("key", /Passphrase of/, "passphrase", false);
    await logOn("password", /Password for/, "SSH password", false);
    await logOn("code", /One-time code:/, "one-time code", false);
    await logOn("socks", /Password for/, "SOCKS password", true);
    await logOn("proxy", /Password for/, "CONNECT password", true);
    test_("environment");
    await isUp("environment");
    await until(async () =>
      (await desktop.call("secrets.list", null)).some(({ kept }) => kept === "keychain"),
    );
    await desktop.page
      .getByRole("button", { name: /^Activity/ })
      .first()
      .click();
    const text = async (name: "config.get" | "secrets.list") =>
      JSON.stringify(await desktop.call(name, null));
    const heap = await heapOf(desktop);
    expect(heap).toContain("b-socks");
    // Of the operator's environment the main process and its children have everything, a page's process nothing.
    const inherited = await desktop.app.evaluate(() => {
      const { execFileSync } = process.mainModule?.require("node:child_process") as typeof childProcess;
      return [
        process.env["SHUNT_TEST_OPERATOR"],
        execFileSync("printenv", ["SHUNT_TEST_OPERATOR"], { encoding: "utf8" }),
      ];
    });
    expect(inherited).toEqual([operatorsOwn, `${operatorsOwn}\n`]);
    expect(heap).not.toContain(operatorsOwn);
    // The rest is looked through at the app's end, as for every test.
    expect(
      findSecrets({
        config: await text("config.get"),
        kept: await text("secrets.list"),
        "page's storage": await desktop.page.evaluate(() =>
          JSON.stringify({ ...localStorage, ...sessionStorage }),
        ),
        "page's heap": heap,
      }),
    ).toEqual([]);
  });

  test("that leak are found: in files, output, pages, titles, command lines, and in what the engine tells", async () => {
    const page = createServer((_request, response) => response.end("an instance"));
    await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (page.close(), page.closeAllConnections()));
    const userData = newUserData();
    const desktop = await launchDesktop({ userData });
    const admin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const id = plainSecretOf("one-time code");
    await configure(desktop, [{ id, admin, label: secretOf("imported password") }]);
    await openWindow(desktop, id);
    await desktop.page.evaluate((secret) => {
      console.log(secret);
      document.body.title = secret;
    }, secretOf("cookie"));
    writeFileSync(path.join(userData, "crash"), Buffer.from(secretOf("private key"), "utf16le"));
    const header = Buffer.from(`ops:${secretOf("Proxy-Authorization")}`).toString("base64");
    await desktop.app.evaluate(({ app }, secret) => {
      const { spawn } = process.mainModule?.require("node:child_process") as typeof childProcess;
      const child = spawn("sh", ["-c", "read held", secret]);
      app.once("will-quit", () => child.kill());
    }, header);
    await desktop.quit();
    const found = await leakOnPurpose(() => removeUserData(userData));
    for (const line of [
      "end of a desktop app",
      "cookie as raw in stderr",
      "Proxy-Authorization as base64 in command lines",
      "one-time code as text in activity",
      "one-time code as text in snapshot",
      "cookie as text in page 0",
      "imported password as raw in titles",
      "imported password as JSON in file config.json",
      "private key as UTF-16 in file crash",
      "end of a Galvanometer window: imported password as raw in titles",
    ])
      expect(found).toContain(line);
  });

  test("that leak from a headless Shunt are found in its output and its files", async () => {
    const headless = await serveHeadless({
      version: 1,
      backends: [{ id: plainSecretOf("environment secret"), amps: "tcp://127.0.0.1:9" }],
      routes: [
        {
          id: plainSecretOf("API token"),
          listen: await freePort(),
          transport: "amps",
          target: plainSecretOf("environment secret"),
        },
      ],
    });
    const found = await leakOnPurpose(async () => void (await headless.stop()));
    for (const kind of ["API token", "environment secret"])
      for (const place of ["stdout", "file config.json"])
        expect(found).toContain(`${kind} as text in ${place}`);
  });
});
