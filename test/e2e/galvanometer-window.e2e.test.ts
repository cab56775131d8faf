/** A Galvanometer window as such, in the real desktop app: how it is shared out, its menu and title, its downloads. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { available } from "../support/available.ts";
import {
  choose,
  configure,
  launchGalvanometers,
  noteMenus,
  openWindow,
} from "../support/galvanometer-app.ts";
import { internalBackend, startInternalSandbox } from "../support/internal-sandbox.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";

cleanUpAfterEach();

describe.skipIf(!available.electron)("a Galvanometer window as such (needs Electron)", () => {
  test("a page as high as its window has all of it: nothing scrolls, and the bar is below", async () => {
    const sandbox = await startInternalSandbox();
    const desktop = await launchGalvanometers();
    await configure(desktop, [internalBackend(sandbox.a)]);
    const page = await openWindow(desktop, "amps-a");
    await page.getByText("running").waitFor();
    await page.evaluate(() => {
      document.body.style.margin = "0";
      document.body.innerHTML = '<div id="full" style="height:100vh"></div>';
    });
    const heights = () =>
      page.evaluate(() => {
        const { scrollHeight, clientHeight } = document.documentElement;
        const full = document.querySelector("#full")?.getBoundingClientRect();
        return { scrollHeight, clientHeight, top: full?.top, bottom: full?.bottom };
      });
    const shown = (height?: number) =>
      desktop.app.evaluate(({ BrowserWindow }, wanted) => {
        const found = BrowserWindow.getAllWindows().find((one) => one.getBrowserViews().length === 1);
        if (wanted !== undefined) found?.setContentSize(900, wanted);
        const view = found?.getBrowserViews()[0]?.getBounds();
        return { content: found?.getContentBounds().height ?? NaN, page: view };
      }, height);
    for (const wanted of [600, 420]) {
      await shown(wanted);
      await until(async () => (await shown()).content === wanted, "the window's new size");
      const room = wanted - 24;
      await until(async () => (await heights()).clientHeight === room, "the page's new size");
      expect(await heights()).toEqual({ scrollHeight: room, clientHeight: room, top: 0, bottom: room });
      expect((await shown()).page).toMatchObject({ x: 0, y: 0, width: 900, height: room });
      const bar = desktop.app.windows().find((one) => one.url().startsWith("shunt://bar/"));
      const box = () => bar?.getByRole("status").boundingBox();
      await expect.poll(box).toMatchObject({ y: room, height: 24, width: 900 });
    }
    // A page that closes itself takes its window along, and nothing else.
    await page.evaluate(() => window.close()).catch(() => undefined);
    const windows = () => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
    await until(async () => (await windows()) === 1, "the window's end");
    await until(async () => (await desktop.call("snapshot.get", null)).backends.length === 1);
  });

  test("reload and zoom are in the menu, and the title keeps the backend's name and environment", async () => {
    const sandbox = await startInternalSandbox();
    const desktop = await launchGalvanometers();
    await noteMenus(desktop);
    await configure(desktop, [internalBackend(sandbox.a, { label: "Desk A", environment: "uat" })]);
    const page = await openWindow(desktop, "amps-a");
    await page.getByText("running").waitFor();
    const mine = () =>
      desktop.app.evaluate(({ BrowserWindow }) => {
        const found = BrowserWindow.getAllWindows().find((one) => one.getTitle().startsWith("Desk A"));
        return {
          title: found?.getTitle() ?? "",
          zoom: found?.getBrowserViews()[0]?.webContents.getZoomLevel() ?? NaN,
        };
      });
    expect((await mine()).title).toBe("Desk A [uat] · SANDBOX amps-a · through Shunt");
    const width = await page.evaluate(() => innerWidth);
    await choose(desktop, /^Zoom In$/);
    await expect.poll(async () => (await mine()).zoom).toBeGreaterThan(0);
    await expect.poll(() => page.evaluate(() => innerWidth)).toBeLessThan(width);
    await choose(desktop, /^Actual Size$/);
    await expect.poll(async () => (await mine()).zoom).toBe(0);
    await page.evaluate(() => void ((globalThis as { mark?: number }).mark = 1));
    await choose(desktop, /^Reload$/);
    const isNew = () =>
      page.evaluate(() => (globalThis as { mark?: number }).mark === undefined).catch(() => false);
    await until(isNew, "the reloaded page");
  });

  test("a download that the operator begins is offered a place; one that the page begins is prevented", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "shunt-downloads-"));
    cleanUp(() => rmSync(folder, { recursive: true, force: true }));
    const instance = createServer((request, response) => {
      if (request.url?.endsWith(".csv"))
        return void response
          .setHeader("Content-Disposition", 'attachment; filename="..%2Frows.csv"')
          .end(`row of ${request.url}`);
      response.setHeader("Content-Type", "text/html");
      response.end(
        `<!doctype html><title>x</title><a href="/mine.csv">save</a><script>setTimeout(() => { location.href = "/theirs.csv"; }, 500)</script>`,
      );
    });
    await new Promise<void>((resolve) => instance.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (instance.close(), instance.closeAllConnections()));
    const desktop = await launchGalvanometers();
    const admin = `http://amps-a.internal:${(instance.address() as AddressInfo).port}`;
    await configure(desktop, [{ id: "amps-a", admin }]);
    // Stands in for the operator at the save dialog.
    await desktop.app.evaluate(
      ({ app }, target) => {
        const seen: { url: string; prevented: boolean; offered: string }[] = [];
        (globalThis as unknown as { downloads: typeof seen }).downloads = seen;
        app.on("session-created", (session) =>
          setImmediate(() =>
            session.on("will-download", (event, item) => {
              const offered = item.getSaveDialogOptions().defaultPath ?? "";
              seen.push({ url: item.getURL(), prevented: event.defaultPrevented, offered });
              if (!event.defaultPrevented) item.setSavePath(target);
            }),
          ),
        );
      },
      path.join(folder, "saved.csv"),
    );
    const downloads = () =>
      desktop.app.evaluate(
        () =>
          (globalThis as unknown as { downloads: { url: string; prevented: boolean; offered: string }[] })
            .downloads,
      );
    const page = await openWindow(desktop, "amps-a");
    await until(async () => (await downloads()).length === 1, "the page's own attempt");
    expect((await downloads())[0]).toMatchObject({ url: `${admin}/theirs.csv`, prevented: true });
    await page.getByText("save").click();
    await until(async () => (await downloads()).length === 2, "the operator's");
    const [, mine] = await downloads();
    expect(mine).toMatchObject({ url: `${admin}/mine.csv`, prevented: false });
    // The server's name brings no folder of its own.
    expect(path.basename(mine?.offered ?? "")).toMatch(/rows\.csv$/);
    expect(mine?.offered).not.toContain("..");
    await until(() => existsSync(path.join(folder, "saved.csv")), "the file");
    await expect.poll(() => readFileSync(path.join(folder, "saved.csv"), "utf8")).toBe("row of /mine.csv");
  });
});
