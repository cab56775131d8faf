/** Galvanometer pages that Shunt's own routes serve to a plain Chromium: below a path, and under a Host name. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { servedPages } from "../../app/galvanometer/browser-ways.ts";
import { launchChromium } from "../renderer/browser.ts";
import { runSandbox } from "../sandbox/running-sandbox.ts";
import { AmpsTcpClient } from "../support/amps-client.ts";
import { available } from "../support/available.ts";
import { cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";

cleanUpAfterEach();

async function query(page: Page): Promise<string[]> {
  await page.getByText("running").waitFor();
  await page.getByRole("link", { name: "SQL" }).click();
  await page.getByLabel("Topic").fill("trades");
  await page.getByRole("button", { name: "Query" }).click();
  await page.getByText(/of \d+ records/).waitFor();
  return page.locator("#rows tbody tr").allInnerTexts();
}

describe.skipIf(!available.chromium)("pages of Shunt's routes (needs Chromium)", () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await launchChromium()));
  afterAll(() => browser.close());

  test("a path needs SQLTransportInetAddr for the SQL page, and then has its rows", async () => {
    const port = await freePort();
    const { a } = await runSandbox({ sqlTransportAddresses: { "amps-a": `127.0.0.1:${port}/amps-a` } });
    const publisher = await AmpsTcpClient.connect({ port: a.ports.amps, name: "desk" });
    await publisher.publish("trades", { id: 1 });
    const backend = {
      id: "amps-a",
      admin: `http://127.0.0.1:${a.ports.admin}`,
      websocket: `ws://127.0.0.1:${a.ports.websocket}`,
    };
    const routes = [{ id: "web", listen: `127.0.0.1:${port}`, path: "/amps-a", target: "amps-a" }];
    const config = { version: 1 as const, tunnels: [], backends: [backend], pools: [], routes };
    await runEngine(config);
    const [served] = servedPages(config, backend);
    const page = await browser.newPage();
    await page.goto(served?.url ?? "");
    expect(await query(page)).toEqual(["1"]);
    await page.close();
    await publisher.close();
  });

  test("a Host name gives each backend an origin and cookies of its own; SQL works where Shunt has the SQL port", async () => {
    const [port, sqlPort] = [await freePort(), await freePort()];
    // As AMPS says it without any address of its own: the page's host, and the transport's port.
    const { a, b } = await runSandbox({
      sqlTransportAddresses: {
        "amps-a": `amps-a.localhost:${sqlPort}`,
        "amps-b": `amps-b.localhost:${sqlPort}`,
      },
    });
    const publisher = await AmpsTcpClient.connect({ port: b.ports.amps, name: "desk" });
    await publisher.publish("trades", { id: 2 });
    const backends = [a, b].map(({ name, ports }) => ({
      id: name,
      admin: `http://127.0.0.1:${ports.admin}`,
      websocket: `ws://127.0.0.1:${ports.websocket}`,
    }));
    const routes = ["amps-a", "amps-b"].flatMap((name) => [
      { id: name, listen: `127.0.0.1:${port}`, host: `${name}.localhost`, target: name },
      { id: `${name}-sql`, listen: `127.0.0.1:${sqlPort}`, host: `${name}.localhost`, target: name },
    ]);
    const running = await runEngine({ version: 1, tunnels: [], backends, pools: [], routes });
    const context = await browser.newContext();
    const [first, second] = [await context.newPage(), await context.newPage()];
    await first.goto(`http://amps-a.localhost:${port}/`);
    await first.evaluate(() => void (document.cookie = "session=a; path=/"));
    await second.goto(`http://amps-b.localhost:${port}/`);
    await expect.poll(() => second.title()).toBe("SANDBOX amps-b");
    expect(await second.evaluate(() => document.cookie)).toBe("");
    expect(await query(second)).toEqual(["2"]);
    // Siblings below .localhost are foreign to each other.
    const action = `http://amps-b.localhost:${port}/amps/administrator/transports/1/disable`;
    await first.evaluate((url) => fetch(url, { mode: "no-cors" }).catch(() => null), action);
    const statistics = await fetch(`http://127.0.0.1:${b.ports.admin}/amps/instance/transports.json`);
    const { transports } = ((await statistics.json()) as { amps: { instance: { transports: unknown[] } } })
      .amps.instance;
    expect(transports.map((row) => (row as { is_enabled: string }).is_enabled)).not.toContain("0");
    const refused = (await running.activity()).filter((entry) => entry.code === "FOREIGN_ORIGIN");
    expect(refused.map((entry) => entry.route)).toEqual(["amps-b"]);
    await context.close();
    await publisher.close();
  });

  test("with Shunt on the SQL transport's own port number, the SQL page works under a Host name with no word of it in AMPS", async () => {
    const { a } = await runSandbox();
    const publisher = await AmpsTcpClient.connect({ port: a.ports.amps, name: "desk" });
    await publisher.publish("trades", { id: 3 });
    const backend = {
      id: "amps-a",
      admin: `http://127.0.0.1:${a.ports.admin}`,
      websocket: `ws://127.0.0.1:${a.ports.websocket}`,
    };
    // Both ports as the instance has them: Shunt has them on another loopback address, as it would on another machine.
    const routes = [a.ports.admin, a.ports.websocket].map((port, at) => ({
      id: `amps-a-${at}`,
      listen: `127.0.0.2:${port}`,
      host: "amps-a.localhost",
      target: "amps-a",
    }));
    const config = { version: 1 as const, tunnels: [], backends: [backend], pools: [], routes };
    await runEngine(config);
    expect(servedPages(config, backend)[0]).toMatchObject({ sql: true });
    const there = await launchChromium(["--host-resolver-rules=MAP amps-a.localhost 127.0.0.2"]);
    try {
      const page = await there.newPage();
      await page.goto(`http://amps-a.localhost:${a.ports.admin}/`);
      expect(await query(page)).toEqual(["3"]);
      await page.getByText(`Connects to ws://amps-a.localhost:${a.ports.websocket}/amps/json`).waitFor();
    } finally {
      await there.close();
      await publisher.close();
    }
  });
});
