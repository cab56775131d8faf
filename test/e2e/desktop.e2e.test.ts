/** The real Electron app: what its window is, what its page may not do, and how it comes and goes. */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ShellSettings } from "../../app/contract/bridge.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { root } from "../../scripts/setup/paths.mjs";
import { available, electron } from "../support/available.ts";
import {
  desktopEnvironment,
  electronArguments,
  inMain,
  launchDesktop,
  newUserData,
  removeUserData,
  type DesktopApp,
} from "../support/desktop-app.ts";
import { until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type TcpBackend } from "../support/tcp-backend.ts";

const pictures = path.join(root, "test-results/desktop");

let userData: string;
let desktop: DesktopApp | null = null;

async function launch(env: Readonly<Record<string, string>> = {}): Promise<DesktopApp> {
  desktop = await launchDesktop({ userData, env });
  return desktop;
}

/** What Shunt has logged so far; it makes the file at its first line. */
function readLog(): string {
  const file = path.join(userData, "logs/shunt.log");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

const windowFacts = (from: DesktopApp) =>
  from.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    if (!window) return null;
    return { bounds: window.getNormalBounds(), visible: window.isVisible(), maximised: window.isMaximized() };
  });

/** Answers every message box with the button of this number, and tells what was asked. */
async function answerQuestions(
  from: DesktopApp,
  response: number,
): Promise<() => Promise<readonly string[]>> {
  await from.app.evaluate(({ dialog }, button) => {
    const asked: string[] = [];
    (globalThis as { asked?: string[] }).asked = asked;
    dialog.showMessageBox = (...parameters: unknown[]) => {
      asked.push((parameters.at(-1) as { message: string }).message);
      return Promise.resolve({ response: button, checkboxChecked: false });
    };
  }, response);
  return () => from.app.evaluate(() => (globalThis as { asked?: string[] }).asked ?? []);
}

/** Runs a script in the window's page, past Playwright. */
const inPage = (app: DesktopApp["app"], script: string): Promise<unknown> =>
  app.evaluate(
    ({ BrowserWindow }, code) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code),
    script,
  );

const settingsOf = (page: DesktopApp["page"]) =>
  page.evaluate(
    () => new Promise<ShellSettings | undefined>((resolve) => window.shunt?.shell?.onSettings(resolve)),
  );

const closeWindow = (from: DesktopApp) =>
  inMain(from.app, ({ BrowserWindow }) => void setImmediate(() => BrowserWindow.getAllWindows()[0]?.close()));

const wishToQuit = (from: DesktopApp) => inMain(from.app, ({ app }) => void setImmediate(() => app.quit()));

describe.skipIf(!available.electron)("the desktop app", () => {
  beforeAll(() => {
    const built = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: root, encoding: "utf8" });
    expect(built.status, built.stdout + built.stderr).toBe(0);
    mkdirSync(pictures, { recursive: true });
  });
  beforeEach(() => (userData = newUserData()));
  afterEach(async () => {
    await desktop?.kill();
    desktop = null;
    removeUserData(userData);
  });

  describe("opens", () => {
    test("its window on its own scheme, with the UI in it and nothing wrong on the console", async () => {
      const wrong: string[] = [];
      const { page, app } = await launch();
      page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
      page.on("pageerror", (error) => wrong.push(error.message));
      await page.reload();
      await page.getByText("Try the sandbox").waitFor();
      expect(page.url()).toBe("app://shunt/");
      expect(wrong).toEqual([]);
      expect(await app.evaluate(({ app: electronApp }) => electronApp.getName())).toBe("Shunt");
      await page.screenshot({ path: path.join(pictures, "first-run.png") });
    });

    test("with a menu whose wishes reach the page", async () => {
      const { app, page } = await launch();
      await page.getByText("Try the sandbox").waitFor();
      const click = (label: string) =>
        app.evaluate(({ Menu }, wanted) => {
          const items = Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items ?? []) ?? [];
          items.find((item) => item.label === wanted)?.click();
        }, label);
      await click("Settings");
      await page.getByRole("heading", { name: "Appearance" }).waitFor();
      await click("New route…");
      await page.getByRole("dialog").waitFor();
      await page.screenshot({ path: path.join(pictures, "menu-new-route.png") });
    });

    test("in the theme that its menu was told, at once", async () => {
      const { app, page } = await launch();
      await page.getByText("Try the sandbox").waitFor();
      const choose = (label: string) =>
        app.evaluate(({ Menu }, wanted) => {
          const items = Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items ?? []) ?? [];
          items
            .find((item) => item.label === "Theme")
            ?.submenu?.items.find((item) => item.label === wanted)
            ?.click();
        }, label);
      const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await choose("Light");
      await until(async () => (await colour()) === "rgb(239, 241, 239)", "the light page");
      await choose("Dark");
      await until(async () => (await colour()) === "rgb(21, 25, 24)", "the dark page");
      expect(await settingsOf(page)).toMatchObject({ theme: "dark" });
      // What the window is painted with before its page: the same, or it would flash.
      expect(
        await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBackgroundColor()),
      ).toBe("#151918");
    });

    test("and keeps a wish for a page that does not listen yet", async () => {
      const { app, page } = await launch();
      await page.getByText("Try the sandbox").waitFor();
      await app.evaluate(({ BrowserWindow, Menu }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        const items = Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items ?? []) ?? [];
        contents?.once("did-start-loading", () => items.find((item) => item.label === "Settings")?.click());
        setImmediate(() => contents?.reload());
      });
      // Asked past Playwright, which can miss that a page was reloaded by its own window.
      await until(() => inPage(app, "document.body.innerText.includes('Appearance')"), "the settings");
    });

    test("once: a second start shows the first window and ends", async () => {
      const { app } = await launch();
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
      const second = spawnSync(electron?.path ?? "", electronArguments(), {
        env: desktopEnvironment({ userData }),
        encoding: "utf8",
        timeout: 30_000,
      });
      expect(second.status).toBe(0);
      expect(second.stdout).toContain("Shunt is already running");
      const first = desktop as DesktopApp;
      await until(async () => (await windowFacts(first))?.visible, "the first window to be shown");
    });
  });

  describe("hardens its page", () => {
    let foreign: { url: string; hits: string[]; close: () => void };

    beforeAll(async () => {
      const hits: string[] = [];
      const server = createServer((request, response) => {
        hits.push(request.url ?? "");
        response.setHeader("Content-Type", "text/html").setHeader("Access-Control-Allow-Origin", "*");
        response.end("<!doctype html><title>foreign</title>");
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      foreign = { url: `http://127.0.0.1:${port}/`, hits, close: () => server.close() };
    });
    afterAll(() => foreign.close());
    beforeEach(() => foreign.hits.splice(0));

    test("no Node, no Electron, and of Shunt only the contract's bridge", async () => {
      const { page } = await launch();
      const found = await page.evaluate(() => ({
        names: [
          "require",
          "process",
          "module",
          "Buffer",
          "global",
          "__dirname",
          "ipcRenderer",
          "electron",
        ].filter((name) => name in window),
        bridge: Object.keys(window.shunt ?? {}).sort(),
        shell: Object.keys(window.shunt?.shell ?? {}).sort(),
      }));
      expect(found).toEqual({
        names: [],
        bridge: ["call", "onEvent", "onLink", "shell"],
        shell: [
          "copyText",
          "getStartAtLogin",
          "onSettings",
          "onWish",
          "openRoute",
          "platform",
          "saveFiles",
          "setRouteMuted",
          "setStartAtLogin",
          "setTheme",
        ],
      });
    });

    test("its window took the settings that isolate it", async () => {
      const { app } = await launch();
      const preferences = await app.evaluate(({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
          getLastWebPreferences(): Record<string, unknown>;
        };
        return contents.getLastWebPreferences();
      });
      expect(preferences).toMatchObject({
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        contextIsolation: true,
        sandbox: true,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
      });
    });

    test("no navigation, by address or by link", async () => {
      const { app, page } = await launch();
      // Not by Playwright's evaluate: it waits for a navigation that its own call begins, and these never come.
      for (const url of [foreign.url, "file:///etc/passwd", "data:text/html,x", "mailto:a@b.c"])
        await inPage(app, `void (location.href = ${JSON.stringify(url)})`);
      await inPage(
        app,
        `const link = document.createElement("a"); link.href = ${JSON.stringify(`${foreign.url}link`)}; ` +
          `document.body.append(link); link.click();`,
      );
      await until(() => readLog().split(" prevented\n").length > 3, "the refusals in the log");
      expect(await inPage(app, "location.href")).toBe("app://shunt/");
      expect(page.url()).toBe("app://shunt/");
      expect(foreign.hits).toEqual([]);
    });

    test("no popup", async () => {
      const { page, app } = await launch();
      expect(await page.evaluate((url) => window.open(url) === null, foreign.url)).toBe(true);
      expect(app.windows()).toHaveLength(1);
      expect(foreign.hits).toEqual([]);
    });

    test("no permission", async () => {
      const { page } = await launch();
      const answers = await page.evaluate(async () => {
        const outcome = (promise: Promise<unknown>) =>
          promise.then(
            () => "granted",
            (error: Error) => error.name,
          );
        return {
          notification: await Notification.requestPermission(),
          camera: (await navigator.permissions.query({ name: "camera" })).state,
          screen: await outcome(navigator.mediaDevices.getDisplayMedia()),
          clipboard: await outcome(navigator.clipboard.readText()),
          place: await outcome(
            new Promise((resolve, reject) =>
              navigator.geolocation.getCurrentPosition(resolve, (error) =>
                reject(new DOMException(error.message, "NotAllowedError")),
              ),
            ),
          ),
          query: (await navigator.permissions.query({ name: "geolocation" })).state,
        };
      });
      expect(answers).toEqual({
        notification: "denied",
        camera: "denied",
        screen: expect.stringMatching(/NotAllowedError|NotSupportedError|InvalidStateError/),
        clipboard: "NotAllowedError",
        place: "NotAllowedError",
        query: "denied",
      });
    });

    test("no foreign script, style, picture, frame or connection, and no HTML from text", async () => {
      const { page } = await launch();
      const refused = await page.evaluate(async (url) => {
        const directives = new Set<string>();
        document.addEventListener("securitypolicyviolation", (event) =>
          directives.add(event.effectiveDirective),
        );
        const outcomes: string[] = [];
        const add = (tag: string, attributes: Record<string, string>) => {
          const element = document.createElement(tag);
          try {
            for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
          } catch {
            outcomes.push(tag);
          }
          document.body.append(element);
        };
        add("img", { src: `${url}picture` });
        add("link", { rel: "stylesheet", href: `${url}style` });
        add("object", { data: `${url}object` });
        await fetch(`${url}fetch`).catch(() => outcomes.push("fetch"));
        for (const [what, attempt] of [
          ["innerHTML", () => (document.body.innerHTML += "<img src=x onerror=alert(1)>")],
          ["script", () => (document.createElement("script").src = `${url}script`)],
        ] as const)
          try {
            attempt();
          } catch {
            outcomes.push(what);
          }
        // From a timer, since what a debugger evaluates may itself evaluate.
        await new Promise<void>((resolve) =>
          setTimeout(() => {
            try {
              (0, eval)("1");
            } catch {
              outcomes.push("eval");
            }
            resolve();
          }),
        );
        add("iframe", { src: `${url}frame` });
        await new Promise((resolve) => setTimeout(resolve, 500));
        return { directives: [...directives].sort(), outcomes };
      }, foreign.url);
      expect(refused.outcomes).toEqual(["object", "fetch", "innerHTML", "script", "eval"]);
      expect(refused.directives).toEqual(
        expect.arrayContaining([
          "connect-src",
          "frame-src",
          "img-src",
          "require-trusted-types-for",
          "style-src-elem",
        ]),
      );
      expect(foreign.hits).toEqual([]);
    });

    test("no download", async () => {
      const { page } = await launch();
      await page.evaluate(() => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob(["x"]));
        link.download = "shunt-download.txt";
        document.body.append(link);
        link.click();
      });
      await until(() => readLog().includes("download from"), "the refusal in the log");
    });

    test("no IPC for a page that is not Shunt's, nor for a frame, nor beside the contract", async () => {
      const { app } = await launch();
      const spy = path.join(userData, "spy.cjs");
      writeFileSync(
        spy,
        `const { ipcRenderer, contextBridge } = require("electron");
         const outcome = (promise) => promise.then((value) => "answered " + JSON.stringify(value), (error) => String(error));
         contextBridge.exposeInMainWorld("spy", {
           invoke: (channel, payload) => outcome(ipcRenderer.invoke(channel, payload)),
           sync: (channel) => { try { return String(ipcRenderer.sendSync(channel)); } catch (error) { return String(error); } },
         });`,
      );
      const outcomes = await app.evaluate(
        async ({ BrowserWindow }, { preload, url }) => {
          const found: Record<string, string[]> = {};
          for (const page of [url, "app://shunt/"]) {
            const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
            await window.loadURL(page);
            found[page] = await window.webContents.executeJavaScript(
              `Promise.all([
                spy.invoke("shunt:call", { name: "config.get", argument: null }),
                spy.invoke("shunt:shell", { do: "get-settings" }),
                spy.invoke("electron-store-get-data"),
              ])`,
            );
            window.destroy();
          }
          return found;
        },
        { preload: spy, url: foreign.url },
      );
      // Even Shunt's own page is refused in a window that Shunt did not open.
      for (const answers of Object.values(outcomes)) {
        expect(answers[0]).toContain("shunt:call refused");
        expect(answers[1]).toContain("shunt:shell refused");
        expect(answers[2]).toContain("No handler registered");
      }
      expect(readLog()).toContain("IPC shunt:call refused: it does not come from a window of Shunt");
      const listening = await app.evaluate(({ ipcMain }) => ipcMain.eventNames().map(String));
      expect(listening.filter((name) => name !== "error")).toEqual([]);
    });

    test("bad payloads over the bridge are refused and change nothing", async () => {
      const { page, call } = await launch();
      const answers = await page.evaluate(async () => {
        const shunt = window.shunt as unknown as {
          call(name: unknown, argument: unknown): Promise<{ ok: boolean; failure?: { code: string } }>;
        };
        const codes: (string | undefined)[] = [];
        for (const [name, argument] of [
          ["no.such.command", null],
          ["__proto__", null],
          ["config.put", { config: 1 }],
          ["config.put", null],
          [{}, null],
          [null, null],
          ["x".repeat(1000), null],
        ] as const)
          codes.push((await shunt.call(name, argument)).failure?.code);
        return codes;
      });
      expect(answers).toEqual([
        "UNKNOWN_COMMAND",
        "UNKNOWN_COMMAND",
        "BAD_ARGUMENT",
        "BAD_ARGUMENT",
        "INTERNAL",
        "INTERNAL",
        "INTERNAL",
      ]);
      expect((await call("config.get", null)).config.routes).toEqual([]);
    });
  });

  test("a route's page is opened by the route's name, in the system's browser, and nothing else is", async () => {
    const { app, page, call } = await launch();
    await app.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      const openExternal = async (url: string) => void opened.push(url);
      Object.defineProperty(shell, "openExternal", { value: openExternal });
    });
    const { config, revision } = await call("config.get", null);
    const port = await freePort();
    const target = { target: "b", enabled: false } as const;
    const wanted: ShuntConfig = {
      ...config,
      backends: [{ id: "b", amps: "tcp://127.0.0.1:9", admin: "http://127.0.0.1:9" }],
      routes: [
        { id: "page", listen: `127.0.0.1:${port}`, path: "/b", ...target },
        { id: "raw", listen: `127.0.0.1:${await freePort()}`, transport: "amps", ...target },
      ],
    };
    await call("config.put", { config: wanted, revision });
    const outcome = (id: string) =>
      page.evaluate(async (name) => {
        const reply = await window.shunt?.shell?.openRoute(name);
        return reply?.ok === false ? reply.failure.code : reply?.ok;
      }, id);
    expect([await outcome("page"), await outcome("raw"), await outcome("http://127.0.0.1/")]).toEqual([
      true,
      "NOT_POSSIBLE_HERE",
      "NOT_FOUND",
    ]);
    const opened = await app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
    expect(opened).toEqual([`http://127.0.0.1:${port}/b/`]);
  });

  describe("remembers", () => {
    test("where its window was, its theme, and what is muted", async () => {
      const first = await launch();
      await first.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.setBounds({ x: 120, y: 90, width: 1000, height: 700 }),
      );
      await first.page.evaluate(async () => {
        await window.shunt?.shell?.setTheme("dark");
        await window.shunt?.shell?.setRouteMuted("orders", true);
      });
      await first.quit();
      const second = await launch();
      expect((await windowFacts(second))?.bounds).toEqual({ x: 120, y: 90, width: 1000, height: 700 });
      expect(await settingsOf(second.page)).toEqual({ theme: "dark", mutedRoutes: ["orders"] });
      expect(await second.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe("dark");
      expect(await second.page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches)).toBe(true);
      await second.page.getByText("Try the sandbox").waitFor();
      await second.page.screenshot({ path: path.join(pictures, "dark.png") });
    });

    test("what the operator configured, also after a kill", async () => {
      const first = await launch();
      const listen = `127.0.0.1:${await freePort()}`;
      const { config, revision } = await first.call("config.get", null);
      const wanted = {
        ...config,
        backends: [{ id: "b", amps: "tcp://127.0.0.1:1" }],
        routes: [{ id: "orders", listen, transport: "amps" as const, target: "b" }],
      };
      await first.call("config.put", { config: wanted, revision });
      await first.kill();
      const second = await launch();
      expect((await second.call("config.get", null)).config).toEqual(wanted);
      expect(JSON.parse(readFileSync(path.join(userData, "config.json"), "utf8"))).toEqual(wanted);
      const { routes } = await second.call("snapshot.get", null);
      expect(routes.map(({ id, state, listen: bound }) => ({ id, state, listen: bound }))).toEqual([
        { id: "orders", state: "listening", listen },
      ]);
    });

    test("nothing of a damaged file, but keeps it by name and says so in the window", async () => {
      writeFileSync(path.join(userData, "config.json"), '{"version":1,"routes":[');
      const { call, page } = await launch();
      const saved = await call("config.get", null);
      const aside = readdirSync(userData).find((name) => name.startsWith("config.corrupt-")) ?? "none";
      expect(saved.notice).toContain(aside);
      expect(readFileSync(path.join(userData, aside), "utf8")).toBe('{"version":1,"routes":[');
      // It shows the screen that says so by itself.
      await page.getByText(aside).first().waitFor();
      await page.screenshot({ path: path.join(pictures, "damaged-config.png") });
    });

    test("a sandbox that ran when it quit", async () => {
      const first = await launch();
      await first.call("sandbox.start", null);
      await first.quit();
      const second = await launch();
      await until(
        async () => (await second.call("sandbox.status", null)).running,
        "the sandbox to run again",
      );
      await second.call("sandbox.stop", { remove: true });
      await second.quit();
      const third = await launch();
      await third.page.getByText("Try the sandbox").waitFor();
      expect((await third.call("sandbox.status", null)).running).toBe(false);
    });
  });

  describe("ends", () => {
    let backend: TcpBackend;
    beforeEach(async () => void (backend = await startTcpBackend()));
    afterEach(() => backend.close());

    /** One client connected through one route of the app. */
    async function connectClient(app: DesktopApp) {
      const port = await freePort();
      const { config, revision } = await app.call("config.get", null);
      await app.call("config.put", {
        config: {
          ...config,
          backends: [{ id: "b", amps: `tcp://127.0.0.1:${backend.port}` }],
          routes: [
            {
              id: "orders",
              listen: `127.0.0.1:${port}`,
              transport: "amps",
              target: "b",
              clients: "publishers",
            },
          ],
        },
        revision,
      });
      const socket = connect({ host: "127.0.0.1", port });
      const ended = new Promise<string>((resolve) => {
        socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
        socket.once("end", () => resolve("end"));
      });
      await until(
        async () => (await app.call("snapshot.get", null)).connections.length === 1,
        "the connection",
      );
      return { socket, ended, port };
    }

    test("without a question while nothing is connected", async () => {
      const app = await launch();
      await answerQuestions(app, 2);
      await app.quit();
    });

    test("not when the operator cancels: the connection lives on", async () => {
      const app = await launch();
      const { socket } = await connectClient(app);
      const asked = await answerQuestions(app, 2);
      wishToQuit(app);
      await until(async () => (await asked()).length === 1, "the question");
      expect(await asked()).toEqual(["1 connection (1 publisher) will be cut"]);
      socket.write("still here");
      await until(() => backend.connections.some((one) => one.bytes().includes("still here")), "the bytes");
      socket.destroy();
    });

    test("by cutting, and a cut connection is reset rather than ended cleanly", async () => {
      const app = await launch();
      const { ended } = await connectClient(app);
      await answerQuestions(app, 1);
      await app.quit();
      expect(await ended).toBe("ECONNRESET");
    });

    test("by draining: new clients are refused, and it quits when the last one has gone", async () => {
      const app = await launch();
      const { socket, port } = await connectClient(app);
      // Only the first question is answered "Drain"; the offer to cut it short stays open.
      await app.app.evaluate(({ dialog }) => {
        let asked = 0;
        dialog.showMessageBox = (() =>
          ++asked === 1 ? Promise.resolve({ response: 0 }) : new Promise(() => {})) as never;
      });
      wishToQuit(app);
      await until(
        () =>
          new Promise<boolean>((resolve) => {
            const probe = connect({ host: "127.0.0.1", port });
            probe.once("error", () => resolve(true));
            probe.once("connect", () => {
              probe.resetAndDestroy();
              resolve(false);
            });
          }),
        "new clients to be refused",
      );
      socket.write("late");
      await until(
        () => backend.connections.some((one) => one.bytes().includes("late")),
        "the drained connection to work",
      );
      expect(app.child.exitCode).toBeNull();
      socket.resetAndDestroy();
      await app.exit;
    });

    test("by a drain that is cut short", async () => {
      const app = await launch();
      const { ended } = await connectClient(app);
      await answerQuestions(app, 0);
      wishToQuit(app);
      await app.exit;
      expect(await ended).toBe("ECONNRESET");
    });

    test("at once and without a question when the system says so", async () => {
      const app = await launch();
      const { ended } = await connectClient(app);
      await answerQuestions(app, 2);
      app.child.kill("SIGTERM");
      expect(await app.exit).toEqual({ code: 0, signal: null });
      expect(await ended).toBe("ECONNRESET");
    });

    test("when its window is closed where no tray can be seen", async () => {
      const app = await launch({ PATH: emptyPath() });
      closeWindow(app);
      await app.exit;
    });

    test("not when its window is closed beside a visible tray: it hides, says so once, and comes back", async () => {
      const tools = path.join(userData, "tools");
      mkdirSync(tools);
      writeFileSync(path.join(tools, "dbus-send"), '#!/bin/sh\necho "   variant       boolean true"\n');
      chmodSync(path.join(tools, "dbus-send"), 0o755);
      const app = await launch({ PATH: `${tools}:${process.env["PATH"]}` });
      closeWindow(app);
      await until(async () => (await windowFacts(app))?.visible === false, "the window to hide");
      expect(JSON.parse(readFileSync(path.join(userData, "settings.json"), "utf8"))).toMatchObject({
        closeHintShown: true,
      });
      expect((await app.call("snapshot.get", null)).routes).toEqual([]);
      const second = spawn(electron?.path ?? "", electronArguments(), {
        env: desktopEnvironment({ userData }),
        stdio: "ignore",
      });
      await until(async () => (await windowFacts(app))?.visible, "the window to come back");
      await until(() => second.exitCode !== null, "the end of the second start");
      await app.quit();
    });

    function emptyPath(): string {
      const directory = path.join(userData, "no-tools");
      mkdirSync(directory);
      return directory;
    }
  });

  test("a page that crashes is loaded again, and the routes never notice", async () => {
    const { app, call } = await launch();
    const before = (await call("activity.list", null)).length;
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
    );
    await until(() => readLog().includes("the window's page ended"), "the crash in the log");
    await until(
      () => inPage(app, "document.body.innerText.includes('Try the sandbox')"),
      "the page to be back",
    );
    const after = await inPage(app, "shunt.call('activity.list', null).then((reply) => reply.value.length)");
    expect(after).toBe(before);
  });

  test("its files are its operator's alone", async () => {
    const app = await launch();
    await app.call("sandbox.start", null);
    await app.quit();
    expect(statSync(userData).mode & 0o777).toBe(0o700);
    for (const name of ["config.json", "settings.json", "window-state.json"])
      expect([name, (statSync(path.join(userData, name)).mode & 0o777).toString(8)]).toEqual([name, "600"]);
  });
});
