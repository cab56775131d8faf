import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { launchChromium, watchComplaints } from "./browser.ts";
import { buildUi } from "./fake-page.ts";
import { type FakeServer, serveFakeEngine } from "./fake-service.ts";

const token = "the-right-token";

describe.skipIf(!available.chromium)("the UI as serve serves it, in Chromium (needs chromium)", () => {
  let folder: string;
  let browser: Browser;
  let server: FakeServer;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "shunt-ui-"));
    await buildUi("production", folder);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    server = await serveFakeEngine({ token, port: 0, uiFolder: folder });
    page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    complaints = watchComplaints(page);
  });
  afterEach(async () => {
    await page.close();
    await server.close();
  });
  const liveRows = () => page.locator("[data-row='orders-in']").waitFor();

  it("is live over the local API, and keeps its token out of the address but over a reload", async () => {
    await page.goto(`${server.url}/#token=${token}`);
    await liveRows();
    await page.locator("[data-link='live']").waitFor();
    expect(page.url()).toBe(`${server.url}/`);
    await page.reload();
    await liveRows();
    await page.locator("[data-link='live']").waitFor();
    // The engine ticks every 50 ms; the figure on the screen follows.
    const rate = () => page.locator("[data-row='orders-in'] [data-column='rate']").textContent();
    const first = await rate();
    await expect.poll(rate, { timeout: 5000 }).not.toBe(first);
    expect(complaints).toEqual([]);
  });

  it("tells someone without the token where to find the address", async () => {
    await page.goto(server.url);
    await page.getByText("This page needs its token").waitFor();
    await page.goto(`${server.url}/#token=${token}`);
    await liveRows();
  });

  it("tells someone whose token was refused, and lets the right address in", async () => {
    await page.goto(`${server.url}/#token=wrong`);
    await page.getByText("This page’s token is no longer valid").waitFor();
    await page.goto(`${server.url}/#token=${token}`);
    await liveRows();
  });

  it("says that the link is lost when serve ends, and is live again when it is back", async () => {
    await page.goto(`${server.url}/#token=${token}`);
    await liveRows();
    await server.close();
    await page.getByText("Link lost: what you see may be old").waitFor();
    await expect.poll(() => page.title()).toMatch(/^Link lost/);
    server = await serveFakeEngine({ token, port: server.port, uiFolder: folder });
    await page.locator("[data-link='live']").waitFor();
    await expect.poll(() => page.title()).toMatch(/in trouble/);
  });
});
