/** A browser and the UI on made-up data for a file of tests: a page each, which must not have complained at its end. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launchChromium, watchComplaints } from "./browser.ts";
import { type FakePage, serveFakePage } from "./fake-page.ts";

export interface Opening {
  readonly query?: string;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: "reduce";
  /** Its clock can be put forward. */
  readonly ownClock?: boolean;
  /** Runs in the page before its own scripts. */
  readonly before?: () => void;
}

interface FakePages {
  open(opening?: Opening): Promise<Page>;
  /** A row of the routes. */
  route(id: string): Locator;
  /** A field of the open sheet. */
  field(name: string): Locator;
}

/** How long, and for what, a poll waits. */
export const settled = (state: string) => ({ timeout: 5000, message: state });

export function useFakePages(): FakePages {
  let site: FakePage;
  let browser: Browser;
  let page: Page;
  let complaints: readonly string[];
  beforeAll(async () => {
    site = await serveFakePage();
    browser = await launchChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });
  return {
    async open({ query = "", width = 1280, height = 800, ownClock = false, before, ...rest } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, ...rest });
      page = await context.newPage();
      page.setDefaultTimeout(10_000);
      complaints = watchComplaints(page);
      if (ownClock) await page.clock.install();
      if (before) await page.addInitScript(before);
      await page.goto(site.url + query);
      await page.getByRole("button", { name: /Try the sandbox|New route/ }).waitFor();
      return page;
    },
    route: (id) => page.locator(`[data-row="${id}"]`),
    field: (name) => page.locator(`.sheet [data-field="${name}"]`),
  };
}
