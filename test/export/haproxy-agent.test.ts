/** An exported HAProxy beside a running Shunt: it follows the guard's word, and takes nobody without it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { available, programs } from "../support/available.ts";
import { startChildServer } from "../support/child-server.ts";
import { startEchoBackend } from "../support/echo-backend.ts";
import { cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { exportedText } from "./exported.ts";

cleanUpAfterEach();

/** `1` or `2`, the backend that took a client; null where none did. */
async function taker(port: number): Promise<string | null> {
  const client = await connectTcp(port);
  client.socket.write(Buffer.from([0, 0, 0, 1, 0x7b]));
  const first = await client.received(1).catch(() => null);
  client.socket.destroy();
  return first && first.toString("latin1", 0, 1);
}

test.skipIf(!available.haproxy)(
  "guarded clients go where the guard says: the active member, another one after a promotion, nobody while Shunt has not spoken",
  { timeout: 60_000 },
  async () => {
    const [one, two] = [await startEchoBackend("1"), await startEchoBackend("2")];
    const [agent, shuntPort, haproxyPort] = [await freePort(), await freePort(), await freePort()];
    const document = (listen: number) => ({
      version: 1,
      backends: [
        { id: "one", amps: `tcp://127.0.0.1:${one.port}` },
        { id: "two", amps: `tcp://127.0.0.1:${two.port}` },
      ],
      pools: [{ id: "both", members: ["one", "two"], agent: `127.0.0.1:${agent}` }],
      routes: [{ id: "in", listen: `127.0.0.1:${listen}`, transport: "amps", target: "both" }],
    });
    const text = exportedText(document(haproxyPort), { format: "haproxy" });
    const file = join(tempFolder(), "haproxy.cfg");
    writeFileSync(file, text.replaceAll(":8404", `:${await freePort()}`));
    await startChildServer(programs.haproxy ?? "", ["-f", file], haproxyPort);
    expect(await taker(haproxyPort), "before Shunt runs").toBeNull();

    const { engine } = await runEngine(document(shuntPort));
    await until(async () => (await taker(haproxyPort)) === "1", "a client on the active member");
    expect(await engine.promote("both", "two")).toMatchObject({ ok: true });
    await until(async () => (await taker(haproxyPort)) === "2", "a client on the promoted member");
    // Asked again and again, HAProxy never sends anyone back.
    for (let turn = 0; turn < 5; turn += 1) expect(await taker(haproxyPort)).toBe("2");
  },
);

test.skipIf(!available.haproxy)(
  "a pool that is held takes no guarded client through HAProxy either, and a drained member no subscriber",
  { timeout: 60_000 },
  async () => {
    const [one, two] = [await startEchoBackend("1"), await startEchoBackend("2")];
    const [agent, guardedPort, viewsPort] = [await freePort(), await freePort(), await freePort()];
    const document = (drained: boolean, guarded: number, views: number) => ({
      version: 1,
      backends: [
        { id: "one", amps: `tcp://127.0.0.1:${one.port}` },
        { id: "two", amps: `tcp://127.0.0.1:${two.port}`, drained },
      ],
      pools: [{ id: "both", members: ["one", "two"], balance: "round-robin", agent: `127.0.0.1:${agent}` }],
      routes: [
        { id: "in", listen: `127.0.0.1:${guarded}`, transport: "amps", target: "both" },
        {
          id: "views",
          listen: `127.0.0.1:${views}`,
          transport: "amps",
          target: "both",
          clients: "subscribers",
        },
      ],
    });
    const file = join(tempFolder(), "haproxy.cfg");
    const text = exportedText(document(false, guardedPort, viewsPort), { format: "haproxy" });
    writeFileSync(file, text.replaceAll(":8404", `:${await freePort()}`));
    await startChildServer(programs.haproxy ?? "", ["-f", file], guardedPort);
    const [own, ownViews] = [await freePort(), await freePort()];
    const running = await runEngine(document(false, own, ownViews), {
      probeIntervalMs: 200,
      probeDownIntervalMs: 200,
    });
    await until(async () => (await taker(guardedPort)) === "1", "a client on the active member");

    await running.apply(document(true, own, ownViews));
    await until(async () => {
      const takers = [
        await taker(viewsPort),
        await taker(viewsPort),
        await taker(viewsPort),
        await taker(viewsPort),
      ];
      return takers.every((found) => found === "1");
    }, "subscribers on the member that is left");

    await one.close();
    await running.until(({ pools }) => pools[0]?.held !== null);
    await until(async () => (await taker(guardedPort)) === null, "guarded clients held");
    for (let turn = 0; turn < 3; turn += 1) expect(await taker(guardedPort)).toBeNull();
  },
);
