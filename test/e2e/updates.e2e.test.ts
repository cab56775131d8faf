/** A build that names a feed, in real Electron before a feed of its own: nothing is asked unless the operator wants it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { available } from "../support/available.ts";
import { ensureBuilt } from "../support/built.ts";
import { certificatesForFile } from "../support/certificates.ts";
import { launchDesktop, newUserData, removeUserData, type DesktopApp } from "../support/desktop-app.ts";
import { until } from "../support/running-engine.ts";
import {
  manifestOf,
  newSigningKey,
  packageBytes,
  packageName,
  serveFeed,
  signedFeed,
  type FeedServer,
} from "../support/update-feed.ts";

describe.skipIf(!available.electron || process.platform !== "linux")("updates of the desktop app", () => {
  const certificates = certificatesForFile((made) => made.make("feed", "IP:127.0.0.1"));
  const key = newSigningKey();
  const userData = newUserData();
  const downloads = path.join(userData, "downloads");
  let server: FeedServer;
  let desktop: DesktopApp;
  const launch = () =>
    launchDesktop({
      userData,
      updates: {
        feed: `${server.origin}/shunt/stable.feed`,
        channel: "stable",
        publicKeys: [key.publicKey],
        authorities: [certificates.read("ca.pem").toString()],
      },
    });

  beforeAll(async () => {
    await ensureBuilt();
    server = await serveFeed(certificates);
    mkdirSync(downloads);
    desktop = await launch();
    await desktop.app.evaluate(({ app, shell }, folder) => {
      app.setPath("downloads", folder);
      shell.showItemInFolder = (file) => void Object.assign(globalThis, { shownInFolder: file });
    }, downloads);
  });
  afterAll(async () => {
    await desktop?.kill();
    await server?.close();
    removeUserData(userData);
  });

  test("are asked for from the menu, fetched, stopped, saved and shown; what is tampered with is refused", async () => {
    const { app, page } = desktop;
    const { arch } = process;
    server.serve("/shunt/stable.feed", signedFeed(manifestOf({}, { arch }), key));
    let pending: ServerResponse | undefined;
    server.serve(`/shunt/${packageName}`, (_request, response) => {
      response.writeHead(200, { "Content-Length": packageBytes.length });
      response.write(packageBytes.subarray(0, packageBytes.length / 2));
      pending = response;
    });
    const section = page.locator("#updates");
    const press = (name: string | RegExp) => section.getByRole("button", { name }).click();

    await page.getByRole("button", { name: "Settings" }).click();
    await section.getByText("Not asked yet").waitFor();
    const box = section.getByRole("checkbox", { name: /Ask once a day/ });
    expect([await box.isChecked(), server.asked]).toEqual([false, []]);
    await page.getByRole("button", { name: /Routes/ }).click();

    await app.evaluate(({ Menu }) => {
      const items = Menu.getApplicationMenu()?.items.flatMap((menu) => menu.submenu?.items ?? []) ?? [];
      items.find(({ label }) => label === "Check for updates")?.click();
    });
    await section.getByText("Newer version 2.0.0 of 2026-11-20").waitFor();
    expect(server.asked).toEqual(["/shunt/stable.feed"]);

    await press(/^Download 2\.0\.0/);
    await section.getByText("50 % of 300 KB").waitFor();
    await press("Stop");
    await section.getByText("Newer version 2.0.0").waitFor();
    expect(readdirSync(downloads)).toEqual([]);

    await press(/^Download 2\.0\.0/);
    await section.getByText("50 % of 300 KB").waitFor();
    pending?.end(packageBytes.subarray(packageBytes.length / 2));
    await section.getByText("Version 2.0.0 is verified and saved").waitFor();
    const saved = path.join(downloads, packageName);
    expect(readFileSync(saved).equals(packageBytes)).toBe(true);
    await press("Show in folder");
    await until(
      async () =>
        (await app.evaluate(() => (globalThis as { shownInFolder?: string }).shownInFolder)) === saved,
      "the file's folder to be shown",
    );

    server.serve("/shunt/stable.feed", signedFeed(manifestOf({}, { arch }), newSigningKey()));
    await press("Check again");
    await section.getByText("not signed by a key that this build of Shunt believes").waitFor();
    expect(await section.getByRole("button", { name: /Download/ }).count()).toBe(0);
  });

  test("are asked for by the clock once the operator wants it, and not twice a day", async () => {
    const { page, call } = desktop;
    const asked = server.asked.length;
    await page.locator("#updates").getByText("Ask once a day").click();
    await until(async () => (await call("update.status", null))?.daily, "the wish");
    const kept = JSON.parse(readFileSync(path.join(userData, "updates.json"), "utf8")) as object;
    expect(kept).toMatchObject({ daily: true, askedAt: expect.any(String) });
    // It was asked a moment ago.
    expect(server.asked.length).toBe(asked);
  });

  test("leave nothing half fetched behind when Shunt is quit", async () => {
    const { page, call } = desktop;
    server.serve("/shunt/stable.feed", signedFeed(manifestOf({}, { arch: process.arch }), key));
    rmSync(path.join(downloads, packageName));
    await call("update.check", null);
    await page.evaluate(() => void window.shunt?.call("update.download", null));
    await until(() => readdirSync(downloads).some((file) => file.endsWith(".part")), "the download");
    await desktop.quit();
    expect(readdirSync(downloads)).toEqual([]);
  });

  test("are asked for at the next start where a day has passed and the operator wants it", async () => {
    const file = path.join(userData, "updates.json");
    const kept = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...kept, askedAt: "2026-01-01T00:00:00.000Z" }));
    const asked = server.asked.length;
    desktop = await launch();
    await until(async () => (await desktop.call("update.status", null))?.stage.is === "newer", "the news");
    expect(server.asked.slice(asked)).toEqual(["/shunt/stable.feed"]);
  });
});
