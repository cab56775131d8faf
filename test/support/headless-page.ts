/** The page of the headless application, on an empty configuration, in a Chromium of its own. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { launchChromium, watchComplaints } from "../renderer/browser.ts";
import { serveHeadless } from "./headless-app.ts";
import { cleanUp } from "./running-engine.ts";

interface HeadlessPage {
  readonly page: Page;
  /** What the browser's console complained of. */
  readonly complaints: readonly string[];
}

export async function openHeadlessPage(env?: Readonly<Record<string, string>>): Promise<HeadlessPage> {
  const headless = await serveHeadless({ version: 1 }, env);
  const browser = await launchChromium();
  cleanUp(async () => {
    await browser.close();
    expect(await headless.stop()).toBe(0);
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(45_000);
  const complaints = watchComplaints(page);
  await page.goto(headless.ready.ui);
  return { page, complaints };
}
