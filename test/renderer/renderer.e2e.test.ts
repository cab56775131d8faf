import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { launchChromium, lowContrast, watchComplaints } from "./browser.ts";
import { type FakePage, serveFakePage } from "./fake-page.ts";

const patience = { timeout: 60_000 };

describe.skipIf(!available.chromium)(
  "the UI in Chromium, under the product's policy (needs chromium)",
  patience,
  () => {
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

    interface Opening {
      readonly query?: string;
      readonly width?: number;
      readonly height?: number;
      readonly colorScheme?: "light" | "dark";
      readonly reducedMotion?: "reduce";
    }
    async function open(opening: Opening = {}): Promise<void> {
      const { query = "", width = 1280, height = 800, ...rest } = opening;
      const context = await browser.newContext({ viewport: { width, height }, ...rest });
      page = await context.newPage();
      page.setDefaultTimeout(10_000);
      complaints = watchComplaints(page);
      await page.goto(site.url + query);
      await page.getByRole("button", { name: /Try the sandbox|New route/ }).waitFor();
    }
    const route = (id: string) => page.locator(`[data-row="${id}"]`);
    const field = (name: string) => page.locator(`.sheet [data-field="${name}"]`);
    const settled = (state: string) => ({ timeout: 5000, message: state });

    it("puts a route under conditions, says so loudly, and ends them", async () => {
      await open();
      await page.getByRole("button", { name: "More for orders-in" }).click();
      await page.getByRole("menuitem", { name: "Conditions…" }).click();
      await page.getByRole("button", { name: "Set conditions" }).click();
      await page.getByText("Nothing is set yet").waitFor();
      await field("latencyMs").fill("much");
      await page.getByText("A number, please.").waitFor();
      await field("latencyMs").fill("200");
      await page.getByRole("button", { name: "Set conditions" }).click();
      await page.getByText("Under conditions:", { exact: true }).waitFor();
      await page.getByRole("button", { name: "1 route under conditions" }).waitFor();
      expect(await lowContrast(page)).toEqual([]);
      await page.getByRole("button", { name: "End now" }).click();
      await expect
        .poll(() => page.getByText("Under conditions:", { exact: true }).count(), settled("no conditions"))
        .toBe(0);
    });

    it("creates a route in the form, with what is wrong said while it is typed", async () => {
      await open();
      await page.getByRole("button", { name: "New route" }).click();
      // A free address is proposed: 9007 is a route's, 9008 another program's.
      await expect.poll(() => field("listen").inputValue(), settled("proposal")).toBe("127.0.0.1:9009");
      await field("id").fill("Orders Out");
      await page.getByText('"Orders Out" must be lower-case').waitFor();
      await field("id").fill("orders-in");
      await page.getByText('"orders-in" is in use already.').waitFor();
      await field("id").fill("orders-out");
      await expect.poll(() => page.locator(".sheet .field-error").count(), settled("no error")).toBe(0);

      await field("listen").fill("0.0.0.0:9090");
      await page.getByText("Others on your network can reach this.").waitFor();
      await field("listen").fill("127.0.0.1:9008");
      await page.getByText("127.0.0.1:9008 is taken by java (pid 4711).").waitFor();
      await page.getByRole("button", { name: "Use 127.0.0.1:9009" }).click();
      expect(await field("listen").inputValue()).toBe("127.0.0.1:9009");
      await field("listen").fill("127.0.0.1:9008");
      await page.getByRole("button", { name: "Use 127.0.0.2:9008" }).click();
      expect(await field("listen").inputValue()).toBe("127.0.0.2:9008");
      await field("listen").fill("127.0.0.1:9009");

      // Saving what is not complete leads to the field that lacks something.
      await page.getByRole("button", { name: "Create route" }).click();
      await page.getByText("Choose a backend or a pool.", { exact: true }).waitFor();
      await field("target").click();
      await page.getByRole("option", { name: "prod-1" }).first().click();
      await page.getByText("Listens on 127.0.0.1:9009 for amps traffic and carries it to prod-1.").waitFor();
      await page.getByRole("button", { name: "Create route" }).click();
      await route("orders-out").getByText("Listening", { exact: true }).waitFor();
      expect(await route("orders-out").getAttribute("data-state")).toBe("listening");
      expect(await page.locator(".sheet").count()).toBe(0);
    });

    it("makes a backend along with the route that leads to it", async () => {
      await open({ query: "?scenario=empty" });
      await page.getByRole("button", { name: "Add your first route" }).click();
      await field("id").fill("first");
      await field("backend.id").fill("here");
      await field("backend.amps").fill("http://wrong");
      await page.getByText('"http://wrong" is not an address').waitFor();
      await field("backend.amps").fill("tcp://127.0.0.1:9999");
      await expect.poll(() => page.locator(".sheet .field-error").count(), settled("no error")).toBe(0);
      await page.getByRole("button", { name: "Create route" }).click();
      await route("first").getByText("here").waitFor();
    });

    it("asks before it stops a route with live connections, and not when there are none", async () => {
      await open();
      await page.getByRole("button", { name: "Stop orders-in" }).click();
      const question = page.getByRole("alertdialog", { name: "Stop route orders-in?" });
      await question.getByText("3 connections are open.").waitFor();
      await page.keyboard.press("Escape");
      await question.waitFor({ state: "detached" });
      expect(await route("orders-in").getAttribute("data-state")).toBe("listening");

      await page.getByRole("button", { name: "Stop orders-in" }).click();
      await page.getByRole("button", { name: "Cut now" }).click();
      await expect
        .poll(() => route("orders-in").getAttribute("data-state"), settled("stopped"))
        .toBe("stopped");

      await page.getByRole("button", { name: "Stop uat-in" }).click();
      await expect.poll(() => route("uat-in").getAttribute("data-state"), settled("stopped")).toBe("stopped");
    });

    it("puts a deleted route back where it was", async () => {
      await open();
      const order = () =>
        page.locator("[data-row]").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-row")));
      const before = await order();
      await route("uat-in").focus();
      await page.keyboard.press("Delete");
      await route("uat-in").waitFor({ state: "detached" });
      await page.getByText("Route uat-in deleted.").waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await route("uat-in").waitFor();
      expect(await order()).toEqual(before);
    });

    it("moves a route whose port is taken to the free one with one press", async () => {
      await open();
      await page.getByText("127.0.0.1:9008 is in use by java (pid 4711).").waitFor();
      await page.getByRole("button", { name: "Move to 9009" }).click();
      await route("uat-web").getByText("127.0.0.1:9009").waitFor();
      // Its listener is fine now; its backend still is not, and both are told apart.
      expect(await route("uat-web").getAttribute("data-state")).toBe("listening");
      expect(await route("uat-web").getAttribute("data-health")).toBe("down");
      await route("uat-web").getByText("Listening, backend down").waitFor();
    });

    it("tags a route by keyboard, finds routes by tag, and tags several at once", async () => {
      await open();
      const chips = (id: string) => route(id).locator(".tag-chip").allInnerTexts();
      await route("p1").focus();
      await page.keyboard.press("e");
      await field("tags").focus();
      await page.keyboard.type("lab,night");
      await page.keyboard.press("Enter");
      await page.getByRole("row", { name: "lab" }).focus();
      await page.keyboard.press("Delete");
      await expect.poll(() => page.locator(".sheet .tag-chip").allInnerTexts()).toEqual(["night"]);
      await page.getByRole("button", { name: "Save" }).click();
      await page.locator(".sheet").waitFor({ state: "detached" });
      expect(await chips("p1")).toEqual(["night"]);

      await page.getByRole("searchbox", { name: "Filter routes" }).fill("tag:em");
      await expect.poll(() => page.locator("[data-row]").count(), settled("two")).toBe(2);
      await page.getByRole("checkbox", { name: "Select all shown" }).press(" ");
      await page.getByRole("button", { name: "Tags…" }).click();
      await page.getByRole("dialog").getByLabel("Tags", { exact: true }).fill("desk");
      await page.keyboard.press("Enter");
      await expect.poll(() => chips("views"), settled("added")).toEqual(["emea", "desk"]);
      await page.getByRole("button", { name: "Remove critical" }).click();
      await expect.poll(() => chips("orders-in"), settled("removed")).toEqual(["emea", "desk"]);
    });

    it("counts how long each route has been as it is, sorts by that, and says when it was last in trouble", async () => {
      await open();
      const since = (id: string) => route(id).locator('[data-column="since"]');
      await since("uat-in")
        .getByText(/^\d+ s$/)
        .waitFor();
      const first = await since("uat-in").innerText();
      await expect.poll(() => since("uat-in").innerText(), settled("a second")).not.toBe(first);
      await since("views").getByText("12 min ago").waitFor();
      const ids = () => page.locator("[data-row]").evaluateAll((all) => all.map((one) => one.dataset["row"]));
      await page.getByRole("button", { name: "Since" }).click();
      expect((await ids()).at(-1)).toMatch(/^uat-/);
      await page.getByRole("button", { name: "Since" }).click();
      expect((await ids())[0]).toMatch(/^uat-/);
    });

    it("listens on the free port for this session, says what it stands in for, and goes back", async () => {
      await open();
      await page.getByRole("button", { name: "Use 9009 this session" }).click();
      await route("uat-web").getByText("127.0.0.1:9009").waitFor();
      await page.getByText("127.0.0.1:9009 for this session:").waitFor();
      await page.getByText("127.0.0.1:9008 is in use by java (pid 4711).").waitFor();
      await page.getByRole("button", { name: "Back to 9008" }).click();
      await route("uat-web").getByText("127.0.0.1:9008").waitFor();
    });

    it("restarts a route from its row, and asks first what becomes of who is connected", async () => {
      await open();
      await route("views").focus();
      await page.keyboard.press("r");
      await page.getByRole("alertdialog", { name: "Restart route views?" }).waitFor();
      await page.getByText("New ones are taken again at once.").waitFor();
      await page.getByRole("button", { name: "Cut now" }).click();
      await page.getByText("Route views was restarted.").waitFor();
    });

    it("keeps what was typed when somebody else saved the same route meanwhile, and says so", async () => {
      await open();
      await route("views").focus();
      await page.keyboard.press("e");
      await field("note").fill("mine");
      await page.evaluate(() =>
        window.fake?.changeElsewhere((config) => ({
          ...config,
          routes: config.routes.map((row) => (row.id === "views" ? { ...row, note: "theirs" } : row)),
        })),
      );
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("was changed elsewhere while you were editing").waitFor();
      expect(await field("note").inputValue()).toBe("mine");
      await page.getByRole("button", { name: "Save" }).click();
      await route("views").getByText("mine").waitFor();
    });

    it("does not bother anybody when somebody else saved another route meanwhile", async () => {
      await open();
      await route("views").focus();
      await page.keyboard.press("e");
      await field("note").fill("mine");
      await page.evaluate(() =>
        window.fake?.changeElsewhere((config) => ({
          ...config,
          routes: config.routes.map((row) => (row.id === "p1" ? { ...row, note: "theirs" } : row)),
        })),
      );
      await page.getByRole("button", { name: "Save" }).click();
      await route("views").getByText("mine").waitFor();
      await route("p1").getByText("theirs").waitFor();
    });

    it("can be worked without a mouse", async () => {
      await open();
      const focusedRow = () => page.evaluate(() => document.activeElement?.getAttribute("data-row"));
      await page.keyboard.press("/");
      await page.keyboard.type("uat-in");
      await page.keyboard.press("ArrowDown");
      expect(await focusedRow()).toBe("uat-in");
      await page.keyboard.press(" ");
      await expect.poll(() => route("uat-in").getAttribute("data-state"), settled("stopped")).toBe("stopped");
      await page.keyboard.press(" ");
      await expect
        .poll(() => route("uat-in").getAttribute("data-state"), settled("started"))
        .toBe("listening");
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
      await page.keyboard.press("n");
      await page.getByRole("dialog", { name: "New route" }).waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.keyboard.type("show activity");
      await page.keyboard.press("Enter");
      await page.getByRole("grid", { name: "Activity, newest first" }).waitFor();
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("1");
      await route("views").waitFor();
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

    it("lists thousands of connections with a page of rows, and closes one where it stands", async () => {
      await open({ query: "?connections=700" });
      await page.keyboard.press("5");
      const grid = page.getByRole("grid", { name: "Connections" });
      await grid.waitFor();
      expect(Number(await grid.getAttribute("aria-rowcount"))).toBeGreaterThan(2800);
      expect(await page.locator(".vgrid-body [data-row]").count()).toBeLessThan(60);
      await page.locator(".vgrid-body [data-row]").first().focus();
      await page.keyboard.press("End");
      const last = page.locator(`[aria-rowindex="${await grid.getAttribute("aria-rowcount")}"]`);
      await expect
        .poll(() => last.evaluate((row) => row === document.activeElement), settled("last row"))
        .toBe(true);
      const id = (await last.getAttribute("data-row")) as string;
      await page.keyboard.press("Delete");
      await page.getByRole("button", { name: "Close it" }).press("Enter");
      await page.locator(`[data-row="${id}"]`).waitFor({ state: "detached" });
    });

    it("holds the activity still while paused, and counts what is new", async () => {
      await open();
      await page.keyboard.press("6");
      const rows = page.locator(".vgrid-body [data-row]");
      await rows.first().waitFor();
      const before = await rows.count();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.evaluate(() => window.fake?.changeElsewhere((config) => config));
      await page.getByRole("button", { name: "Resume (1 new)" }).waitFor();
      expect(await rows.count()).toBe(before);
      await page.getByRole("button", { name: "Resume (1 new)" }).click();
      await expect.poll(() => rows.count(), settled("resumed")).toBe(before + 1);
      const saving = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save…" }).click();
      const saved = await (await saving).createReadStream();
      const chunks: Buffer[] = [];
      for await (const chunk of saved) chunks.push(chunk as Buffer);
      const lines = Buffer.concat(chunks).toString().trimEnd().split("\n");
      expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toHaveLength(
        before + 1,
      );
    });

    it("exports: refuses what would be lost, leaves it out when told, saves, and shows what changed since", async () => {
      await open();
      await page.keyboard.press("7");
      await page.getByText("Nothing is exported").waitFor();
      await page.getByText(/Backend prod-2 is reached through SSH tunnel bastion/).waitFor();
      await page.getByRole("button", { name: "Leave it out" }).click();
      const code = page.getByRole("region", { name: "shunt-nginx.conf" });
      await code.getByText("server", { exact: true }).first().waitFor();
      expect(await code.locator('[data-token="comment"]').count()).toBeGreaterThan(0);
      const names: string[] = [];
      page.on("download", (download) => names.push(download.suggestedFilename()));
      await page.getByRole("button", { name: "Save 2 files…" }).click();
      await expect
        .poll(() => [...names].sort(), settled("downloads"))
        .toEqual(["shunt-nginx.conf", "shunt-tunnel-bastion.service"]);
      await page.evaluate(() =>
        window.fake?.changeElsewhere((config) => ({
          ...config,
          routes: config.routes.filter((row) => row.id !== "views"),
        })),
      );
      await page.keyboard.press("1");
      await route("views").waitFor({ state: "detached" });
      await page.keyboard.press("7");
      await page.getByRole("radio", { name: "Changes", exact: true }).click();
      const changes = page.getByRole("region", {
        name: /^Changes of shunt-nginx.conf: 0 lines added, [1-9]/,
      });
      await changes.getByText("# route views → prod").waitFor();
    });

    it("says that an export takes long, and stops it", async () => {
      await open();
      await page.evaluate(() => window.fake?.holdExports(true));
      await page.keyboard.press("7");
      await page.getByText("Making the export…").waitFor();
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByText("The export was stopped.").waitFor();
      await page.evaluate(() => window.fake?.holdExports(false));
      await page.getByRole("button", { name: "Make it again" }).click();
      await page.getByText("Nothing is exported").waitFor();
    });

    it("begins with the sandbox in one press, says so on every screen, and removes it again", async () => {
      await open({ query: "?scenario=empty" });
      await page.getByRole("button", { name: "Try the sandbox" }).click();
      await route("sandbox-in").waitFor();
      for (const key of ["1", "2", "3", "4", "5", "6", "7", "8"]) {
        await page.keyboard.press(key);
        await page.getByText("simulated AMPS, no real data").waitFor();
      }
      await page.getByRole("button", { name: "Open its controls" }).first().click();
      const first = page.locator(".sandbox-card").first();
      await first.getByRole("button", { name: "Downgrade" }).click();
      await first.getByText("async (downgraded), connected").waitFor();
      await first.getByRole("button", { name: "Stop" }).click();
      await first.getByText("Stopped").waitFor();
      await page.getByRole("button", { name: "Stop and remove its routes" }).click();
      await page.getByRole("button", { name: "Try the sandbox" }).waitFor();
      expect(await page.getByText("simulated AMPS, no real data").count()).toBe(0);
    });

    it("imports a pasted configuration once its problems are gone", async () => {
      await open({ query: "?scenario=empty" });
      await page.getByRole("button", { name: "Import…" }).click();
      const submit = page.getByRole("button", { name: "Import", exact: true });
      await field("json").fill('{ "version": 1, ');
      await page.getByText("This is not JSON").waitFor();
      const backend = { id: "Prod", amps: "tcp://amps:9007" };
      const document = { version: 1, tunnels: [], backends: [backend], pools: [], routes: [] };
      await field("json").fill(JSON.stringify(document));
      await page.getByText("backends[0].id").waitFor();
      expect(await submit.isDisabled()).toBe(true);
      await field("json").fill(JSON.stringify({ ...document, backends: [{ ...backend, id: "prod" }] }));
      await page.getByText("Then there are 0 routes and 1 backend.").waitFor();
      await submit.click();
      // The sheet has the keyboard until it is gone.
      await page.locator(".sheet").waitFor({ state: "detached" });
      await page.keyboard.press("2");
      await route("prod").waitFor();
    });

    it("imports what is chosen of an AMPS file and an SSH configuration, and never shows the file", async () => {
      await open();
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("button", { name: "Import…" }).click();
      const submit = page.getByRole("button", { name: "Import", exact: true });
      const from = async (label: string): Promise<void> => {
        await field("kind").click();
        await page.getByRole("option", { name: label }).click();
      };
      await from("AMPS configuration file");
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Choose a file…" }).click();
      const buffer = Buffer.from("<AMPSConfig><Password>s3cret</Password></AMPSConfig>");
      await (await chooser).setFiles({ name: "amps.xml", mimeType: "text/xml", buffer });
      await page.getByText("say which host the file came from").waitFor();
      expect(await submit.isDisabled()).toBe(true);
      await field("host").fill("amps-9");
      await page.getByText("Adds 1 backend and 1 route.").waitFor();
      expect(await lowContrast(page)).toEqual([]);
      expect(await page.content()).not.toContain("s3cret");
      // A route goes with its backend, and comes with it again.
      const item = (id: string) => page.locator(".sheet .check", { hasText: id }).first();
      await item("tcp://amps-9:9007").click();
      await page.getByText("Nothing is changed before you import.").waitFor();
      await item("127.0.0.1:10014").click();
      await page.getByText("Adds 1 backend and 1 route.").waitFor();
      await from("SSH configuration");
      await page.getByText("Adds 1 tunnel, 1 backend and 1 route.").waitFor();
      await page.getByText("RemoteForward 9000").waitFor();
      await from("AMPS configuration file");
      // What was chosen there is asked for anew.
      await page.getByText("Adds 1 backend and 1 route.").waitFor();
      await submit.click();
      await page.locator(".sheet").waitFor({ state: "detached" });
      await page.keyboard.press("1");
      await route("prod-3").getByText("/prod-3").waitFor();
    });

    it.each([
      ["NGINX configuration", "nginx.conf"],
      ["HAProxy configuration", "haproxy.cfg"],
    ])("imports an %s: reads the file, shows what is left out, saves what is chosen", async (label, name) => {
      await open();
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("button", { name: "Import…" }).click();
      await field("kind").click();
      await page.getByRole("option", { name: label }).click();
      const submit = page.getByRole("button", { name: "Import", exact: true });
      expect(await submit.isDisabled()).toBe(true);
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Choose a file…" }).click();
      const buffer = Buffer.from("# read by the engine");
      await (await chooser).setFiles({ name, mimeType: "text/plain", buffer });
      await page.locator(".import-file").getByText(name).waitFor();
      await page.getByText("leads where a variable says").waitFor();
      await page.getByText("Adds 1 backend and 1 route.").waitFor();
      expect(await lowContrast(page)).toEqual([]);
      await submit.click();
      await page.locator(".sheet").waitFor({ state: "detached" });
      await page.keyboard.press("1");
      await route("amps-7").getByText("127.0.0.1:9507").waitFor();
    });

    it("draws a pool's members and links, says what would happen, and promotes a member once that is meant", async () => {
      await open();
      await page.getByRole("button", { name: "Pools" }).click();
      const pool = route("prod");
      await pool.getByText("If prod-1 failed now, queue-workers would go on at prod-2").waitFor();
      await pool
        .getByRole("img", { name: /prod-1 to prod-2: sync; prod-2 to prod-1: disconnected/ })
        .waitFor();
      await page.evaluate(() =>
        window.fake?.changeElsewhere((config) => ({
          ...config,
          pools: [
            ...config.pools,
            {
              id: "three",
              members: ["uat-1", "dev-1", "prod-2"],
              links: [{ from: "dev-1", to: "prod-2", type: "sync" }],
            },
          ],
        })),
      );
      const three = route("three");
      await three
        .getByRole("img", {
          name: /uat-1 to prod-2: downgraded, 41 s behind; .*dev-1 to prod-2: sync.*, declared/,
        })
        .waitFor();
      await three.getByText("No guarded route uses this pool").waitFor();
      expect(await lowContrast(page)).toEqual([]);
      await three.getByRole("button", { name: "Promote prod-2" }).click();
      const dialog = page.getByRole("alertdialog");
      await dialog.getByText("Must not take over").waitFor();
      await dialog.getByText("uat-1→prod-2 was downgraded 3 min ago, 41 s behind").waitFor();
      await page.keyboard.press("Enter");
      // Cancel has the focus: nothing happens by accident.
      await dialog.waitFor({ state: "detached" });
      expect(await three.locator('.pool-member[data-active="true"]').innerText()).toContain("uat-1");
      await three.getByRole("button", { name: "Promote prod-2" }).click();
      await dialog.getByRole("button", { name: "Promote it and risk messages" }).click();
      await three.locator('.pool-member[data-active="true"]', { hasText: "prod-2" }).waitFor();
    });

    it("declares links and an agent in the pool's form", async () => {
      await open();
      await page.getByRole("button", { name: "Pools" }).click();
      await page.getByRole("button", { name: "Edit pool prod" }).click();
      await page.getByRole("button", { name: "Declare a link" }).click();
      await page.getByRole("button", { name: "Declare a link" }).click();
      // The way back is proposed second.
      await page
        .getByRole("button", { name: /From, link 2/ })
        .getByText("prod-2")
        .waitFor();
      await page.getByRole("button", { name: /Type of link 2/ }).press("Enter");
      await page.getByRole("option", { name: "async" }).press("Enter");
      await field("agent").fill("127.0.0.1:9101");
      expect(await lowContrast(page)).toEqual([]);
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.locator(".sheet").waitFor({ state: "detached" });
      await route("prod")
        .getByRole("img", { name: /prod-1 to prod-2: sync, declared; prod-2 to prod-1: async, declared/ })
        .waitFor();
      await page.getByRole("button", { name: "Edit pool prod" }).click();
      expect(await field("agent").inputValue()).toBe("127.0.0.1:9101");
      await page.getByRole("button", { name: "Take link 1 out" }).click();
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await route("prod")
        .getByRole("img", { name: /prod-1 to prod-2: sync;/ })
        .waitFor();
    });

    it("names what uses a backend instead of deleting it", async () => {
      await open();
      await page.keyboard.press("2");
      await route("uat-1").focus();
      await page.keyboard.press("Delete");
      await page.getByText("uat-1 is in use by route uat-web, route uat-in.").waitFor();
      expect(await route("uat-1").count()).toBe(1);
    });

    it("keeps a backend's tunnel and a renamed backend's routes", async () => {
      await open();
      await page.keyboard.press("2");
      await route("prod-2").focus();
      await page.keyboard.press("Enter");
      await expect.poll(() => field("via").textContent(), settled("tunnel")).toContain("Through bastion");
      await field("id").fill("prod-two");
      await page.getByRole("button", { name: "Save" }).click();
      await route("prod-two").getByText("via bastion").waitFor();
      await page.keyboard.press("1");
      await route("p2").getByText("prod-two").waitFor();
    });

    it("tells why a tunnel is down and when it is tried again; its backends follow a new name", async () => {
      await open();
      await page.keyboard.press("4");
      const corp = page.locator('.tunnel[data-row="corp"]');
      await corp.getByText(/Tunnel corp was lost.*Tries again in \d+ s\./).waitFor();
      await page.getByRole("button", { name: "Edit tunnel bastion" }).click();
      await field("id").fill("gate");
      await page.getByRole("button", { name: "Save" }).click();
      // While the sheet is there, keys are its own.
      await page.locator(".sheet").waitFor({ state: "detached" });
      await page.keyboard.press("2");
      await route("prod-2").getByText("via gate").waitFor();
      await page.keyboard.press("4");
      await page.getByRole("button", { name: "Delete tunnel gate" }).click();
      await page.getByText("gate is in use by backend prod-2.").waitFor();
    });

    it("shows at which hop the way to a backend breaks, and what to do", async () => {
      await open();
      await page.keyboard.press("2");
      await route("prod-1").getByRole("button", { name: "Test" }).click();
      await page.getByText("Breaks at admin: admin.").waitFor();
      await page.getByText("Check the port: this is not AMPS's admin interface.").waitFor();
    });

    it("stops a test at the hop that is being walked, and walks again", async () => {
      await open();
      await page.keyboard.press("2");
      await page.evaluate(() => window.fake?.holdExaminations(true));
      await route("prod-1").getByRole("button", { name: "Test" }).click();
      const steps = page.locator(".examination-step");
      await page.locator('.examination-step[data-outcome="walking"]').waitFor();
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByText("Stopped before the end of the way.").waitFor();
      await expect.poll(() => steps.count(), settled("nothing was walked")).toBe(0);
      await page.evaluate(() => window.fake?.holdExaminations(false));
      await page.getByRole("button", { name: "Test again" }).click();
      await page.getByText("Breaks at admin: admin.").waitFor();
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
  },
);
