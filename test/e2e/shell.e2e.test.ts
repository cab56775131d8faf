/** What ties the real desktop app to the operator's system: links, starting at login. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { available, electron } from "../support/available.ts";
import { ensureBuilt } from "../support/built.ts";
import {
  desktopEnvironment,
  electronArguments,
  launchDesktop,
  newUserData,
  removeUserData,
  type DesktopApp,
} from "../support/desktop-app.ts";
import { until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";

let userData: string;
let desktop: DesktopApp | null = null;

describe.skipIf(!available.electron)("the desktop app", () => {
  beforeAll(ensureBuilt);
  beforeEach(() => (userData = newUserData()));
  afterEach(async () => {
    await desktop?.kill();
    desktop = null;
    removeUserData(userData);
  });

  const launch = async (more: Partial<Parameters<typeof launchDesktop>[0]> = {}) =>
    (desktop = await launchDesktop({ userData, ...more }));

  test("shows the route that a shunt:// link names, and nothing for a link that is none", async () => {
    const { page, call } = await launch();
    const { revision } = await call("config.get", null);
    await call("config.put", {
      revision,
      config: {
        version: 1,
        tunnels: [],
        backends: [{ id: "near", amps: "tcp://127.0.0.1:1" }],
        pools: [],
        routes: await Promise.all(
          ["orders", "views"].map(async (id) => ({
            id,
            listen: `127.0.0.1:${await freePort()}`,
            transport: "amps" as const,
            target: "near",
          })),
        ),
      },
    });
    await page.getByRole("button", { name: "Settings" }).click();
    const follow = (link: string) =>
      spawnSync(electron?.path ?? "", [...electronArguments(), link], {
        env: desktopEnvironment({ userData }),
        encoding: "utf8",
        timeout: 60_000,
      });
    expect(follow("shunt://route/views").status).toBe(0);
    await page.getByText("views", { exact: true }).first().waitFor();
    await until(
      async () => (await page.getByText("orders", { exact: true }).count()) === 0,
      "only that route",
    );
    expect(follow("shunt://route/views/../../x").status).toBe(0);
    await until(
      () => readFileSync(path.join(userData, "logs/shunt.log"), "utf8").includes("link was not understood"),
      "the log",
    );
    expect((await call("config.get", null)).config.routes.map((route) => route.id)).toEqual([
      "orders",
      "views",
    ]);
  });

  test.skipIf(process.platform !== "linux")(
    "starts at login when the operator wants it, and stops doing so",
    async () => {
      const { page } = await launch({ env: { XDG_CONFIG_HOME: path.join(userData, "xdg") } });
      const entry = path.join(userData, "xdg/autostart/shunt.desktop");
      await page.getByRole("button", { name: "Settings" }).click();
      const box = page.getByRole("checkbox", { name: /Start Shunt when I log in/ });
      expect(await box.isChecked()).toBe(false);
      // Nothing is offered that a build without a feed cannot do.
      await page.getByText("This build asks nobody for updates").waitFor();
      expect(await page.getByRole("button", { name: /updates/ }).count()).toBe(0);
      await page.getByText("Start Shunt when I log in").click();
      await until(() => existsSync(entry), "the autostart entry");
      expect(readFileSync(entry, "utf8")).toMatch(/^Exec=".*" "--at-login"$/m);
      await page.getByText("Start Shunt when I log in").click();
      await until(() => !existsSync(entry), "the entry to be gone");
    },
  );

  test("saves an export where the operator says, and asks before it overwrites several", async () => {
    const { app, page } = await launch();
    await page.waitForFunction(() => document.body.innerText.includes("Try the sandbox"));
    const folder = path.join(userData, "exports");
    mkdirSync(folder);
    const save = (files: readonly { name: string; text: string }[]) =>
      page.evaluate((given) => window.shunt?.shell?.saveFiles(given), files);
    const answer = (dialogs: { file?: string; folder?: string; button?: number }) =>
      app.evaluate(({ dialog }, given) => {
        dialog.showSaveDialog = () =>
          Promise.resolve({ canceled: given.file === undefined, filePath: given.file ?? "" });
        dialog.showOpenDialog = () =>
          Promise.resolve({ canceled: given.folder === undefined, filePaths: [given.folder ?? ""] });
        dialog.showMessageBox = () =>
          Promise.resolve({ response: given.button ?? 1, checkboxChecked: false });
      }, dialogs);
    const one = path.join(folder, "mine.conf");
    await answer({ file: one });
    expect(await save([{ name: "shunt-nginx.conf", text: "first\n" }])).toEqual({ ok: true, value: one });
    expect(readFileSync(one, "utf8")).toBe("first\n");
    await answer({});
    expect(await save([{ name: "shunt-nginx.conf", text: "second\n" }])).toEqual({ ok: true, value: null });

    const two = ["a.conf", "b.service"].map((name) => ({ name, text: `${name}\n` }));
    await answer({ folder });
    expect(await save(two)).toMatchObject({ ok: true });
    expect(readFileSync(path.join(folder, "b.service"), "utf8")).toBe("b.service\n");
    const changed = two.map(({ name }) => ({ name, text: "changed\n" }));
    // The question's answer is Cancel.
    expect(await save(changed)).toEqual({ ok: true, value: null });
    expect(readFileSync(path.join(folder, "a.conf"), "utf8")).toBe("a.conf\n");
    await answer({ folder, button: 0 });
    expect(await save(changed)).toMatchObject({ ok: true });
    expect(readFileSync(path.join(folder, "a.conf"), "utf8")).toBe("changed\n");

    await answer({ file: path.join(folder, "no-such-folder", "x.conf") });
    expect(await save([{ name: "x.conf", text: "" }])).toMatchObject({
      ok: false,
      failure: { code: "EXPORT_NOT_SAVED" },
    });
    for (const name of ["../x.conf", "/etc/x", "a/b", ".hidden", ""])
      await expect(save([{ name, text: "" }])).resolves.toMatchObject({ ok: false });
    expect(existsSync(path.join(userData, "x.conf"))).toBe(false);
  });

  test("started by a login, it stays out of sight until it is wanted", async () => {
    // A desktop that says over D-Bus that it shows tray icons.
    const tools = path.join(userData, "tools");
    mkdirSync(tools);
    writeFileSync(path.join(tools, "dbus-send"), '#!/bin/sh\necho "   variant       boolean true"\n');
    chmodSync(path.join(tools, "dbus-send"), 0o755);
    const { app, page } = await launch({
      args: ["--at-login"],
      env: { PATH: `${tools}:${process.env["PATH"]}` },
    });
    const visible = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
    await page.waitForFunction(() => document.body.innerText.includes("Try the sandbox"));
    expect(await visible()).toBe(false);
    const second = spawnSync(electron?.path ?? "", electronArguments(), {
      env: desktopEnvironment({ userData }),
      timeout: 60_000,
    });
    expect(second.status).toBe(0);
    await until(visible, "the window to be shown");
  });
});
