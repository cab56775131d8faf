/** The UI as a whole in Chromium on made-up data, under the product's policy: themes, sizes, what is left out in a browser. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { lowContrast } from "./browser.ts";
import { type Opening, settled, useFakePages } from "./fake-pages.ts";

const name = "the UI as a whole (needs chromium)";

describe.skipIf(!available.chromium)(name, { timeout: 60_000 }, () => {
  const { open: openPage, route, field } = useFakePages();
  let page: Page;
  const open = async (opening?: Opening): Promise<void> => {
    page = await openPage(opening);
  };

  it("leaves out in a browser what only a desktop can do", async () => {
    await open();
    await page.getByRole("button", { name: "More for uat-in" }).click();
    await page.getByRole("menuitem", { name: "Conditions…" }).waitFor();
    expect(await page.getByRole("menuitem", { name: /Mute|Copy link/ }).count()).toBe(0);
  });

  it("follows a theme that is chosen elsewhere while the settings are open", async () => {
    await open({ query: "?desktop=1" });
    await page.keyboard.press("8");
    const chosen = page.getByRole("radiogroup", { name: "Theme" }).getByRole("radio", { checked: true });
    await expect.poll(() => chosen.innerText(), settled("as the system")).toBe("As the system");
    await page.evaluate(() => window.fake?.shell?.setTheme("dark"));
    await expect.poll(() => chosen.innerText(), settled("dark")).toBe("Dark");
  });

  it("opens each form at its first field, what it holds selected, and gives the focus back", async () => {
    await open();
    const button = (name: string) => page.getByRole("button", { name });
    const forms: readonly (readonly [
      screen: string,
      opener: Locator,
      key: string,
      name: string,
      text: string,
    ])[] = [
      ["1", route("orders-in"), "n", "id", ""],
      ["1", route("views"), "e", "id", "views"],
      ["1", button("New route"), "Enter", "id", ""],
      ["2", route("prod-2"), "Enter", "id", "prod-2"],
      ["3", button("Edit pool prod"), "Enter", "id", "prod"],
      ["4", button("Edit tunnel corp"), " ", "id", "corp"],
      ["8", button("Import…"), "Enter", "json", ""],
    ];
    for (const [screen, opener, key, name, text] of forms) {
      await page.keyboard.press(screen);
      await opener.press(key);
      await expect
        .poll(
          () => page.evaluate(() => (document.activeElement as HTMLElement).dataset["field"]),
          settled(name),
        )
        .toBe(name);
      expect(await field(name).inputValue()).toBe(text);
      expect(await page.evaluate(() => getSelection()?.toString())).toBe(text);
      await page.keyboard.press("Escape");
      await page.locator(".sheet").waitFor({ state: "detached" });
      await expect
        .poll(() => opener.evaluate((element) => element === document.activeElement), settled("focus back"))
        .toBe(true);
    }
    // The key that chose a command is not the one that saves what it opened.
    await page.keyboard.press("Control+k");
    await page.keyboard.type("Edit backend prod-1");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.evaluate(() => getSelection()?.toString()), settled("selected"))
      .toBe("prod-1");
    expect(await page.locator(".toast").count()).toBe(0);
  });

  it("closes menus under what comes in front of them, and goes back to where they were opened", async () => {
    await open({ query: "?desktop=1" });
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-row"));
    const more = route("views").getByRole("button", { name: "More for views" });
    const hasFocus = () => more.evaluate((button) => button === document.activeElement);
    const menus = page.locator(".popover");
    const wish = () => page.evaluate(() => window.fake?.shell?.wish({ do: "new-route" }));
    await route("views").press("ContextMenu");
    await page.getByRole("menuitem", { name: "Restart" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog", { name: "Commands" }).waitFor();
    await menus.waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await expect.poll(hasFocus, settled("the menu's button")).toBe(true);
    await route("views").press("c");
    await page.getByRole("heading", { name: "Addresses of views" }).waitFor();
    await page.keyboard.press("Control+k");
    await menus.waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await expect.poll(focused, settled("the row")).toBe("views");
    // The window's own menu asks for a sheet: it comes in front of a menu, not of a draft or a question.
    await more.click();
    await wish();
    await page.getByRole("dialog", { name: "New route" }).waitFor();
    await menus.waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await expect.poll(hasFocus, settled("the menu's button")).toBe(true);
    await route("views").press("e");
    await field("note").fill("half-written");
    await wish();
    expect(await field("note").inputValue()).toBe("half-written");
    await page.keyboard.press("Escape");
    await page.locator(".sheet").waitFor({ state: "detached" });
    await route("views").press(" ");
    await page.getByRole("alertdialog").waitFor();
    await wish();
    await page.keyboard.press("Control+k");
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  it("keeps figures where they are while they change: in the head, and over a route's details", async () => {
    await open({ query: "?tick=3600000" });
    await route("orders-in").press("Enter");
    const figures = page.locator(".meter dd, .route-figure:has(.route-figure-note) dd");
    const places = () =>
      page
        .locator(".meter, .route-figure")
        .evaluateAll((parts) => parts.map((part) => JSON.stringify(part.getBoundingClientRect())));
    await expect.poll(() => figures.count(), settled("all figures")).toBe(5);
    const before = await places();
    await figures.evaluateAll((all) => {
      for (const figure of all) {
        const [value, note] = figure.childNodes;
        const isRate = figure.textContent.includes("/s");
        if (note instanceof HTMLElement && value) {
          value.textContent = "88.8 MB/s";
          note.textContent = " 88.8 GB";
        } else figure.textContent = isRate ? "↓ 88.8 MB/s" : "88,888";
      }
    });
    expect(await places()).toEqual(before);
    expect(await figures.evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth))).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  it("counts trouble in the title", async () => {
    await open();
    await expect.poll(() => page.title(), settled("title")).toBe("(3 in trouble) Shunt");
  });

  it("holds still where the system asks for it", async () => {
    await open({ reducedMotion: "reduce" });
    const moving = await page
      .locator(".needle-hand")
      .evaluate((hand) => getComputedStyle(hand).transitionDuration);
    expect(moving).toMatch(/^0s|^none/);
  });

  it.each(["light", "dark"] as const)(
    "has AA contrast on every screen in the %s theme",
    async (colorScheme) => {
      await open({ colorScheme });
      const low: Record<string, readonly string[]> = {};
      for (const key of ["1", "2", "3", "4", "5", "6", "7", "8"]) {
        await page.keyboard.press(key);
        await page.waitForTimeout(200);
        low[key] = await lowContrast(page);
      }
      await page.keyboard.press("7");
      await page.getByText("Leave out, with a comment").click();
      await page.getByRole("region", { name: "shunt-nginx.conf" }).waitFor();
      low["exported"] = await lowContrast(page);
      await page.keyboard.press("1");
      await page.keyboard.press("n");
      await field("id").fill("Not An Id");
      await field("listen").fill("0.0.0.0:1");
      await page.locator(".sheet .field-error").waitFor();
      low["sheet"] = await lowContrast(page);
      expect(low).toEqual({
        "1": [],
        "2": [],
        "3": [],
        "4": [],
        "5": [],
        "6": [],
        "7": [],
        "8": [],
        exported: [],
        sheet: [],
      });
    },
  );

  it.each([1500, 1280, 1200, 1100, 1000, 900, 800])(
    "leaves the name of a route room at %i px",
    async (width) => {
      await open({ width });
      const box = await route("queue-workers").locator('[data-column="id"]').boundingBox();
      expect(box?.width).toBeGreaterThan(75);
    },
  );

  it("stays where it is when a box below the fold takes the focus", async () => {
    await open({ width: 800, height: 420 });
    await page.getByRole("checkbox", { name: "Select dev-in" }).press(" ");
    await page.getByText("1 route selected").waitFor();
    const top = () => page.locator(".header").evaluate((header) => header.getBoundingClientRect().top);
    expect(await top()).toBe(0);
  });

  it.each([
    [800, 600],
    [640, 400],
  ])("keeps every control of a route in reach at %i × %i", async (width, height) => {
    await open({ width, height });
    const button = page.getByRole("button", { name: "Stop orders-in" });
    const box = await button.boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= width).toBe(true);
    await button.click({ trial: true });
    await page.keyboard.press("n");
    await page.getByRole("button", { name: "Create route" }).click({ trial: true });
    await field("note").scrollIntoViewIfNeeded();
    await field("note").fill("reached");
  });
});
