/**
 * An operator's first quarter of an hour, in the desktop app and in a browser alike: try the sandbox, define a route in the
 * form, send traffic through it, see it counted. `SHUNT_PICTURES=1 npm test -- operator` renews the pictures in
 * docs/screens.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterEach, describe, expect, test } from "vitest";
import { root } from "../../scripts/setup/paths.mjs";
import { AmpsTcpClient, AmpsWsClient } from "../support/amps-client.ts";
import { available } from "../support/available.ts";
import { launchDesktop, newUserData, removeUserData } from "../support/desktop-app.ts";
import { serveHeadless } from "../support/headless-app.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { launchChromium, watchComplaints } from "../renderer/browser.ts";

const pictures = path.join(
  root,
  process.env["SHUNT_PICTURES"] === undefined ? "test-results/screens" : "docs/screens",
);

cleanUpAfterEach();
let complaints: readonly string[] = [];
afterEach(() => expect(complaints).toEqual([]));

/** How each application gives its page. */
const applications = {
  desktop: async (): Promise<Page> => {
    const userData = newUserData();
    const desktop = await launchDesktop({ userData });
    cleanUp(async () => {
      await desktop.quit();
      removeUserData(userData);
    });
    return desktop.page;
  },
  headless: async (): Promise<Page> => {
    const headless = await serveHeadless({ version: 1 });
    const browser = await launchChromium();
    cleanUp(async () => {
      await browser.close();
      expect(await headless.stop()).toBe(0);
    });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(headless.ready.ui);
    expect(page.url()).not.toContain("token");
    return page;
  },
};

async function takePictures(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({
      path: path.join(pictures, colorScheme === "light" ? `${name}.png` : `${name}-dark.png`),
    });
  }
}

const row = (page: Page, id: string) => page.locator(`[data-row="${id}"]`);
const cell = (page: Page, id: string, column: string) => row(page, id).locator(`[data-column="${column}"]`);
const field = (page: Page, name: string) => page.locator(`.sheet [data-field="${name}"]`);

async function defineRoute(page: Page, id: string, port: number): Promise<void> {
  await page.getByRole("button", { name: "New route" }).first().click();
  await field(page, "id").fill("Bad Id");
  await page.locator(".sheet .field-error").first().waitFor();
  await field(page, "id").fill(id);
  await field(page, "listen").fill(`127.0.0.1:${port}`);
  await field(page, "target").click();
  await page.getByRole("option", { name: "amps-a" }).first().click();
  await page.getByRole("button", { name: "Create route" }).click();
  await row(page, id).getByText("Listening", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Close message" }).click();
}

describe.skipIf(!available.chromium || !available.electron)(
  "an operator (needs Electron and Chromium)",
  () => {
    test.each(["desktop", "headless"] as const)(
      "in the %s application tries the sandbox, defines a route and watches it",
      async (kind) => {
        const page = await applications[kind]();
        page.setDefaultTimeout(20_000);
        complaints = watchComplaints(page);
        await page.getByRole("button", { name: "Try the sandbox" }).waitFor();
        if (kind === "desktop") await takePictures(page, "first-run");
        await page.getByRole("button", { name: "Try the sandbox" }).click();
        await page.getByText("simulated AMPS, no real data").first().waitFor();
        await row(page, "orders").getByText("Listening", { exact: true }).waitFor();

        const port = await freePort();
        await defineRoute(page, "orders-out", port);
        const publisher = await AmpsTcpClient.connect({ port, name: "pricer-1", user: "svc_pricer" });
        cleanUp(() => publisher.close());
        await publisher.subscribe("prices");
        const body = { id: 1, text: "x".repeat(20_000) };
        await publisher.publish("prices", body, { persisted: true });
        expect(JSON.parse((await publisher.nextMessage()).body)).toEqual(body);
        await expect
          .poll(() => cell(page, "orders-out", "conns").innerText(), { timeout: 10_000 })
          .toMatch(/^1\b/);
        // Out of sight where the window is narrow.
        await expect
          .poll(() => cell(page, "orders-out", "total").textContent(), { timeout: 10_000 })
          .toMatch(/^40\.\d KB$/);

        const web = await AmpsWsClient.connect({
          port: await portOf(page, "web-a"),
          pathPrefix: "/amps-a",
          name: "web-grid-1",
        });
        cleanUp(() => web.close());
        await web.subscribe("orders");
        await expect
          .poll(() => cell(page, "web-a", "conns").innerText(), { timeout: 10_000 })
          .toMatch(/^1\b/);
        await until(async () => (await page.locator(".sparkline, [data-column='spark'] svg").count()) > 0);
        await page.waitForTimeout(3_000);
        if (kind === "desktop") await takePictures(page, "main-window");

        for (const [screen, text] of [
          ["Connections", "pricer-1"],
          ["Backends", "amps-b"],
          ["Pools", "round-robin"],
          ["Tunnels", "No tunnels yet"],
          ["Activity", "orders-out is listening"],
          ["Export", "Public host"],
          ["Sandbox", "amps-a"],
          ["Settings", "Shunt"],
        ] as const) {
          await page.getByRole("navigation").getByText(screen, { exact: true }).click();
          await page.locator("main").getByText(text).first().waitFor();
          // What is asked of the engine has come by then.
          if (kind === "desktop") await page.waitForTimeout(700);
          if (kind === "desktop") await takePictures(page, screen.toLowerCase());
        }
        await page.getByRole("navigation").getByText("Routes", { exact: true }).click();
        // The hour gets a point every fifteen seconds, and a line has two.
        await page.getByRole("button", { name: "orders-out", exact: true }).click();
        await page.locator(".hour-plot canvas").waitFor({ timeout: 40_000 });
        await page.getByRole("grid", { name: "Connections of orders-out" }).getByText("pricer-1").waitFor();
        // When and what stand on one line, in the engine that draws the desktop too, which is older than the tests' browser.
        const happened = page.locator(".route-activity li").first();
        const tops = happened
          .locator("time, span")
          .evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().top)));
        expect(new Set(await tops).size).toBe(1);
        if (kind === "desktop") await takePictures(page, "route");
        await page.keyboard.press("Escape");
        await row(page, "orders-out").waitFor();
        // A drain can be seen, and cut short.
        await page.getByRole("button", { name: "Stop orders-out" }).click();
        await page.getByRole("button", { name: "Drain up to 10 minutes" }).click();
        await row(page, "orders-out").getByText("Draining, 1 left").waitFor();
        await page.getByText("1 connection left.").waitFor();
        await page.getByRole("button", { name: "Cut now" }).click();
        await row(page, "orders-out").getByText("Stopped", { exact: true }).waitFor();
        await publisher.closed;
      },
    );
  },
);

/** The local port that the route's row shows: the sandbox's own may have been taken. */
async function portOf(page: Page, id: string): Promise<number> {
  const address = await cell(page, id, "listen").innerText();
  return Number(/:(\d+)/.exec(address)?.[1]);
}
