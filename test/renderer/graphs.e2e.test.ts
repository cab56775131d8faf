/** Graphs that stand still while they are read, and figures that alone are drawn anew, in Chromium on made-up data. */
import { describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { drawnBy, laidOutBy, layersAround, watchDrawing } from "./drawn-anew.ts";
import { settled, useFakePages } from "./fake-pages.ts";

const name = "graphs and figures as time passes (needs chromium)";

describe.skipIf(!available.chromium)(name, { timeout: 60_000 }, () => {
  const { open, route } = useFakePages();

  it("the minute in a row: under the pointer it stays, says what was then, and goes on when it is left", async () => {
    const page = await open({ ownClock: true });
    await page.clock.runFor(5_000);
    const minute = route("orders-in").getByRole("slider", { name: "Last minute of orders-in" });
    const drawn = () => minute.locator(".sparkline-client").getAttribute("d");
    expect(await minute.getAttribute("aria-valuetext")).toMatch(/^peak .+\/s$/);
    const { x, y, width } = (await minute.boundingBox()) ?? { x: 0, y: 0, width: 0 };
    await page.mouse.move(x + width - 1, y + 10);
    const reading = minute.locator(".spark-reading");
    await expect.poll(() => reading.innerText(), settled("a reading")).toMatch(/\d\d:\d\d:\d\d/);
    const [held, said] = [await drawn(), await reading.innerText()];
    expect(said).toMatch(/↓ .+\/s[^]*↑ .+\/s[^]*3 connections/);
    await page.clock.runFor(3_000);
    expect([await drawn(), await reading.innerText()]).toEqual([held, said]);
    await page.mouse.move(x + width / 2, y + 10);
    await expect.poll(() => reading.innerText(), settled("another moment")).not.toBe(said);
    await page.mouse.move(x, 5);
    await reading.waitFor({ state: "detached" });
    await expect.poll(drawn, settled("the minute going on")).not.toBe(held);
  });

  it("the minute in a row: the arrows reach it and move along it, Escape gives the row back", async () => {
    const page = await open({ ownClock: true });
    await page.clock.runFor(3_000);
    await route("orders-in").focus();
    const minute = route("orders-in").getByRole("slider");
    const isFocused = () => minute.evaluate((element) => element === document.activeElement);
    for (let step = 0; step < 8 && !(await isFocused()); step += 1) await page.keyboard.press("ArrowRight");
    await minute.locator(".spark-reading").waitFor();
    const at = () => minute.getAttribute("aria-valuenow").then(Number);
    const last = await at();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(at).toBe(last - 1);
    await page.keyboard.press("Home");
    await expect.poll(at).toBe(0);
    await page.clock.runFor(2_000);
    expect(await at()).toBe(0);
    expect(await minute.getAttribute("aria-valuetext")).toMatch(/^\d\d:\d\d:\d\d, ↓/);
    await page.keyboard.press("Escape");
    await expect.poll(() => route("orders-in").evaluate((row) => row === document.activeElement)).toBe(true);
    expect(await page.locator(".spark-reading").count()).toBe(0);
  });

  it("the hour of a route: pointed at or worked with the arrows it stays, and the figures say its moment", async () => {
    const page = await open({ ownClock: true });
    await page.getByRole("button", { name: "orders-in", exact: true }).click();
    const hour = page.getByRole("slider", { name: /^Last hour/ });
    await hour.locator("canvas").waitFor();
    const moment = page.locator(".hour-moment");
    const paused = page.getByText("❚❚ paused");
    const says = () => hour.getAttribute("aria-valuetext");
    const latest = await says();
    const { x, y, width } = (await hour.boundingBox()) ?? { x: 0, y: 0, width: 0 };
    await page.mouse.move(x + width / 2, y + 60);
    await paused.waitFor();
    await expect.poll(says, settled("the moment under the pointer")).not.toBe(latest);
    const said = await says();
    await page.clock.runFor(16_000);
    await page.mouse.move(x + width / 2, y + 61);
    expect(await says()).toBe(said);
    await page.mouse.move(x, 5);
    await paused.waitFor({ state: "detached" });
    await expect.poll(says, settled("the hour going on")).not.toBe(latest);

    await page.locator(".hour-figures summary").focus();
    await page.keyboard.press("Shift+Tab");
    await paused.waitFor();
    const last = Number(await hour.getAttribute("aria-valuemax"));
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("PageUp");
    await expect.poll(() => hour.getAttribute("aria-valuenow")).toBe(String(last - 21));
    const clock = /\d\d:\d\d:\d\d/;
    expect((await says())?.match(clock)?.[0]).toBe((await moment.innerText()).match(clock)?.[0]);
    await page.keyboard.press("Escape");
    await paused.waitFor({ state: "detached" });
    await expect.poll(() => hour.getAttribute("aria-valuenow")).toBe(String(last));
    // Only the next one leaves the route.
    await page.keyboard.press("Escape");
    await route("orders-in").waitFor();
  });

  it.each([
    { width: 1600, layouts: 1, says: "its total" },
    { width: 1280, layouts: 0, says: "nothing, where there is no room for its total" },
  ])(
    "draws of a route that carries bytes only what differs, $says, at $width px",
    async ({ width, layouts }) => {
      const page = await open({ width, query: "?tick=1000000000", ownClock: true, before: watchDrawing });
      await page.clock.pauseAt(Date.now() + 60_000);
      const total = route("orders-in").locator("td[data-column='total']");
      const before = await total.textContent();
      const onlyBytes = await drawnBy(page, () => window.fake?.carry("orders-in", 3e9));
      expect(onlyBytes).toEqual({ places: ["column total", "row orders-in"], layouts });
      expect(await total.textContent()).not.toBe(before);
      // With new rates the sums over all routes are others, and every minute is a second further.
      await page.evaluate(() => window.fake?.carry("orders-in", 2e9, 2e9));
      await page.clock.runFor(600);
      const rate = await drawnBy(page, () => window.fake?.carry("orders-in", 3e9, 3e9));
      expect(rate.places).toEqual(["column rate", "column spark", "column total", "header", "row orders-in"]);
      expect(await route("orders-in").locator("td[data-column='rate']").innerText()).toBe("3.00 GB/s");
    },
  );

  it("lays out new figures alone, and not the table that they stand in", async () => {
    const page = await open({ width: 1600, query: "?tick=1000000000", ownClock: true });
    await page.clock.pauseAt(Date.now() + 60_000);
    const bytes = await laidOutBy(page, () => window.fake?.carry("orders-in", 3e9));
    const rates = await laidOutBy(page, () => window.fake?.carry("orders-in", 2e9, 2e9));
    expect([bytes, rates].map((objects) => objects > 0 && objects < 20)).toEqual([true, true]);
  });

  it("draws ages that go on together with the minutes, in one frame", async () => {
    const page = await open({ query: "?tick=1000000000", ownClock: true, before: watchDrawing });
    await route("dev-in").press(" ");
    await route("dev-in").getByText("Listening").waitFor();
    await page.clock.pauseAt(Date.now() + 10_000);
    await page.evaluate(() => window.fake?.carry("orders-in", 2e9, 2e9));
    await page.clock.runFor(1_000);
    const { places } = await drawnBy(page, () => window.fake?.carry("orders-in", 3e9, 3e9));
    expect(places).toEqual(expect.arrayContaining(["column since", "column spark"]));
  });

  it("swings its needle on a layer that makes no others", async () => {
    const page = await open({ query: "?tick=1000000000", ownClock: true });
    await page.clock.pauseAt(Date.now() + 60_000);
    const { before, after } = await layersAround(page, () => window.fake?.carry("orders-in", 2e9, 2e9));
    expect(before).toBeGreaterThan(1);
    expect(after).toBe(before);
  });

  it.each([
    ["Backends", ["column flow", "column load", "header", "row prod-1"]],
    ["Connections", ["header", "main", "row c1", "vgrid"]],
    ["orders-in", ["connections-title", "header", "main", "route-figures", "row c1", "vgrid"]],
  ])("draws on %s what differs, and not what stands around it", async (screen, places) => {
    const page = await open({ query: "?tick=1000000000", ownClock: true, before: watchDrawing });
    await page
      .getByRole("button", { name: screen, exact: screen === "orders-in" })
      .first()
      .click();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.evaluate(() => window.fake?.carry("orders-in", 2e9, 2e9));
    await page.clock.runFor(600);
    expect(await drawnBy(page, () => window.fake?.carry("orders-in", 3e9, 3e9))).toMatchObject({ places });
  });
});
