/**
 * What the open UI costs its renderer while 1,000 routes and 5,000 connections change four times a second, and how its
 * lists scroll meanwhile: Chromium, the UI's own build, made-up data that changes every row each time.
 */
import type { CDPSession, Page } from "playwright-core";
import { expect, test } from "vitest";
import { available } from "../support/available.ts";
import { launchChromium } from "../renderer/browser.ts";
import { serveFakePage } from "../renderer/fake-page.ts";
import { percentile, record } from "./harness/figures.ts";

const seconds = 8;

interface Cost {
  /** Share of one core, all of the renderer's main thread. */
  readonly idle: number;
  /** Between frames while the list scrolls, in milliseconds. */
  readonly frames: readonly number[];
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
}

/** Every frame for a while, with the list moved 40 px in each. */
function scrollFrames(page: Page, scroller: string): Promise<number[]> {
  return page.locator(scroller).evaluate(
    (element, forMs) =>
      new Promise<number[]>((resolve) => {
        const gaps: number[] = [];
        const startMs = performance.now();
        let lastMs = startMs;
        const step = (nowMs: number): void => {
          gaps.push(nowMs - lastMs);
          lastMs = nowMs;
          const isAtEnd = element.scrollTop + element.clientHeight >= element.scrollHeight;
          element.scrollTop = isAtEnd ? 0 : element.scrollTop + 40;
          if (nowMs - startMs < forMs) requestAnimationFrame(step);
          else resolve(gaps.slice(1));
        };
        requestAnimationFrame(step);
      }),
    seconds * 1_000,
  );
}

async function measure(page: Page, session: CDPSession, scroller: string): Promise<Cost> {
  await page.locator(scroller).waitFor();
  const before = await taskSeconds(session);
  await page.waitForTimeout(seconds * 1_000);
  const idle = ((await taskSeconds(session)) - before) / seconds;
  return { idle, frames: await scrollFrames(page, scroller) };
}

const sizes = [
  ["9 routes, 12 connections", "?tick=250"],
  ["1,000 routes, 5,000 connections", "?routes=1000&connections=5&tick=250"],
] as const;

test.skipIf(!available.chromium)("U1: the open lists cost little and scroll", async (context) => {
  const site = await serveFakePage();
  const browser = await launchChromium();
  const told: string[] = [];
  const large: Cost[] = [];
  for (const [size, query] of sizes) {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    await page.goto(site.url + query);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    for (const [screen, key, scroller] of [
      ["Routes", "1", ".table-scroll"],
      ["Connections", "5", ".connections .vgrid-scroll"],
    ] as const) {
      await page.keyboard.press(key);
      const cost = await measure(page, session, scroller);
      if (query.includes("routes")) large.push(cost);
      const [p50, p99] = [0.5, 0.99].map((share) => percentile(cost.frames, share).toFixed(0));
      told.push(`${size}, ${screen}: ${(cost.idle * 100).toFixed(0)} % of a core, frames ${p50}/${p99} ms`);
    }
    await page.context().close();
  }
  await browser.close();
  await site.close();
  record(context, told.join("; "));
  for (const { idle, frames } of large) {
    expect(idle).toBeLessThanOrEqual(0.75);
    expect(percentile(frames, 0.5)).toBeLessThanOrEqual(20);
    expect(percentile(frames, 0.99)).toBeLessThanOrEqual(120);
  }
});
