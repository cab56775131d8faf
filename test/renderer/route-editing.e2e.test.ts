/** Routes made, changed, started and stopped by hand, in Chromium on made-up data, under the product's policy. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { lowContrast } from "./browser.ts";
import { type Opening, settled, useFakePages } from "./fake-pages.ts";

const name = "routes made, changed, started and stopped by hand (needs chromium)";

describe.skipIf(!available.chromium)(name, { timeout: 60_000 }, () => {
  const { open: openPage, route, field } = useFakePages();
  let page: Page;
  const open = async (opening?: Opening): Promise<void> => {
    page = await openPage(opening);
  };

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

  it("makes a route for each port of a range, and one press undoes them all", async () => {
    await open();
    const made = page.locator('[data-row^="orders-out-"]');
    await page.getByRole("button", { name: "New route" }).click();
    await expect.poll(() => field("listen").inputValue(), settled("proposal")).toBe("127.0.0.1:9009");
    await field("id").fill("orders-out");
    await field("listen").fill("127.0.0.1:9110-9107");
    await page.getByText("A range goes from a lower port to a higher one").waitFor();
    await page.getByText("Choose a local address to listen on.").waitFor();
    await field("listen").fill("127.0.0.1:9006-9009");
    await page.getByText('"127.0.0.1:9007" belongs to route "orders-in" already.').waitFor();
    await field("listen").fill("127.0.0.1:9107-9110");
    await field("target").click();
    await page.getByRole("option", { name: "prod-1" }).first().click();
    await page.getByText("4 routes: orders-out-9107 … orders-out-9110.").waitFor();
    await page.getByText("All lead to the same target, prod-1.").waitFor();
    expect(await page.locator(".sheet .notice").count()).toBe(0);
    expect(await lowContrast(page)).toEqual([]);
    await page.getByRole("button", { name: "Create 4 routes" }).click();
    await route("orders-out-9110").getByText("127.0.0.1:9110").waitFor();
    expect(await made.count()).toBe(4);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => made.count(), settled("undone")).toBe(0);

    await route("views").focus();
    await page.keyboard.press("e");
    await field("listen").fill("127.0.0.1:9107-9110");
    await page.getByText("this is one that there is already").waitFor();
  });

  it("lets routes that pass TLS through share an address by server name", async () => {
    await open();
    const fill = async (id: string) => {
      await page.getByRole("button", { name: "New route" }).click();
      await expect.poll(() => field("listen").inputValue(), settled("proposal")).toBe("127.0.0.1:9009");
      await field("id").fill(id);
      await field("listen").fill("127.0.0.1:9443");
      await field("target").click();
      await page.getByRole("option", { name: "prod-2" }).first().click();
      expect(await field("serverNames").count()).toBe(0);
      await page.getByText("Pass TLS through untouched").click();
    };
    await fill("tls-ny");
    await field("serverNames").fill("AMPS-NY.example.com\n*.ny.example.com");
    await page
      .getByText(
        "Listens on 127.0.0.1:9443 for TLS clients that ask for amps-ny.example.com or *.ny.example.com and carries them to prod-2.",
      )
      .waitFor();
    expect(await lowContrast(page)).toEqual([]);
    await page.getByRole("button", { name: "Create route" }).click();
    await route("tls-ny").getByText("amps-ny.example.com, *.ny.example.com").waitFor();

    await fill("tls-ldn");
    await page.getByText('"127.0.0.1:9443" belongs to route "tls-ny" already.').waitFor();
    await field("serverNames").fill("amps-ny.example.com");
    await page.getByText('"amps-ny.example.com" belongs to route "tls-ny" already.').waitFor();
    await field("serverNames").fill("amps ldn");
    await page.getByText('"amps ldn" is not a server name.').waitFor();
    await field("serverNames").fill("amps-ldn.example.com");
    await page.getByText("is taken by").waitFor({ state: "detached" });
    await expect.poll(() => page.locator(".sheet .field-error").count(), settled("no error")).toBe(0);
    await page.getByRole("button", { name: "Create route" }).click();
    await route("tls-ldn").getByText("amps-ldn.example.com").waitFor();
    await page.getByRole("searchbox", { name: "Filter routes" }).fill("amps-ldn.example");
    await expect.poll(() => page.locator("[data-row]").count(), settled("one")).toBe(1);
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

    // One press takes back the whole of what was saved, and another one brings it back.
    await page.getByText("Route first and backend here created.").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Route first deleted. Backend here went along.").waitFor();
    await page.getByRole("button", { name: "Add your first route" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
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

  /** Types a note for `views`; before it is saved, somebody else saves one for another route, or the same. */
  async function editWhileOther(other: string): Promise<void> {
    await route("views").focus();
    await page.keyboard.press("e");
    await field("note").fill("mine");
    await page.evaluate((id) => {
      window.fake?.changeElsewhere((config) => ({
        ...config,
        routes: config.routes.map((row) => (row.id === id ? { ...row, note: "theirs" } : row)),
      }));
    }, other);
  }

  it("keeps what was typed when somebody else saved the same route meanwhile, and says so", async () => {
    await open();
    await editWhileOther("views");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("was changed elsewhere while you were editing").waitFor();
    expect(await field("note").inputValue()).toBe("mine");
    await page.getByRole("button", { name: "Save" }).click();
    await route("views").getByText("mine").waitFor();
  });

  it("does not bother anybody when somebody else saved another route meanwhile", async () => {
    await open();
    await editWhileOther("p1");
    await page.getByRole("button", { name: "Save" }).click();
    await route("views").getByText("mine").waitFor();
    await route("p1").getByText("theirs").waitFor();
  });
});
