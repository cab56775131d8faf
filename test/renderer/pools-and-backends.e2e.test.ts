/** Pools, backends and tunnels, in Chromium on made-up data, under the product's policy. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { lowContrast } from "./browser.ts";
import { type Opening, settled, useFakePages } from "./fake-pages.ts";

const name = "pools, backends and tunnels (needs chromium)";

describe.skipIf(!available.chromium)(name, { timeout: 60_000 }, () => {
  const { open: openPage, route, field } = useFakePages();
  let page: Page;
  const open = async (opening?: Opening): Promise<void> => {
    page = await openPage(opening);
  };

  it("draws a pool's members and links, says what would happen, and promotes a member once that is meant", async () => {
    await open();
    await page.getByRole("button", { name: "Pools" }).click();
    const pool = route("prod");
    await pool.getByText("If prod-1 failed now, queue-workers would go on at prod-2").waitFor();
    await pool.getByRole("img", { name: /prod-1 to prod-2: sync; prod-2 to prod-1: disconnected/ }).waitFor();
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

  it("tells why a backend is down in the colour of trouble, and that one is not probed in that of a remark", async () => {
    await open();
    await page.getByRole("button", { name: "Backends" }).click();
    const colourOf = (text: string) =>
      page
        .getByText(text)
        .first()
        .evaluate((reason) => getComputedStyle(reason).color);
    const trouble = await colourOf("Connection refused: is AMPS running?");
    const remark = await colourOf("Not used by an enabled route, so not probed.");
    expect(remark).not.toBe(trouble);
    expect(remark).toBe(
      await page
        .locator(".endpoint-kind")
        .first()
        .evaluate((kind) => getComputedStyle(kind).color),
    );
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
    // What is pointed at stays.
    await page.getByText("Backend prod-two saved.").hover();
    await route("prod-two").getByText("via bastion").waitFor();
    await page.keyboard.press("1");
    await route("p2").getByText("prod-two").waitFor();
    // Ctrl-Z takes the save back, the routes that followed it too.
    await page.keyboard.press("Control+z");
    await route("p2").getByText("prod-2", { exact: true }).waitFor();
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

  it("goes on with the row in a deleted one's place, and with the way to a new one after the last", async () => {
    await open();
    await page.evaluate(() =>
      window.fake?.changeElsewhere((config) => ({
        ...config,
        routes: [],
        pools: ["first", "second", "third"].map((id) => ({ id, members: ["prod-1"] })),
        tunnels: config.tunnels.slice(0, 2),
        backends: config.backends.slice(0, 2).map(({ via: _via, ...backend }) => backend),
      })),
    );
    const focused = () =>
      page.evaluate(() => {
        const { dataset, textContent } = document.activeElement as HTMLElement;
        return dataset["row"] ?? textContent;
      });
    const hasFocus = (what: string) => expect.poll(focused, settled(what)).toBe(what);
    await page.keyboard.press("3");
    await page.getByRole("button", { name: "Delete pool second" }).press("Enter");
    await hasFocus("third");
    await page.keyboard.press("Delete");
    await hasFocus("first");
    await page.keyboard.press("Delete");
    await hasFocus("Add your first pool");
    // Nothing has the focus after a change of screens: down begins in what it lists, here as in a table.
    await page.keyboard.press("4");
    await page.locator(".tunnel").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await hasFocus("bastion");
    await page.keyboard.press("Delete");
    await hasFocus("corp");
    await page.keyboard.press("Delete");
    await hasFocus("Add your first tunnel");
    // The first one of a list has it when its form is gone, and the button with it.
    await page.keyboard.press("Enter");
    await field("id").fill("gate");
    await field("address").fill("gate.example.com:22");
    await page.keyboard.press("Enter");
    await page.locator(".sheet").waitFor({ state: "detached" });
    await hasFocus("gate");
    await page.keyboard.press("2");
    await page.getByRole("button", { name: "More for prod-1" }).press("Enter");
    await page.getByRole("menuitem", { name: "Delete" }).press("Enter");
    await hasFocus("prod-2");
    await page.keyboard.press("Delete");
    await hasFocus("Try the sandbox");
  });

  it("shows at which hop the way to a backend breaks, and what to do", async () => {
    await open();
    await page.keyboard.press("2");
    await route("prod-1").getByRole("button", { name: "Test" }).click();
    await page.getByText("Breaks at the admin endpoint: HTTP answer.").waitFor();
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
    await page.getByText("Breaks at the admin endpoint: HTTP answer.").waitFor();
  });
});
