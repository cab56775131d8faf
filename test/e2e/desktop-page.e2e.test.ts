/** The real Electron app: what its page may not do. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { available } from "../support/available.ts";
import { inPage, useDesktop } from "../support/desktop-story.ts";
import { until } from "../support/running-engine.ts";

describe.skipIf(!available.electron)("the desktop app", () => {
  const desktop = useDesktop();

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
      const { page } = await desktop.launch();
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
        bridge: ["call", "listConnections", "onEvent", "onLink", "shell"],
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
      const { app } = await desktop.launch();
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
      const { app, page } = await desktop.launch();
      // Not by Playwright's evaluate: it waits for a navigation that its own call begins, and these never come.
      for (const url of [foreign.url, "file:///etc/passwd", "data:text/html,x", "mailto:a@b.c"])
        await inPage(app, `void (location.href = ${JSON.stringify(url)})`);
      await inPage(
        app,
        `const link = document.createElement("a"); link.href = ${JSON.stringify(`${foreign.url}link`)}; ` +
          `document.body.append(link); link.click();`,
      );
      await until(() => desktop.readLog().split(" prevented\n").length > 3, "the refusals in the log");
      expect(await inPage(app, "location.href")).toBe("app://shunt/");
      expect(page.url()).toBe("app://shunt/");
      expect(foreign.hits).toEqual([]);
    });

    test("no popup", async () => {
      const { page, app } = await desktop.launch();
      expect(await page.evaluate((url) => window.open(url) === null, foreign.url)).toBe(true);
      expect(app.windows()).toHaveLength(1);
      expect(foreign.hits).toEqual([]);
    });

    test("no permission", async () => {
      const { page } = await desktop.launch();
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
      const { page } = await desktop.launch();
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
      const { page } = await desktop.launch();
      await page.evaluate(() => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob(["x"]));
        link.download = "shunt-download.txt";
        document.body.append(link);
        link.click();
      });
      await until(() => desktop.readLog().includes("download from"), "the refusal in the log");
    });

    test("no IPC for a page that is not Shunt's, nor for a frame, nor beside the contract", async () => {
      const { app } = await desktop.launch();
      const spy = path.join(desktop.folder, "spy.cjs");
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
      expect(desktop.readLog()).toContain("IPC shunt:call refused: it does not come from a window of Shunt");
      const listening = await app.evaluate(({ ipcMain }) => ipcMain.eventNames().map(String));
      expect(listening.filter((name) => name !== "error")).toEqual([]);
    });

    test("bad payloads over the bridge are refused and change nothing", async () => {
      const { page, call } = await desktop.launch();
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
});
