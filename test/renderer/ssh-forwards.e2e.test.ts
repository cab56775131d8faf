/** LocalForward lines of ~/.ssh/config, listed by the headless application in Chromium. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { available } from "../support/available.ts";
import { freePort } from "../support/free-port.ts";
import { openHeadlessPage } from "../support/headless-page.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";

cleanUpAfterEach();

test.skipIf(!available.chromium)(
  "forwards of ~/.ssh/config are offered as they are written, and one press makes a route of one (needs chromium)",
  { timeout: 120_000 },
  async () => {
    const home = mkdtempSync(path.join(tmpdir(), "shunt-home-"));
    cleanUp(() => rmSync(home, { recursive: true, force: true }));
    const file = path.join(home, ".ssh", "config");
    const [first, second] = [await freePort(), await freePort()];
    const { page, complaints } = await openHeadlessPage({ HOME: home });
    await page.getByRole("button", { name: "Try the sandbox" }).waitFor();
    await page.keyboard.press("4");
    await page.getByText("No tunnels yet").waitFor();
    // Without a file nothing is said.
    const title = page.getByRole("heading", { name: "From ~/.ssh/config" });
    expect(await title.count()).toBe(0);

    mkdirSync(path.dirname(file), { mode: 0o700 });
    const text = `Host gate\n  HostName 127.0.0.1\n  Port 9\n  IdentityFile ~/.ssh/secret-key\n  LocalForward ${first} amps-1:9007\n`;
    writeFileSync(file, text);
    await title.waitFor();
    const lines = page
      .getByRole("list", { name: "LocalForward lines of ~/.ssh/config" })
      .getByRole("listitem");
    await expect
      .poll(() => lines.allInnerTexts())
      .toEqual([
        expect.stringMatching(new RegExp(`localhost:${first}[^]*amps-1:9007[^]*via gate[^]*amps[^]*Add`)),
      ]);
    const longer = `${text}  LocalForward 127.0.0.1:${second} amps-2:8085\n  RemoteForward 9000 localhost:9000\n`;
    writeFileSync(file, longer);
    await page.getByText("2 LocalForward lines · 2 not imported").waitFor();
    await page.getByRole("button", { name: "1 line that Shunt cannot use" }).click();
    await page
      .getByRole("region", { name: "Left out" })
      .getByText(/RemoteForward/)
      .waitFor();
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: `Add 127.0.0.1:${second} to amps-2:8085` }).click();
    await page.getByText("Adds 1 tunnel, 1 backend and 1 route.").waitFor();
    await page.getByText("2 LocalForward lines · 1 not imported").waitFor();
    await page.locator('.tunnel[data-row="gate"]').waitFor();
    await lines.nth(1).getByRole("button", { name: "amps-2-admin" }).click();
    await page.getByRole("heading", { name: "amps-2-admin" }).waitFor();
    await page.getByText(`127.0.0.1:${second}`).first().waitFor();

    expect(readFileSync(file, "utf8")).toBe(longer);
    await page.keyboard.press("4");
    await title.waitFor();
    expect(await page.locator("body").innerText()).not.toContain("secret-key");
    rmSync(file);
    await title.waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  },
);
