/** Every screen, sheet and dialog of the UI against the rules of axe (WCAG 2.2 A and AA, best practices), in both themes. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { available } from "../support/available.ts";
import { launchChromium } from "./browser.ts";
import { type FakePage, serveFakePage } from "./fake-page.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds: each rule with the elements that break it. */
async function violations(page: Page, coloursOnly: boolean): Promise<readonly string[]> {
  // As the debugger does, past the page's policy.
  await page.evaluate(axe);
  const found = await page.evaluate(
    (rules) =>
      (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run(
        rules ? { runOnly: rules } : {},
      ),
    coloursOnly ? ["color-contrast"] : null,
  );
  // The palette's field keeps the focus, and arrows move a virtual one through the list: axe cannot see that.
  const isPalette = ({ html }: { html: string }) => html.includes("palette-menu");
  return found.violations.flatMap(({ id, nodes }) =>
    nodes
      .filter((node) => id !== "scrollable-region-focusable" || !isPalette(node))
      .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} (${failureSummary ?? ""})`),
  );
}

const press = (key: string) => (page: Page) => page.keyboard.press(key);
const command = (name: string) => async (page: Page) => {
  await page.keyboard.press("Control+k");
  await page.keyboard.type(name);
  await page.getByRole("menuitem", { name }).first().waitFor();
  await page.keyboard.press("Enter");
};

/** How each place is reached from the first screen, and what shows that it is there. */
const places: readonly (readonly [name: string, reach: (page: Page) => Promise<unknown>, sign: string])[] = [
  ["routes", press("1"), '[role="grid"][aria-label="Routes"]'],
  [
    "a port for this session",
    async (page) => {
      await page.getByRole("button", { name: "Use 9009 this session" }).click();
      await page.getByText("127.0.0.1:9009 for this session:").waitFor();
    },
    '[role="grid"][aria-label="Routes"]',
  ],
  ["a route's details", command("Show route orders-in"), ".hour-plot canvas"],
  ["a route's sheet", command("Edit route orders-in"), ".sheet"],
  ["backends", press("2"), '[data-row="prod-1"]'],
  ["a backend's sheet", command("Edit backend prod-1"), ".sheet"],
  ["pools", command("Show pools"), '[data-row="prod"]'],
  ["a pool's sheet", command("New pool"), ".sheet"],
  ["tunnels", press("4"), '.tunnel[data-row="bastion"]'],
  ["a tunnel's sheet", command("New tunnel"), ".sheet"],
  ["connections", command("Show connections"), '[role="grid"][aria-label="Connections"]'],
  ["activity", command("Show activity"), '[role="grid"][aria-label^="Activity"]'],
  [
    "the export",
    async (page) => {
      await page.keyboard.press("7");
      await page.getByText("Leave out, with a comment").click();
    },
    ".code-line",
  ],
  ["settings", command("Show settings"), "h2"],
  ["the command palette", press("Control+k"), '[role="menuitem"]'],
  ["the shortcuts", press("?"), '[role="dialog"]'],
  ["the import", command("Import"), ".sheet"],
];

/** What an updater shows, and the button that each has. */
const updates = [
  ["a newer version", "Download"],
  ["a saved package", "Show in folder"],
] as const;

describe.skipIf(!available.chromium)("axe finds nothing wrong (needs chromium)", { timeout: 240_000 }, () => {
  let site: FakePage;
  let browser: Browser;

  beforeAll(async () => {
    site = await serveFakePage();
    browser = await launchChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  // Both themes have the same elements: in the dark one only the colours are judged again.
  it.each(["light", "dark"] as const)("on any screen of the %s theme", async (colorScheme) => {
    const context = await browser.newContext({ colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    const found: Record<string, readonly string[]> = {};
    for (const [name, reach, sign] of places) {
      await page.goto(site.url);
      await page.locator("[data-row]").first().waitFor();
      await reach(page);
      await page.locator(sign).first().waitFor();
      found[name] = await violations(page, colorScheme === "dark");
    }
    await page.goto(`${site.url}?scenario=empty`);
    await page.getByText("Try the sandbox").waitFor();
    found["the first run"] = await violations(page, colorScheme === "dark");
    await page.goto(`${site.url}?desktop=1`);
    await page.locator("[data-row]").first().waitFor();
    await command("Show settings")(page);
    await page.getByRole("button", { name: "Check for updates" }).click();
    for (const [name, next] of updates) {
      await page.getByRole("button", { name: next }).waitFor();
      found[name] = await violations(page, colorScheme === "dark");
      if (next === "Download") await page.getByRole("button", { name: next }).click();
    }
    await context.close();
    expect(Object.entries(found).filter(([, broken]) => broken.length > 0)).toEqual([]);
    expect(Object.keys(found)).toHaveLength(places.length + updates.length + 1);
  });
});
