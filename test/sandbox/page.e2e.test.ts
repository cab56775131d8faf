import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AmpsTcpClient } from "../support/amps-client.ts";
import { available, programs } from "../support/available.ts";
import { allLinked, runSandbox, until } from "./running-sandbox.ts";

/** Serves the admin endpoint below `/deep/prefix/`, as a path route does. */
async function behindPrefix(port: number): Promise<{ url: string; close: () => void }> {
  const server = createServer((incoming, outgoing) => {
    const path = (incoming.url ?? "").replace(/^\/deep\/prefix/, "");
    if (path === incoming.url) return void outgoing.writeHead(404).end();
    const forwarded = request(
      { port, host: "127.0.0.1", path, headers: { host: `127.0.0.1:${port}` } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on("error", () => outgoing.destroy());
    forwarded.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${own}/deep/prefix/`,
    close: () => (server.closeAllConnections(), server.close()),
  };
}

describe.skipIf(!available.chromium)("the sandbox's page in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
    browser = await chromium.launch({ executablePath: programs.chromium!, args });
  });
  afterAll(() => browser.close());

  test.each(["at the root", "below a prefix"])(
    "%s it shows clients, queries rows, and polls the peer",
    async (where) => {
      const { handle, a } = await runSandbox({ statisticsIntervalMs: 200 });
      await until(handle, allLinked);
      const client = await AmpsTcpClient.connect({ port: a.ports.amps, name: "desk-1" });
      for (const id of [1, 2, 3])
        await client.publish("orders", { id, symbol: id === 2 ? "IBM" : "<b>GE</b>" });
      const proxy = await behindPrefix(a.ports.admin);
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      try {
        await page.goto(where === "at the root" ? `http://127.0.0.1:${a.ports.admin}/` : proxy.url);
        await page.getByText("running").waitFor();
        expect(await page.title()).toBe("SANDBOX amps-a");
        await page.getByRole("link", { name: "Clients" }).click();
        await page.getByRole("cell", { name: "desk-1", exact: true }).waitFor();

        await page.getByRole("link", { name: "SQL" }).click();
        await page.getByLabel("Filter").fill("/id <= 2");
        await page.getByRole("button", { name: "Query" }).click();
        await page.getByText("2 of 3 records").waitFor();
        expect(await page.locator("#rows tbody tr").allInnerTexts()).toEqual(["1\t<b>GE</b>", "2\tIBM"]);
        await page.getByLabel("Filter").fill("nonsense");
        await page.getByRole("button", { name: "Query" }).click();
        await page.getByText("Failed: bad filter").waitFor();

        await page.getByRole("link", { name: "Replication" }).click();
        await expect
          .poll(() => page.locator("#instances").getByText("answers", { exact: true }).count())
          .toBe(2);
        await expect.poll(() => page.locator("#links tbody tr").count()).toBe(2);
        await handle.act("amps-b", { do: "stop" });
        await page.locator("#instances").getByText("no answer").waitFor();
        await page.locator("#links").getByText("disconnected").waitFor();
        expect(await page.locator(".mark").innerText()).toBe("SANDBOX");
        expect(errors).toEqual([]);
      } finally {
        await page.close();
        proxy.close();
      }
    },
  );
});
