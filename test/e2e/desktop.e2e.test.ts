/** The real Electron app: how it opens, what it remembers, and what it leaves on the disk. */
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { available, electron } from "../support/available.ts";
import { desktopEnvironment, electronArguments } from "../support/desktop-app.ts";
import { inPage, pictures, settingsOf, windowFacts, useDesktop } from "../support/desktop-story.ts";
import { until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp } from "../support/tcp-client.ts";

describe.skipIf(!available.electron)("the desktop app", () => {
  const desktop = useDesktop();

  describe("opens", () => {
    test("its window on its own scheme, with the UI in it and nothing wrong on the console", async () => {
      const wrong: string[] = [];
      const { page, app } = await desktop.launch();
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
      const { app, page } = await desktop.launch();
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
      const { app, page } = await desktop.launch();
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
      const { app, page } = await desktop.launch();
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
      const first = await desktop.launch();
      await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
      const second = spawnSync(electron?.path ?? "", electronArguments(), {
        env: desktopEnvironment({ userData: desktop.folder }),
        encoding: "utf8",
        timeout: 30_000,
      });
      expect(second.status).toBe(0);
      expect(second.stdout).toContain("Shunt is already running");
      await until(async () => (await windowFacts(first))?.visible, "the first window to be shown");
    });
  });

  test("the window is told of connections only where it lists them, also after it was hidden", async () => {
    const { app, page, call } = await desktop.launch();
    const { config, revision } = await call("config.get", null);
    const [port, backend] = [await freePort(), await startTcpBackend()];
    const wanted: ShuntConfig = {
      ...config,
      backends: [{ id: "b", amps: `tcp://127.0.0.1:${backend.port}` }],
      routes: [{ id: "raw", listen: `127.0.0.1:${port}`, transport: "amps", target: "b" }],
    };
    await call("config.put", { config: wanted, revision });
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      window.shunt?.onEvent((json) => void heard.push(json));
    });
    const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard.join("\n"));
    const first = await connectTcp(port);
    await until(async () => (await heard()).includes('"openConnections":1'), "the count of one");
    expect(await heard()).not.toContain('"connections":{"set"');
    await page.getByRole("button", { name: /^Connections/ }).click();
    const grid = page.getByRole("grid", { name: "Connections" });
    await grid.getByText(`127.0.0.1:${first.socket.localPort}`).waitFor();
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    const second = await connectTcp(port);
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.show());
    await grid.getByText(`127.0.0.1:${second.socket.localPort}`).waitFor();
    const third = await connectTcp(port);
    await grid.getByText(`127.0.0.1:${third.socket.localPort}`).waitFor();
    expect(await heard()).toContain('"connections":{"set"');
  });

  test("a route's page is opened by the route's name, in the system's browser, and nothing else is", async () => {
    const { app, page, call } = await desktop.launch();
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
      const first = await desktop.launch();
      await first.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.setBounds({ x: 120, y: 90, width: 1000, height: 700 }),
      );
      await first.page.evaluate(async () => {
        await window.shunt?.shell?.setTheme("dark");
        await window.shunt?.shell?.setRouteMuted("orders", true);
      });
      await first.quit();
      const second = await desktop.launch();
      expect((await windowFacts(second))?.bounds).toEqual({ x: 120, y: 90, width: 1000, height: 700 });
      expect(await settingsOf(second.page)).toEqual({ theme: "dark", mutedRoutes: ["orders"] });
      expect(await second.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe("dark");
      expect(await second.page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches)).toBe(true);
      await second.page.getByText("Try the sandbox").waitFor();
      await second.page.screenshot({ path: path.join(pictures, "dark.png") });
    });

    test("what the operator configured, also after a kill", async () => {
      const first = await desktop.launch();
      const listen = `127.0.0.1:${await freePort()}`;
      const { config, revision } = await first.call("config.get", null);
      const wanted = {
        ...config,
        backends: [{ id: "b", amps: "tcp://127.0.0.1:1" }],
        routes: [{ id: "orders", listen, transport: "amps" as const, target: "b" }],
      };
      await first.call("config.put", { config: wanted, revision });
      await first.kill();
      const second = await desktop.launch();
      expect((await second.call("config.get", null)).config).toEqual(wanted);
      expect(JSON.parse(readFileSync(path.join(desktop.folder, "config.json"), "utf8"))).toEqual(wanted);
      const { routes } = await second.call("snapshot.get", null);
      expect(routes.map(({ id, state, listen: bound }) => ({ id, state, listen: bound }))).toEqual([
        { id: "orders", state: "listening", listen },
      ]);
    });

    test("nothing of a damaged file, but keeps it by name and says so in the window", async () => {
      writeFileSync(path.join(desktop.folder, "config.json"), '{"version":1,"routes":[');
      const { call, page } = await desktop.launch();
      const saved = await call("config.get", null);
      const aside = readdirSync(desktop.folder).find((name) => name.startsWith("config.corrupt-")) ?? "none";
      expect(saved.notice).toContain(aside);
      expect(readFileSync(path.join(desktop.folder, aside), "utf8")).toBe('{"version":1,"routes":[');
      // It shows the screen that says so by itself.
      await page.getByText(aside).first().waitFor();
      await page.screenshot({ path: path.join(pictures, "damaged-config.png") });
    });

    test("a sandbox that ran when it quit", async () => {
      const first = await desktop.launch();
      await first.call("sandbox.start", null);
      await first.quit();
      const second = await desktop.launch();
      await until(
        async () => (await second.call("sandbox.status", null)).running,
        "the sandbox to run again",
      );
      await second.call("sandbox.stop", { remove: true });
      await second.quit();
      const third = await desktop.launch();
      await third.page.getByText("Try the sandbox").waitFor();
      expect((await third.call("sandbox.status", null)).running).toBe(false);
    });
  });

  test("a page that crashes is loaded again, and the routes never notice", async () => {
    const { app, call } = await desktop.launch();
    const before = (await call("activity.list", null)).length;
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
    );
    await until(() => desktop.readLog().includes("the window's page ended"), "the crash in the log");
    await until(
      () => inPage(app, "document.body.innerText.includes('Try the sandbox')"),
      "the page to be back",
    );
    const after = await inPage(app, "shunt.call('activity.list', null).then((reply) => reply.value.length)");
    expect(after).toBe(before);
  });

  test("its files are its operator's alone", async () => {
    const app = await desktop.launch();
    await app.call("sandbox.start", null);
    await app.quit();
    expect(statSync(desktop.folder).mode & 0o777).toBe(0o700);
    for (const name of ["config.json", "settings.json", "window-state.json"])
      expect([name, (statSync(path.join(desktop.folder, name)).mode & 0o777).toString(8)]).toEqual([
        name,
        "600",
      ]);
  });
});
