/** The packed app: made as by `npm run package -- --linux dir`, started as an operator's desktop would start it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import { FuseState } from "@electron/fuses/dist/constants.js";
import { WebSocket } from "ws";
import { nativeTools } from "../../scripts/build-native.mjs";
import { pack } from "../../scripts/package.mjs";
import { run } from "../../scripts/setup/child.mjs";
import { available, electron } from "../support/available.ts";
import { ensureBuilt } from "../support/built.ts";
import { until } from "../support/running-engine.ts";
import { newSigningKey } from "../support/update-feed.ts";

/** reliability 2.5: what the program refuses, whatever its arguments and environment say. */
const ordered = {
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  GrantFileProtocolExtraPrivileges: false,
} as const;

const majorOfElectron = Number.parseInt(electron?.version ?? "0", 10);

describe.skipIf(!available.electron || process.platform !== "linux")("the packed app", () => {
  const feed = "https://updates.example.com/shunt/stable.feed";
  const work = mkdtempSync(join(tmpdir(), "shunt-package-"));
  const unpacked = join(work, "linux-unpacked");
  const userData = join(work, "user-data");
  let app: ChildProcess | undefined;
  let page: Target | undefined;

  beforeAll(async () => {
    const updates = join(work, "updates.json");
    writeFileSync(
      updates,
      JSON.stringify({ feed, channel: "stable", publicKeys: [newSigningKey().publicKey] }),
    );
    await ensureBuilt();
    const extra = ["--linux", "dir", `-c.directories.output=${work}`];
    const packing = await pack({ updatesFile: updates, extra }, run);
    expect(packing.code, packing.output).toBe(0);
  }, 180_000);

  afterAll(async () => {
    if (app && app.exitCode === null && app.signalCode === null) {
      app.kill("SIGKILL");
      await once(app, "exit");
    }
    rmSync(work, { recursive: true, force: true });
  });

  test("holds one program and one archive, and no loader of another app", () => {
    expect(existsSync(join(unpacked, "shunt"))).toBe(true);
    // What the system itself must load, the native mover, lies beside the archive.
    expect(readdirSync(join(unpacked, "resources")).sort()).toEqual(
      "missing" in nativeTools() ? ["app.asar"] : ["app.asar", "app.asar.unpacked"],
    );
  });

  test("has its fuses burnt as they were ordered", async () => {
    const wire = await getCurrentFuseWire(join(unpacked, "shunt"));
    const burnt = Object.fromEntries(
      Object.keys(ordered).map((name) => [name, wire[FuseV1Options[name as keyof typeof ordered]]]),
    );
    // An Electron before 29, which only serves tests, has no such fuse to burn.
    const wanted = Object.entries(ordered).filter(
      ([name]) => name !== "GrantFileProtocolExtraPrivileges" || majorOfElectron >= 29,
    );
    expect(wanted.length).toBeGreaterThanOrEqual(6);
    expect(burnt).toMatchObject(
      Object.fromEntries(wanted.map(([name, on]) => [name, on ? FuseState.ENABLE : FuseState.DISABLE])),
    );
  });

  test("opens its window, drawn from the archive", async () => {
    app = spawn(join(unpacked, "shunt"), [...switches(), "--remote-debugging-port=0"], {
      env: environment(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    const address = new URL(await debuggerAddress(app));
    page = await until(async () => (await targets(address)).find((target) => target.type === "page"));
    expect(page.url).toMatch(/^app:\/\/shunt\//);
    const shown = page;
    await until(
      async () => /Try the sandbox/.test(await evaluate(shown, "document.body.innerText")),
      "the first screen",
    );
    expect(await evaluate(shown, "document.title")).toContain("Shunt");
  });

  test.skipIf("missing" in nativeTools())(
    "forwards with the native mover, on the engine's thread",
    async () => {
      const about = await evaluate(
        page!,
        'window.shunt.call("about.get", null).then((reply) => JSON.stringify(reply))',
      );
      expect(JSON.parse(about)).toMatchObject({
        ok: true,
        value: { forwarding: { native: true, why: null } },
      });
    },
  );

  test("asks for updates where it was packed to, and has not asked yet", async () => {
    const status = await evaluate(
      page!,
      'window.shunt.call("update.status", null).then((reply) => JSON.stringify(reply))',
    );
    expect(JSON.parse(status)).toMatchObject({
      ok: true,
      value: { feed, channel: "stable", daily: false, askedAt: null },
    });
  });

  test("is not a Node for whoever sets ELECTRON_RUN_AS_NODE, and opens no inspector", () => {
    const env = { ...environment(), ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: "--require=/nonexistent.cjs" };
    const args = [...switches(), "--inspect=0", "-e", "process.exit(42)"];
    const second = spawnSync(join(unpacked, "shunt"), args, { env, encoding: "utf8", timeout: 20_000 });
    expect(second.error).toBeUndefined();
    // A second instance of the app hands over to the first and ends; a Node would end with 42 or not find the module.
    expect(second.status, second.stderr).toBe(0);
    expect(second.stderr).not.toContain("Debugger listening");
  });

  function switches(): string[] {
    return ["--disable-gpu", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
  }

  function environment(): NodeJS.ProcessEnv {
    return { ...process.env, SHUNT_USER_DATA: userData };
  }
});

/** Chromium names its debugging address on standard error once it listens. */
function debuggerAddress(app: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    app.stderr?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (address !== undefined) resolve(address);
    });
    app.once("exit", () => reject(new Error(`the packed app ended before its window opened:\n${output}`)));
  });
}

interface Target {
  readonly type: string;
  readonly url: string;
  readonly webSocketDebuggerUrl: string;
}

/** With the fuses set there is no inspector for Playwright's Electron; Chromium's own debugging port is left. */
async function targets(address: URL): Promise<readonly Target[]> {
  const answer = await fetch(`http://${address.host}/json/list`);
  return (await answer.json()) as readonly Target[];
}

/** The value of an expression in the page, as text. */
async function evaluate(target: Target, expression: string): Promise<string> {
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  try {
    await once(socket, "open");
    socket.send(
      JSON.stringify({
        id: 1,
        method: "Runtime.evaluate",
        params: { expression, returnByValue: true, awaitPromise: true },
      }),
    );
    const [data] = (await once(socket, "message")) as [Buffer];
    const answer = JSON.parse(data.toString()) as { result?: { result?: { value?: string } } };
    return answer.result?.result?.value ?? "";
  } finally {
    socket.close();
  }
}
