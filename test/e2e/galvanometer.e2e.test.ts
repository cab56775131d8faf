/** Galvanometer windows of the real desktop app, on instances whose names nothing but a tunnel resolves. */
import { createServer } from "node:http";
import { lookup } from "node:dns/promises";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { AmpsTcpClient } from "../support/amps-client.ts";
import { available } from "../support/available.ts";
import {
  activity,
  answerNext,
  bars,
  choose,
  configure,
  launchGalvanometers,
  noteMenus,
  openedBy,
  openWindow,
  questions,
  takePicture,
} from "../support/galvanometer-app.ts";
import { internalBackend, startInternalSandbox, type InternalSandbox } from "../support/internal-sandbox.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";

cleanUpAfterEach();

async function query(page: Page, filter: string): Promise<string[]> {
  await page.getByRole("link", { name: "SQL" }).click();
  await page.getByLabel("Filter").fill(filter);
  await page.getByRole("button", { name: "Query" }).click();
  await page.getByText("records").first().waitFor();
  return page.locator("#rows tbody tr").allInnerTexts();
}

async function publishTo({ a }: InternalSandbox): Promise<void> {
  const client = await AmpsTcpClient.connect({ port: a.ports.amps, name: "desk-1" });
  for (const id of [1, 2, 3]) await client.publish("trades", { id, symbol: id === 2 ? "IBM" : "GE" });
  await client.close();
}

describe.skipIf(!available.electron)("a Galvanometer window (needs Electron)", () => {
  test("shows the real address, the whole replication view and SQL rows of instances that do not resolve", async () => {
    const sandbox = await startInternalSandbox();
    await expect(lookup("amps-a.internal")).rejects.toThrow();
    const desktop = await launchGalvanometers();
    await configure(desktop, [internalBackend(sandbox.a, { label: "Desk A" }), internalBackend(sandbox.b)]);
    await publishTo(sandbox);
    const page = await openWindow(desktop, "amps-a");
    page.setDefaultTimeout(20_000);
    expect(page.url()).toBe(`http://amps-a.internal:${sandbox.a.ports.admin}/`);
    await page.getByText("running").waitFor();
    expect(await page.evaluate(() => typeof (globalThis as { process?: unknown }).process)).toBe("undefined");

    await page.getByRole("link", { name: "Replication" }).click();
    await expect
      .poll(() => page.locator("#instances").getByText("answers", { exact: true }).count(), {
        timeout: 15_000,
      })
      .toBe(2);
    await expect.poll(() => page.locator("#links tbody tr").count()).toBe(2);
    await takePicture(desktop, page, "galvanometer-replication");

    await page.getByRole("link", { name: "SQL" }).click();
    await page.getByLabel("Topic").fill("trades");
    expect(await query(page, "/id <= 2")).toEqual(["1\tGE", "2\tIBM"]);
    await takePicture(desktop, page, "galvanometer-sql");

    const title = await desktop.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((one) => one.getTitle()),
    );
    expect(title).toContain("Desk A [sandbox] · SANDBOX amps-a · through Shunt");
    const bar = await bars(desktop);
    expect(bar).toContain(`http://amps-a.internal:${sandbox.a.ports.admin}/`);
    expect(bar).toContain("direct");
    expect(await activity(desktop, "galvanometer-refused")).toEqual([]);

    // The same backend again is the same window.
    await desktop.call("galvanometer.open", { backend: "amps-a" });
    const windows = await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
    expect(windows).toBe(2);
  });

  test("keeps a page away from everything that is not in the book, and says so in the activity", async () => {
    const sandbox = await startInternalSandbox();
    const secret = createServer((_request, response) =>
      response.setHeader("Access-Control-Allow-Origin", "*").end("LOCAL-SECRET"),
    );
    await new Promise<void>((resolve) => secret.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (secret.close(), secret.closeAllConnections()));
    const { port } = secret.address() as { port: number };
    const desktop = await launchGalvanometers();
    await configure(desktop, [internalBackend(sandbox.a), internalBackend(sandbox.b)]);
    const page = await openWindow(desktop, "amps-a");
    await page.getByText("running").waitFor();
    const reached = await page.evaluate(async (local) => {
      const urls = [
        `http://127.0.0.1:${local}/`,
        `http://localhost:${local}/`,
        `http://x.localhost:${local}/`,
        `http://[::1]:${local}/`,
      ];
      const texts = urls.map((url) =>
        fetch(url).then(
          (answer) => answer.text(),
          () => "failed",
        ),
      );
      const socket = new Promise<string>((resolve) => {
        const one = new WebSocket(`ws://127.0.0.1:${local}/`);
        one.onopen = () => resolve("open");
        one.onclose = () => resolve("closed");
      });
      const permission = await navigator.permissions.query({ name: "geolocation" }).then(
        (one) => one.state,
        () => "denied",
      );
      return { texts: await Promise.all(texts), socket: await socket, permission };
    }, port);
    expect(reached.texts.join(" ")).not.toContain("LOCAL-SECRET");
    expect(reached.socket).toBe("closed");
    expect(reached.permission).toBe("denied");
    const told = await activity(desktop, "galvanometer-refused");
    expect(told.some((entry) => entry.message.includes(`asked for 127.0.0.1:${port}`))).toBe(true);

    await answerNext(desktop, 1);
    await page.evaluate(() => window.open("https://example.com/out"));
    await page.evaluate(() => {
      location.href = "https://example.com/away";
    });
    await until(async () => (await questions(desktop)).length > 0);
    expect((await questions(desktop))[0]).toContain("https://example.com/out");
    expect(new URL(page.url()).hostname).toBe("amps-a.internal");

    const { admin } = internalBackend(sandbox.b);
    const other = await openedBy(desktop, () =>
      page.evaluate((url) => {
        location.href = url;
      }, `${admin}/`),
    );
    expect(other.url()).toContain("amps-b.internal");
    expect(new URL(page.url()).hostname).toBe("amps-a.internal");
  });

  test("refuses administrative actions on a read-only backend until the operator unlocks them", async () => {
    const sandbox = await startInternalSandbox();
    const desktop = await launchGalvanometers();
    await configure(desktop, [internalBackend(sandbox.a, { environment: "prod" })]);
    await noteMenus(desktop);
    const page = await openWindow(desktop, "amps-a");
    await page.getByText("running").waitFor();
    const { admin = "" } = internalBackend(sandbox.a);
    const action = `${admin}/amps/administrator/transports/1/disable`;
    await page.goto(action);
    await page.getByText("read-only through Shunt").waitFor();
    await takePicture(desktop, page, "galvanometer-read-only");

    await answerNext(desktop, 0);
    await choose(desktop, /^Allow administrative actions/);
    await until(async () => (await activity(desktop, "galvanometer-unlocked")).length === 1);
    expect((await questions(desktop))[0]).toContain("for 10 minutes");
    expect((await page.goto(action))?.status()).toBe(200);
    await choose(desktop, /^Lock administrative actions/);
    await until(async () => (await activity(desktop, "galvanometer-locked")).length === 1);
    expect((await page.goto(action))?.status()).toBe(403);
  });

  test("says that its backend is down, and recovers by itself when it is back", async () => {
    const sandbox = await startInternalSandbox();
    const desktop = await launchGalvanometers();
    await configure(desktop, [internalBackend(sandbox.a)]);
    const page = await openWindow(desktop, "amps-a");
    await page.getByText("running").waitFor();
    await sandbox.handle.act("amps-a", { do: "stop" });
    await page.reload();
    await page.getByText("refused the connection").waitFor();
    await until(async () => (await bars(desktop)).includes("no answer"));
    await sandbox.handle.act("amps-a", { do: "start" });
    await page.getByText("running").waitFor({ timeout: 20_000 });
  });
});
