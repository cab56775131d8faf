/**
 * What the open UI costs while 1,000 routes and 5,000 connections change four times a second. In Chromium, with made-up
 * data that changes every row each time: the renderer's share of a core, and how the lists scroll meanwhile. In the
 * desktop app, with real routes and connections: how long its main process and its engine keep others waiting.
 */
import { connect, type Socket } from "node:net";
import { cpus } from "node:os";
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { available } from "../support/available.ts";
import { launchChromium } from "../renderer/browser.ts";
import { serveFakePage } from "../renderer/fake-page.ts";
import { type DesktopApp, launchDesktop, newUserData, removeUserData } from "../support/desktop-app.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { giveDisplay } from "../support/virtual-display.ts";
import { startBackendProcess } from "./harness/backend-process.ts";
import { pause, percentile, record } from "./harness/figures.ts";
import type { LoopDelay } from "./harness/shunt-process.ts";

cleanUpAfterEach();

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

test.skipIf(!available.chromium)(
  "U1: the open lists cost the renderer little and scroll",
  async (context) => {
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
      expect(idle).toBeLessThanOrEqual(0.5);
      expect(percentile(frames, 0.5)).toBeLessThanOrEqual(20);
      expect(percentile(frames, 0.99)).toBeLessThanOrEqual(120);
    }
  },
);

const host = "127.0.3.2";
const firstPort = 20_000;

/** Routes of an address of their own, so that no port of another program is in the way. */
function documentOf(routes: number, backendPort: number): ShuntConfig {
  return {
    version: 1,
    tunnels: [],
    backends: [{ id: "b", replication: `tcp://127.0.0.1:${backendPort}` }],
    pools: [],
    routes: Array.from({ length: routes }, (_, number) => ({
      id: `r${number}`,
      listen: `${host}:${firstPort + number}`,
      transport: "replication" as const,
      target: "b",
    })),
  };
}

function openTo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, noDelay: true });
    socket.once("connect", () => resolve(socket.resume()));
    socket.once("error", reject);
  });
}

interface LoopDelays {
  readonly main: LoopDelay;
  readonly others: readonly LoopDelay[];
}

const takeDelays = (desktop: DesktopApp): Promise<LoopDelays> =>
  desktop.app.evaluate(() =>
    (globalThis as unknown as { takeLoopDelays(waitMs: number): Promise<LoopDelays> }).takeLoopDelays(500),
  );

/** Shares of one core since the last call, in per cent: Electron tells shares of the whole machine. */
const cpuShares = (desktop: DesktopApp): Promise<Record<"Tab" | "Browser", number>> =>
  desktop.app.evaluate(({ app }, processors) => {
    const metrics = app.getAppMetrics();
    const shareOf = (type: string): number =>
      (metrics.find((one) => one.type === type)?.cpu.percentCPUUsage ?? Number.NaN) * processors;
    return { Tab: shareOf("Tab"), Browser: shareOf("Browser") };
  }, cpus().length);

const loopOf = ({ p99Ms, maxMs }: LoopDelay): string =>
  `p99 ${p99Ms.toFixed(1)} ms, max ${maxMs.toFixed(0)} ms`;

test.skipIf(!available.electron)("U1: the desktop app's threads stay free", async (context) => {
  const endDisplay = await giveDisplay();
  cleanUp(() => endDisplay?.());
  const backend = await startBackendProcess("echo");
  const userData = newUserData();
  cleanUp(() => removeUserData(userData));
  const preload = join(import.meta.dirname, "harness/desktop-loop-probe.cjs");
  const desktop = await launchDesktop({ userData, preload });
  // It would ask what becomes of the connections.
  cleanUp(() => desktop.kill());
  const { revision } = await desktop.call("config.get", null);
  await desktop.call("config.put", { config: documentOf(1_000, backend.port), revision });
  const sockets: Socket[] = [];
  for (let number = 0; number < 1_000; number++)
    sockets.push(...(await Promise.all(Array.from({ length: 5 }, () => openTo(firstPort + number)))));
  cleanUp(() => sockets.forEach((socket) => socket.destroy()));
  // Every connection carries a byte a second, evenly spread: in every quarter of a second most routes have changed.
  let turn = 0;
  const traffic = setInterval(() => {
    for (let index = turn++ % 50; index < sockets.length; index += 50) sockets[index]?.write("x");
  }, 20);
  cleanUp(() => clearInterval(traffic));
  const told: string[] = [];
  const worst: LoopDelay[] = [];
  for (const [screen, key] of [
    ["Routes", "1"],
    ["Connections", "5"],
  ] as const) {
    await desktop.page.keyboard.press(key);
    await desktop.page.locator(".rail-count", { hasText: "5,000" }).waitFor();
    await pause(2_000);
    await takeDelays(desktop);
    await cpuShares(desktop);
    await pause(seconds * 1_000);
    const shares = await cpuShares(desktop);
    const { main, others } = await takeDelays(desktop);
    const engine = others.reduce((a, b) => (a.p99Ms > b.p99Ms ? a : b));
    worst.push(main, engine);
    told.push(
      `desktop app, ${screen}: main process ${loopOf(main)}, engine ${loopOf(engine)}, renderer ${shares.Tab.toFixed(0)} % and main process with engine ${shares.Browser.toFixed(0)} % of a core`,
    );
  }
  record(context, told.join("; "));
  for (const { p99Ms } of worst) expect(p99Ms).toBeLessThanOrEqual(100);
});
