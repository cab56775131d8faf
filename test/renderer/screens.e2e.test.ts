/** Connections, activity, exports, the sandbox and imports, in Chromium on made-up data, under the product's policy. */
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { findSecrets } from "../support/secret-search.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { lowContrast } from "./browser.ts";
import { type Opening, settled, useFakePages } from "./fake-pages.ts";

const name = "connections, activity, exports, the sandbox and imports (needs chromium)";

describe.skipIf(!available.chromium)(name, { timeout: 60_000 }, () => {
  const { open: openPage, route, field } = useFakePages();
  let page: Page;
  const open = async (opening?: Opening): Promise<void> => {
    page = await openPage(opening);
  };

  /** By how many pixels an element stands beyond its cell on the right. */
  const beyondCell = (element: Locator): Promise<number> =>
    element.evaluate((part) => {
      const cell = part.closest('[role="gridcell"]') ?? part;
      return part.getBoundingClientRect().right - cell.getBoundingClientRect().right;
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
    // Escape keeps it, and the keyboard stays at its row; once it is closed, at the one that is now in its place.
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-row"));
    await page.keyboard.press("Delete");
    await page.getByRole("button", { name: "Close it" }).press("Escape");
    expect(await focused()).toBe(id);
    const before = await last.evaluate((row) => row.previousElementSibling?.getAttribute("data-row"));
    await page.keyboard.press("Delete");
    await page.getByRole("button", { name: "Close it" }).press("Enter");
    await page.locator(`[data-row="${id}"]`).waitFor({ state: "detached" });
    await expect.poll(focused, settled("the row in its place")).toBe(before);
  });

  it("says whom each entry of the activity is about and in which zone its time is, and how to see all again", async () => {
    await open();
    await page.keyboard.press("6");
    const lost = page.locator(".vgrid-body [data-row]", { hasText: "Tunnel corp was lost" });
    expect(await lost.locator('[data-column="about"]').innerText()).toBe("corp");
    await page.getByText(/\d entries, times in UTC/).waitFor();
    // Its row on Tunnels leads here, and one field chooses whatever else it may be about.
    await page.keyboard.press("4");
    await page.getByRole("button", { name: "Show activity of tunnel corp" }).click();
    const entries = page.locator(".vgrid-body [data-row]");
    await expect.poll(() => entries.count(), settled("only its own")).toBe(1);
    await lost.waitFor();
    await page.getByRole("button", { name: /Tunnel corp/ }).press("Enter");
    await page.getByRole("option", { name: "uat-1" }).press("Enter");
    await page.getByText("uat-1 is down: tcp").waitFor();
    expect(await lost.count()).toBe(0);
    await page.getByRole("button", { name: /Backend uat-1/ }).press("Enter");
    await page.getByRole("option", { name: "dev-1" }).press("Enter");
    await page.getByText("No entry matches").waitFor();
    await page.getByRole("button", { name: "Show all entries" }).click();
    await lost.waitFor();
    // The time of another day has its seconds, too, and what a client does its last letters.
    await lost.locator("time").evaluate((time) => (time.textContent = "2026-12-28 23:58:48"));
    expect(await beyondCell(lost.locator("time"))).toBeLessThanOrEqual(0);
    await page.keyboard.press("5");
    expect(await beyondCell(page.getByText("publishes", { exact: true }))).toBeLessThanOrEqual(0);
    for (const [key, none, all] of [
      ["6", "No entry matches", "Show all entries"],
      ["5", "No open connection matches", "Show all connections"],
      ["2", "No backend matches", "Show all backends"],
    ] as const) {
      await page.keyboard.press(key);
      await page.keyboard.press("/");
      await page.keyboard.type("nobody-by-that-name");
      await page.getByText(none).waitFor();
      await page.getByRole("button", { name: all }).click();
      await page.locator("[data-row]").first().waitFor();
      // The next key is for the screen, not for a field.
      await page.keyboard.press("Escape");
    }
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
    expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toHaveLength(before + 1);
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
    await page.setViewportSize({ width: 800, height: 640 });
    const nameHeight = () =>
      first
        .locator(".sandbox-link .mono")
        .first()
        .evaluate((name) => name.getBoundingClientRect().height);
    const oneLine = await nameHeight();
    await first.getByRole("button", { name: "Downgrade" }).click();
    await first.getByText("async (downgraded), connected").waitFor();
    expect(await nameHeight()).toBe(oneLine);
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

  it("says that a file is too large, and takes the next one", async () => {
    await open({ query: "?scenario=empty" });
    await page.getByRole("button", { name: "Import…" }).click();
    // From a disk: a buffer would go to the browser as a message of its size.
    const folder = tempFolder({ "dump.json": "\0".repeat(20_000_001), "shunt.json": "{" });
    const choose = async (name: string): Promise<void> => {
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Choose a file…" }).click();
      await (await chooser).setFiles(join(folder, name));
    };
    await choose("dump.json");
    await page.getByText("dump.json has 20.0 MB and was not read: choose one of 20.0 MB at most.").waitFor();
    await choose("shunt.json");
    await page.getByText("This is not JSON").waitFor();
    expect(await page.getByText("was not read").count()).toBe(0);
  });

  it("reads a file in the encoding that it has", async () => {
    await open({ query: "?scenario=empty" });
    await page.getByRole("button", { name: "Import…" }).click();
    const text = '{ "version": 1, "note": "Zürich" }';
    for (const buffer of [
      Buffer.from(`\uFEFF${text}`, "utf16le"),
      Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
      Buffer.from(text, "latin1"),
      Buffer.from(`\uFEFF${text}`),
    ]) {
      const pasted = page.getByRole("textbox");
      await pasted.fill("");
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Choose a file…" }).click();
      await (await chooser).setFiles({ name: "shunt.json", mimeType: "application/json", buffer });
      await expect.poll(() => pasted.inputValue()).toBe(text);
    }
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
    const buffer = Buffer.from(
      `<AMPSConfig><Password>${secretOf("imported password")}</Password></AMPSConfig>`,
    );
    await (await chooser).setFiles({ name: "amps.xml", mimeType: "text/xml", buffer });
    await page.getByText("say which host the file came from").waitFor();
    expect(await submit.isDisabled()).toBe(true);
    await field("host").fill("amps-9");
    await page.getByText("Adds 1 backend and 1 route.").waitFor();
    expect(await lowContrast(page)).toEqual([]);
    expect(findSecrets({ page: await page.content() })).toEqual([]);
    // A route goes with its backend, and comes with it again.
    const item = (id: string) => page.locator(".sheet .check", { hasText: id }).first();
    await item("tcp://amps-9:9007").click();
    await page.getByText("Nothing is changed before you import.").waitFor();
    await item("127.0.0.1:10014").click();
    await page.getByText("Adds 1 backend and 1 route.").waitFor();
    await from("SSH configuration");
    await page.getByText("Adds 1 tunnel, 1 backend and 1 route.").waitFor();
    await page.getByText("RemoteForward 9000").waitFor();
    // What is pasted takes the place of what was read, until it is told to read ~/.ssh/config again.
    await field("pasted").fill("Host edge");
    await page.getByText("Read: what is pasted.").waitFor();
    await page.getByRole("button", { name: "Use ~/.ssh/config" }).click();
    expect(await field("pasted").inputValue()).toBe("");
    await from("AMPS configuration file");
    // What was chosen there is asked for anew.
    await page.getByText("Adds 1 backend and 1 route.").waitFor();
    await field("pasted").fill("<AMPSConfig/>");
    await page.locator(".import-file").getByText("amps.xml").waitFor({ state: "detached" });
    await page.getByText("Adds 1 backend and 1 route.").waitFor();
    await submit.click();
    await page.locator(".sheet").waitFor({ state: "detached" });
    await page.keyboard.press("1");
    await route("prod-3").getByText("/prod-3").waitFor();
    await page.locator(".toast", { hasText: "Added 1 backend and 1 route." }).waitFor();
    await page.keyboard.press("Control+z");
    await route("prod-3").waitFor({ state: "detached" });
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
    await field("pasted").fill("# pasted instead");
    await page.locator(".import-file").getByText(name).waitFor({ state: "detached" });
    await page.getByText("leads where a variable says").waitFor();
    await page.getByText("Adds 1 backend and 1 route.").waitFor();
    expect(await lowContrast(page)).toEqual([]);
    await submit.click();
    await page.locator(".sheet").waitFor({ state: "detached" });
    await page.keyboard.press("1");
    await route("amps-7").getByText("127.0.0.1:9507").waitFor();
  });
});
