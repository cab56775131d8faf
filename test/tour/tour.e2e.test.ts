import path from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/setup/paths.mjs";
import { available } from "../support/available.ts";
import { openHeadlessPage } from "../support/headless-page.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { withCaptions } from "./captions.ts";
import { takeTour } from "./tour.ts";

cleanUpAfterEach();

test.skipIf(!available.chromium)("the tour can be taken to its end (needs chromium)", async () => {
  const { page, complaints } = await openHeadlessPage();
  const guide = withCaptions({ page, readMs: 0, pictures: path.join(root, "test-results/tour-test") });
  await takeTour(page, guide);
  expect(guide.told).toHaveLength(10);
  expect(await page.locator("#tour-caption").count()).toBe(0);
  expect(complaints).toEqual([]);
});
