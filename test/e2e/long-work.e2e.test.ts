/** Long documents in the real headless application, by the buttons of its page: other proxies' files, ten thousand routes. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { available } from "../support/available.ts";
import { openHeadlessPage } from "../support/headless-page.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";

cleanUpAfterEach();

async function openImport(page: Page, kind: string | null): Promise<void> {
  await page.getByRole("navigation").getByText("Settings", { exact: true }).click();
  await page.getByRole("button", { name: "Import…" }).click();
  if (kind !== null) {
    await page.locator('.sheet [data-field="kind"]').click();
    await page.getByRole("option", { name: kind }).click();
  }
}

async function importFile(page: Page, kind: string | null, name: string, text: string): Promise<void> {
  await openImport(page, kind);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a file…" }).click();
  await (await chooser).setFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
}

async function takeOver(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.locator(".sheet").waitFor({ state: "detached" });
  await page.getByRole("navigation").getByText("Routes", { exact: true }).click();
}

const nginxFile = (port: number) => `
stream {
  upstream amps_pair { server 127.0.0.1:9; server 127.0.0.1:10; }
  server { listen 127.0.0.1:${port}; proxy_pass amps_pair; }
  server { listen 127.0.0.1:${port + 1}; proxy_pass $somewhere; }
}
`;
const haproxyFile = (port: number) => `
listen orders
  bind 127.0.0.1:${port}
  mode tcp
  server amps-7 127.0.0.1:11
`;

describe.skipIf(!available.chromium)("long documents (needs chromium)", { timeout: 180_000 }, () => {
  test("an NGINX file and a pasted HAProxy configuration become routes that listen", async () => {
    const { page, complaints } = await openHeadlessPage();
    const [first, second] = [await freePort(), await freePort()];
    await importFile(page, "NGINX configuration", "nginx.conf", nginxFile(first));
    await page
      .getByRole("region", { name: "Left out" })
      .getByText(/variable/)
      .waitFor();
    await takeOver(page);
    const listening = (port: number) => page.locator(".route-row", { hasText: `127.0.0.1:${port}` });
    // Its two members are made up: that it has a listener shows in that it can be stopped and says nothing of its port.
    await listening(first)
      .getByRole("button", { name: /^Stop / })
      .waitFor();
    expect(["listening", "held", "degraded"]).toContain(await listening(first).getAttribute("data-state"));
    await openImport(page, "HAProxy configuration");
    const pasted = page.getByRole("textbox", { name: "Or paste its text" });
    await pasted.fill(`mode tcp\n${haproxyFile(second)}`);
    await page.getByText("This is not a HAProxy configuration: line 1, stands in no section.").waitFor();
    expect(await page.getByRole("button", { name: "Import", exact: true }).isDisabled()).toBe(true);
    await pasted.fill(haproxyFile(second));
    await page.getByText("Adds 1 backend and 1 route.").waitFor();
    await takeOver(page);
    await listening(second)
      .getByRole("button", { name: /^Stop / })
      .waitFor();
    expect(await page.locator(".route-row").count()).toBe(2);
    // Chromium tells of every answer that refuses: of the broken configuration, and of nothing else.
    expect(complaints).toEqual([expect.stringContaining("422")]);
  });

  test("ten thousand routes are imported, and their export is stopped while the rest goes on", async () => {
    const { page, complaints } = await openHeadlessPage();
    const port = await freePort();
    const document = {
      version: 1,
      backends: [{ id: "b", amps: "tcp://127.0.0.1:9", admin: "http://127.0.0.1:9" }],
      routes: Array.from({ length: 10_000 }, (_, number) => ({
        ...{ id: `r${number}`, listen: `127.0.0.1:${port}`, path: `/system-${number}`, target: "b" },
      })),
    };
    await importFile(page, null, "shunt.json", JSON.stringify(document));
    await page.getByText("Then there are 10,000 routes and 1 backend.").waitFor();
    await page.getByText("and 9801 more").waitFor();
    await takeOver(page);
    await page.getByRole("navigation").getByText("10K").waitFor();
    await page.getByRole("navigation").getByText("Export", { exact: true }).click();
    // The one that the screen begins with: left in the middle, it would be refused as well.
    await page.locator(".export-body").waitFor();
    await page.getByRole("radio", { name: "Envoy" }).click();
    await page.getByText("Making the export…").waitFor();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByText("The export was stopped.").waitFor();
    await page.getByRole("radio", { name: "Shunt JSON" }).click();
    await page.getByRole("region", { name: "shunt.json" }).waitFor();
    // The refusal of the export that was stopped.
    expect(complaints).toEqual([expect.stringContaining("422")]);
  });
});
