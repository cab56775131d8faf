/** The list of routes and a route's own page, in Chromium on made-up data, under the product's policy. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { type Opening, settled, useFakePages } from "./fake-pages.ts";

const name = "the list of routes and a route's own page (needs chromium)";

describe.skipIf(!available.chromium)(name, { timeout: 60_000 }, () => {
  const { open: openPage, route } = useFakePages();
  let page: Page;
  const open = async (opening?: Opening): Promise<void> => {
    page = await openPage(opening);
  };

  it.each([1600, 1280, 800])("keeps words in their lines and columns at %i px", async (width) => {
    await open({ width });
    for (const id of ["views", "p1", "uat-in", "queue-workers"]) {
      const firstLines = await route(id)
        .locator(
          ".state-word > span, .route-id > span, .route-target > .ellipsis, .count-link .figure > span",
        )
        .evaluateAll((texts) =>
          texts.map((text) => {
            const words = document.createRange();
            words.selectNodeContents(text);
            return words.getClientRects()[0]?.bottom ?? Number.NaN;
          }),
        );
      expect(firstLines).toHaveLength(4);
      expect(Math.max(...firstLines) - Math.min(...firstLines)).toBeLessThan(0.5);
    }
    const note = route("queue-workers").locator(".refused");
    expect(await note.innerText()).toBe("4 refused");
    const beyond = (text: string) =>
      note.evaluate((element, said) => {
        element.textContent = said;
        const words = document.createRange();
        words.selectNodeContents(element);
        const [inner, cell] = [words, element.closest("td") ?? element].map((one) =>
          one.getBoundingClientRect(),
        );
        // Within the cell and on one line: what was broken has a rectangle for each line.
        if (words.getClientRects().length !== 1) return Infinity;
        return Math.max((inner?.right ?? 1) - (cell?.right ?? 0), (cell?.left ?? 1) - (inner?.left ?? 0));
      }, text);
    for (const count of ["87", "999", "12K"]) expect(await beyond(`${count} refused`)).toBeLessThanOrEqual(0);
  });

  it("leads from a held route to its pool, and from its details to the others in trouble", async () => {
    await open();
    const trouble = page.locator(".trouble", { hasText: "queue consumers may not fail over" });
    await trouble.getByRole("button", { name: "Show pool prod" }).press("Enter");
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.className), settled("at the pool"))
      .toBe("pool-card");
    await page.keyboard.press("1");
    await route("views").press("Enter");
    await page.getByRole("heading", { name: "views", level: 2 }).waitFor();
    await page.getByRole("button", { name: "3 routes in trouble" }).click();
    await route("uat-web").waitFor();
    expect(await route("views").count()).toBe(0);
  });

  it("can be worked without a mouse", async () => {
    await open();
    const focusedRow = () => page.evaluate(() => document.activeElement?.getAttribute("data-row"));
    await page.keyboard.press("5");
    await page.getByRole("grid", { name: "Connections" }).waitFor();
    await page.keyboard.press("ArrowDown");
    expect(await focusedRow()).toBe(
      await page.locator(".vgrid-body [data-row]").first().getAttribute("data-row"),
    );
    await page.keyboard.press("1");
    await page.keyboard.press("/");
    await page.keyboard.type("uat-in");
    await page.keyboard.press("ArrowDown");
    expect(await focusedRow()).toBe("uat-in");
    await page.keyboard.press(" ");
    await expect.poll(() => route("uat-in").getAttribute("data-state"), settled("stopped")).toBe("stopped");
    await page.keyboard.press(" ");
    await expect.poll(() => route("uat-in").getAttribute("data-state"), settled("started")).toBe("listening");
    await page.keyboard.press("Control+f");
    await page.keyboard.press("Escape");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("End");
    expect(await focusedRow()).toBe("dev-in");
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    expect(await focusedRow()).toBe("views");
    // Exactly one row is in the tab order; right goes into it and left comes out.
    expect(await page.locator("[data-row][tabindex='0']").count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    expect(await focusedRow()).toBeNull();
    await page.keyboard.press("ArrowLeft");
    expect(await focusedRow()).toBe("views");
    await page.keyboard.press("c");
    await page
      .getByRole("dialog", { name: "Addresses of views" })
      .getByText("ws://127.0.0.1:9017/amps/json")
      .waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(focusedRow, settled("focus back")).toBe("views");
    await page.keyboard.press("e");
    await page.getByRole("dialog", { name: "Route views" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(focusedRow, settled("focus back")).toBe("views");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "views", level: 2 }).waitFor();
    await page.keyboard.press("e");
    await page.getByRole("dialog", { name: "Route views" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await expect.poll(focusedRow, settled("focus back")).toBe("views");
    // A selection is let go, and a deletion taken back.
    await page.keyboard.press("x");
    await page.getByText("1 route selected").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("1 route selected").waitFor({ state: "detached" });
    await page.keyboard.press("Delete");
    await page.getByRole("button", { name: "Cut now" }).click();
    await route("views").waitFor({ state: "detached" });
    await page.keyboard.press("Control+z");
    await route("views").waitFor();
    await page.keyboard.press("n");
    await page.getByRole("dialog", { name: "New route" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("edit pool prod");
    await page.getByRole("menuitem", { name: "Edit pool prod" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Commands" }).waitFor({ state: "detached" });
    await page.keyboard.press("Control+k");
    await page.getByRole("menuitem", { name: "New route" }).waitFor();
    await page.keyboard.type("show activity");
    await page.keyboard.press("Enter");
    await page.getByRole("grid", { name: "Activity, newest first" }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("1");
    await route("views").waitFor();
    await route("views").dispatchEvent("contextmenu");
    await page.getByRole("menuitem", { name: "Restart" }).waitFor();
  });

  it("shows one route: its hour drawn and in figures, who is connected, what happened", async () => {
    await open();
    await page.getByRole("button", { name: "orders-in", exact: true }).click();
    await page.getByRole("heading", { name: "Last hour" }).waitFor();
    const drawn = () =>
      page.locator(".hour-plot canvas").evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {
          data: [],
        };
        return new Set(new Uint32Array(Uint8ClampedArray.from(data).buffer)).size;
      });
    await expect.poll(drawn, settled("a drawing of several colours")).toBeGreaterThan(8);
    await page.getByText("Figures", { exact: true }).click();
    expect(await page.locator(".hour-figures tbody tr").count()).toBeGreaterThanOrEqual(12);
    const connections = page.getByRole("grid", { name: "Connections of orders-in" });
    expect(await connections.locator("[data-row]").count()).toBe(3);
    await connections.getByRole("button", { name: "Close" }).first().click();
    await connections.getByRole("button", { name: "Close it" }).click();
    await expect.poll(() => connections.locator("[data-row]").count(), settled("closed")).toBe(2);
    await page.getByRole("button", { name: "Back to all routes (Esc)" }).click();
    await route("views").waitFor();
  });

  it("holds a thousand routes with only those in sight in the page, all within reach of the keyboard", async () => {
    await open({ query: "?routes=1000&connections=1" });
    await expect.poll(() => page.getByText("1,000").count(), settled("all counted")).toBeGreaterThan(0);
    const rows = () => page.locator(".routes-table [data-row]");
    expect(await rows().count()).toBeLessThan(60);
    expect(await page.getByRole("grid", { name: "Routes" }).getAttribute("aria-rowcount")).toBe("1001");
    const focusedRow = () => page.evaluate(() => document.activeElement?.getAttribute("data-row"));
    await rows().first().focus();
    await page.keyboard.press("End");
    await expect.poll(focusedRow, settled("the last")).toBe("route-1000");
    await page.keyboard.press("ArrowUp");
    await expect.poll(focusedRow, settled("the one before")).toBe("route-999");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "route-999", level: 2 }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(focusedRow, settled("back at its row")).toBe("route-999");
    await page.keyboard.press("Home");
    await expect.poll(focusedRow, settled("the first")).toBe("route-1");
    expect(await rows().count()).toBeLessThan(60);
  });

  it("goes on with the next row when the one in focus was deleted", async () => {
    await open();
    await route("uat-in").focus();
    await page.keyboard.press("Delete");
    await route("uat-in").waitFor({ state: "detached" });
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-row")), settled("focus"))
      .toBe("replica-feed");
  });

  it("stops and deletes the selected routes together, asking once", async () => {
    await open();
    for (const id of ["orders-in", "views"])
      await page.getByRole("checkbox", { name: `Select ${id}` }).press(" ");
    await page.getByText("2 routes selected").waitFor();
    await page.getByRole("button", { name: "Stop 2" }).click();
    await page.getByText("6 connections are open.").waitFor();
    await page.getByRole("button", { name: "Drain up to 10 minutes" }).click();
    await expect.poll(() => route("views").getAttribute("data-state"), settled("stopped")).toBe("stopped");
    await page
      .getByRole("toolbar", { name: "Selected routes" })
      .getByRole("button", { name: "Delete" })
      .click();
    await page.getByText("2 routes deleted.").waitFor();
    expect(await route("orders-in").count()).toBe(0);
  });

  it("selects a group of routes to stop it, and says how many of its connections are of publishers", async () => {
    await open();
    await page.evaluate(() =>
      window.fake?.changeElsewhere((config) => ({
        ...config,
        routes: config.routes.map((row) =>
          row.id === "orders-in" ? { ...row, clients: "publishers" } : row,
        ),
      })),
    );
    await page.getByRole("button", { name: /Group routes/ }).click();
    await page.getByRole("option", { name: "By environment" }).click();
    await page.getByRole("checkbox", { name: "Select all of prod" }).press(" ");
    await page.getByText("6 routes selected").waitFor();
    await page.getByRole("button", { name: "Stop 5" }).click();
    await page.getByText("12 connections are open, 3 of publishers.").waitFor();
    await page.getByRole("button", { name: "Cut now" }).click();
    await expect.poll(() => route("views").getAttribute("data-state"), settled("stopped")).toBe("stopped");
    expect(await route("uat-in").getAttribute("data-state")).toBe("listening");
    await page.getByRole("checkbox", { name: "Select all of prod" }).press(" ");
    await page.getByRole("button", { name: "New route" }).waitFor();
  });

  it("mutes a route in its menu, shows it wherever it is, and copies a link to it", async () => {
    await open({ query: "?desktop=1" });
    const choose = async (name: string): Promise<void> => {
      await page.getByRole("button", { name: "More for uat-in" }).click();
      await page.getByRole("menuitem", { name }).click();
    };
    const mark = page.getByRole("img", { name: "Notifications muted" });
    await choose("Mute notifications");
    await route("uat-in").getByRole("img", { name: "Notifications muted" }).waitFor();
    expect(await mark.count()).toBe(1);
    await route("uat-in").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Muted: notify again" }).click();
    await page.getByRole("button", { name: "Mute", exact: true }).click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("8");
    await page.getByRole("button", { name: "Notify of uat-in again" }).click();
    await page.keyboard.press("1");
    await route("uat-in").waitFor();
    expect(await mark.count()).toBe(0);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await choose("Copy link");
    await page.getByText("shunt://route/uat-in copied.").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("shunt://route/uat-in");
  });

  it("opens the page of a route that has one in the browser, and copies host:port with Ctrl-C", async () => {
    await open();
    await page.getByRole("button", { name: "More for orders-in" }).click();
    await page.getByRole("menuitem", { name: "Copy host:port" }).waitFor();
    expect(await page.getByRole("menuitem", { name: "Open in browser" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await page.context().route("http://127.0.0.1:8080/", (page) => page.fulfill({ body: "Galvanometer" }));
    const opened = page.waitForEvent("popup");
    await page.getByRole("button", { name: "More for p1" }).click();
    await page.getByRole("menuitem", { name: "Open in browser" }).click();
    await (await opened).getByText("Galvanometer").waitFor();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.bringToFront();
    await route("views").focus();
    await page.keyboard.press("Control+c");
    await page.getByText("127.0.0.1:9017 copied.").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("127.0.0.1:9017");
  });
});
