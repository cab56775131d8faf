/** The life of a Galvanometer window in the real desktop app: its tunnel, its engine, what it was refused. */
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { available } from "../support/available.ts";
import type { DesktopApp } from "../support/desktop-app.ts";
import {
  activity,
  bars,
  configure,
  launchGalvanometers,
  openWindow,
  pageOn,
} from "../support/galvanometer-app.ts";
import { internalBackend, startInternalSandbox } from "../support/internal-sandbox.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";

cleanUpAfterEach();

/** An HTTP CONNECT proxy that resolves names below `.internal`; it can go away and come back on its port. */
async function startTunnel() {
  const open = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  const start = async (): Promise<void> => {
    server = createServer();
    server.on("connect", (request, client: Socket) => {
      const [, target] = (request.url ?? "").split(":");
      const upstream = connect(Number(target), "127.0.0.1", () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
      for (const socket of [client, upstream]) {
        open.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => (client.destroy(), upstream.destroy(), open.delete(socket)));
      }
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve) => server?.listen(port, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  };
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server?.close(resolve));
    server?.closeAllConnections();
    for (const socket of open) socket.destroy();
    await closed;
  };
  await start();
  cleanUp(stop);
  return { port: () => port, start, stop };
}

/** Ends the engine's thread, as a defect would. */
const endEngine = (desktop: DesktopApp) =>
  desktop.app.evaluate(() => {
    const { startedThreads } = globalThis as unknown as {
      startedThreads: { script: string; worker: { terminate(): void } }[];
    };
    startedThreads.findLast(({ script }) => script.includes("engine"))?.worker.terminate();
  });

describe.skipIf(!available.electron)("the life of a Galvanometer window (needs Electron)", () => {
  test("the bar names the tunnel and says when it is down; the page comes back by itself when the tunnel does", async () => {
    const sandbox = await startInternalSandbox();
    const tunnel = await startTunnel();
    const desktop = await launchGalvanometers();
    await configure(desktop, [internalBackend(sandbox.a, { via: "jump" })], {
      tunnels: [{ id: "jump", type: "http-connect", address: `127.0.0.1:${tunnel.port()}` }],
    });
    const page = await openWindow(desktop, "amps-a");
    page.setDefaultTimeout(30_000);
    await page.getByText("running").waitFor();
    await until(async () => (await bars(desktop)).includes("through jump (http-connect)"));
    await tunnel.stop();
    await page.reload();
    await page.getByText("jump").first().waitFor();
    await until(async () => (await bars(desktop)).includes("tunnel jump is down"), "the word in the bar");
    await tunnel.start();
    await page.getByText("running").waitFor();
    await until(async () => !(await bars(desktop)).includes("down"), "the bar's all-clear");
  });

  test("an engine that ends unexpectedly is started again, and the window goes on through its new proxy", async () => {
    const sandbox = await startInternalSandbox();
    const desktop = await launchGalvanometers();
    await configure(desktop, [internalBackend(sandbox.a), internalBackend(sandbox.b)]);
    const page = await openWindow(desktop, "amps-a");
    page.setDefaultTimeout(30_000);
    await page.getByText("running").waitFor();
    await page.evaluate(() => void ((globalThis as { mark?: number }).mark = 1));
    await endEngine(desktop);
    const isRenewed = () =>
      page.evaluate(() => (globalThis as { mark?: number }).mark === undefined).catch(() => false);
    await until(isRenewed, "the page loaded anew");
    await page.getByText("running").waitFor();
    await page.getByRole("link", { name: "SQL" }).click();
    await page.getByRole("button", { name: "Query" }).click();
    await page.getByText(/of \d+ records/).waitFor();
  });

  test("while its proxy is dead, and before and after, not one connection of the page goes past it", async () => {
    const sandbox = await startInternalSandbox();
    let direct = 0;
    const listener = createServer((_request, response) => response.end("direct")).on(
      "connection",
      () => direct++,
    );
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (listener.close(), listener.closeAllConnections()));
    const { port } = listener.address() as AddressInfo;
    const desktop = await launchGalvanometers();
    await configure(desktop, [internalBackend(sandbox.a)]);
    const page = await openWindow(desktop, "amps-a");
    page.setDefaultTimeout(30_000);
    await page.getByText("running").waitFor();
    // The proxy answers what is not in its book with a 403; where there is no proxy, a fetch fails.
    const attempts = (): Promise<readonly string[]> =>
      page.evaluate(async (local) => {
        const places = ["127.0.0.1", "localhost", "x.localhost"].map((host) => `${host}:${local}`);
        for (const place of places) {
          new Image().src = `http://${place}/picture?${Math.random()}`;
          new WebSocket(`ws://${place}/`).onerror = () => undefined;
          navigator.sendBeacon(`http://${place}/beacon`);
        }
        const peer = new RTCPeerConnection({
          iceServers: [{ urls: `turn:127.0.0.1:${local}?transport=tcp`, username: "u", credential: "p" }],
        });
        peer.createDataChannel("x");
        await peer.setLocalDescription(await peer.createOffer());
        const asked = places.map((place) =>
          fetch(`http://${place}/`, { mode: "no-cors" }).then(
            () => "answered",
            () => "failed",
          ),
        );
        const outcomes = await Promise.all(asked);
        peer.close();
        return outcomes;
      }, port);
    expect(await attempts()).toEqual(["answered", "answered", "answered"]);
    await endEngine(desktop);
    // The page goes on asking while its proxy is gone, until it is loaded anew behind the next one.
    let failed = 0;
    const giveUpMs = performance.now() + 20_000;
    while (failed < 3 && performance.now() < giveUpMs)
      failed += (await attempts().catch(() => [])).filter((outcome) => outcome === "failed").length;
    expect(failed).toBeGreaterThanOrEqual(3);
    await until(
      async () => (await attempts().catch(() => [])).every((one) => one === "answered"),
      "the next proxy",
    );
    expect(direct).toBe(0);
  });

  test("an instance that only statistics name is offered as a backend, and read through the same tunnel meanwhile", async () => {
    const sandbox = await startInternalSandbox();
    const desktop = await launchGalvanometers();
    await configure(desktop, [internalBackend(sandbox.a)]);
    await desktop.page
      .getByRole("button", { name: /^Backends/ })
      .first()
      .click();
    await desktop.page.getByRole("button", { name: "Open Galvanometer of amps-a" }).click();
    const page = await pageOn(desktop, "amps-a.internal");
    page.setDefaultTimeout(20_000);
    await page.getByRole("link", { name: "Replication" }).click();
    const answering = () => page.locator("#instances").getByText("answers", { exact: true }).count();
    await expect.poll(answering, { timeout: 20_000 }).toBe(2);
    await desktop.page.getByText("also name amps-b, which no backend covers").waitFor();
    await desktop.page.getByRole("button", { name: "Add as backend" }).click();
    expect(await desktop.page.locator('.sheet [data-field="admin"]').inputValue()).toBe(
      internalBackend(sandbox.b).admin,
    );
  });

  test("an address that was refused is allowed from the activity with one press, and the connections are listed", async () => {
    const sandbox = await startInternalSandbox();
    const desktop = await launchGalvanometers();
    const { websocket: _sql, ...backend } = internalBackend(sandbox.a);
    await configure(desktop, [backend]);
    const page = await openWindow(desktop, "amps-a");
    await page.getByText("running").waitFor();
    const stranger = `amps-c.internal:${sandbox.b.ports.admin}`;
    const ask = () =>
      page.evaluate(
        (url) => fetch(url).then((answer) => answer.status),
        `http://${stranger}/amps/instance.json`,
      );
    expect(await ask()).toBe(403);
    await until(async () => (await activity(desktop, "galvanometer-refused")).length > 0);
    await desktop.page
      .getByRole("button", { name: /^Activity/ })
      .first()
      .click();
    await desktop.page.getByRole("button", { name: `Allow for now: ${stranger}` }).click();
    await until(async () => (await activity(desktop, "galvanometer-allowed")).length === 1);
    expect(await ask()).toBe(200);
    await desktop.page
      .getByRole("button", { name: /^Connections/ })
      .first()
      .click();
    await desktop.page.getByText("Galvanometer of amps-a").first().waitFor();
  });
});
