import path from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/setup/paths.mjs";
import { launchChromium, watchComplaints } from "../renderer/browser.ts";
import { available } from "../support/available.ts";
import { serveHeadless } from "../support/headless-app.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { withCaptions } from "./captions.ts";
import { takeTour } from "./tour.ts";

cleanUpAfterEach();

test.skipIf(!available.chromium)("the tour can be taken to its end (needs chromium)", async () => {
  const headless = await serveHeadless({ version: 1 });
  const browser = await launchChromium();
  cleanUp(async () => {
    await browser.close();
    expect(await headless.stop()).toBe(0);
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(45_000);
  const complaints = watchComplaints(page);
  await page.goto(headless.ready.ui);
  const guide = withCaptions({ page, readMs: 0, pictures: path.join(root, "test-results/tour-test") });
  await takeTour(page, guide);
  expect(guide.told).toHaveLength(10);
  expect(await page.locator("#tour-caption").count()).toBe(0);
  expect(complaints).toEqual([]);
});
