/** Path routes: upgrades that say what one before has said, which the addon serves by itself. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { doorKinds } from "../support/door-kinds.ts";
import { readAnswer } from "../support/raw-http.ts";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { setUpPaths, upgrade, type SetUp } from "./path-set-up.ts";
import { answerTo, good, keyOf, setUpUpgrades, type Answering } from "./upgrade-set-up.ts";

cleanUpAfterEach();
afterEach(() => void vi.restoreAllMocks());

/** Of those that say the same: what was taught is good for a second, and a slow machine may take several. */
const few = 10;

describe.each(doorKinds)("upgrades like one before, of clients let in by $name", ({ options }) => {
  const setUp = (answer: Answering = good, how: SetUp = {}) => setUpUpgrades(answer, { options, ...how });

  test("are asked for with each client's own key and address, and JavaScript judges few of them", async () => {
    const { join, isSwitched, asked, ws } = await setUp();
    await isSwitched(await join());
    const addresses = Array.from({ length: 30 }, (_, at) => `127.0.0.${1 + (at % 20)}`);
    const joined = await Promise.all(addresses.map((address) => join([], address)));
    for (const one of joined) await isSwitched(one);
    expect(asked() ?? 1).toBeLessThan(few);
    const far = await Promise.all(Array.from({ length: 31 }, (_, at) => ws.connection(at)));
    const [first = "", ...others] = far.map((one) => one.bytes().toString());
    expect(first).toContain("\r\nX-Forwarded-For: 127.0.0.1\r\n");
    const wanted = joined.map(({ key }, at) =>
      first.replace(keyOf(Buffer.from(first)), key).replace("-For: 127.0.0.1", `-For: ${addresses[at]}`),
    );
    expect(others.sort()).toEqual(wanted.sort());
  });

  test("are in the book as the one before, and cut by the operator", async () => {
    const { join, isSwitched, ws, connection, engine, until: untilSnapshot } = await setUp();
    (await isSwitched(await join())).socket.resetAndDestroy();
    await untilSnapshot((now) => now.connections.length === 0);
    const second = await isSwitched(await join([], "127.0.0.2"));
    const far = await ws.connection(1);
    expect(await connection()).toMatchObject({
      ...{ client: `127.0.0.2:${second.socket.localPort}`, kind: "websocket", state: "open" },
      ...{ route: "p1", backend: "prod-1", why: "only target" },
      bytes: { toBackend: far.bytes().length, toClient: second.bytes().length },
    });
    await engine.closeConnection((await connection()).id);
    expect([await second.ended, await far.ended]).toEqual(["ECONNRESET", "ECONNRESET"]);
  });

  test("are counted to the byte where they come, are served and go in no time", async () => {
    const { join, ws, route } = await setUp((socket, key) => {
      socket.write(answerTo(key));
      socket.on("end", () => socket.end("late"));
    });
    let toClient = 0;
    for (let round = 0; round < 5; round++) {
      const visits = Array.from({ length: 10 }, async () => {
        const { client, key } = await join();
        await client.received(answerTo(key).length);
        client.socket.end("early");
        expect((await client.whole()).toString()).toBe(`${answerTo(key)}late`);
        toClient += client.bytes().length;
      });
      await Promise.all(visits);
    }
    await until(async () => (await route("p1")).connections.open === 0);
    const toBackend = ws.connections.reduce((sum, one) => sum + one.bytes().length, 0);
    expect(await route("p1")).toMatchObject({
      connections: { open: 0, total: 50, refused: 0 },
      bytes: { toBackend, toClient },
    });
  });

  test("are judged anew where anything is different, and refused where it is for that", async () => {
    const { join, isSwitched, port, ws } = await setUp();
    await isSwitched(await join());
    const statusOf = async (head: string) => {
      const client = await connectTcp(port);
      client.socket.write(head.replaceAll("{port}", String(port)));
      return readAnswer(await client.receivedText("\r\n\r\n")).status;
    };
    const key = "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==";
    const version = "Sec-WebSocket-Version: 13";
    const same = upgrade("websocket", [key, version]);
    expect(await statusOf(same)).toBe(101);
    expect(await statusOf(upgrade("websocket", [key, version, "Origin: http://evil.example"]))).toBe(403);
    expect(await statusOf(same.replace("/prod-1/", "/prod-2/"))).toBe(404);
    expect(await statusOf(same.replace("127.0.0.1:", "evil.example:"))).toBe(421);
    // What stands in the key's place and is none is the backend's to judge, as before.
    const strange = same.replace("AQIDBAUGBwgJCgsMDQ4PEA==", `${"A".repeat(20)}\r\nX:`);
    expect(await statusOf(strange)).toBe(101);
    expect((await ws.connection(2)).bytes().toString()).toContain(`Key: ${"A".repeat(20)}\r\nX: \r\n`);
  });

  test("go another way where the configuration or the conditions are others", async () => {
    const { join, isSwitched, engine, apply, document, ws, tcp, route } = await setUp();
    const status = async () => readAnswer(await (await join()).client.receivedText("\r\n\r\n")).status;
    await isSwitched(await join());
    const down = { fault: { do: "down" } } as const;
    expect(await engine.setConditions("p1", down, { forMs: 60_000, reconnect: false })).toMatchObject({
      ok: true,
    });
    expect(await status()).toBe(502);
    await engine.clearConditions("p1");
    await isSwitched(await join());
    await isSwitched(await join());
    // Its backend is another, whose WebSocket endpoint nobody has asked yet.
    const count = ws.connections.length;
    const [backend] = document.backends;
    await apply({ ...document, backends: [{ ...backend, websocket: `ws://127.0.0.1:${tcp.port}` }] });
    await join();
    // Others are probes, which say nothing.
    await until(() => tcp.connections.some((one) => one.bytes().length > 0));
    expect(ws.connections.length).toBe(count);
    await apply({ ...document, routes: [{ ...document.routes[0], path: "/elsewhere" }] });
    expect(await status()).toBe(404);
    await until(async () => (await route("p1")).connections.refused > 0);
  });

  test("get their no, and their 502, like one before that was let in", async () => {
    const ways: readonly Answering[] = [
      good,
      (socket) => void socket.write("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"),
      (socket) => void socket.resetAndDestroy(),
    ];
    const { join, isSwitched, ws } = await setUp((socket, key, at) => ways[at]?.(socket, key, at));
    await isSwitched(await join());
    for (const status of [403, 502])
      expect(readAnswer((await (await join()).client.whole()).toString()).status).toBe(status);
    await ws.close();
    expect(readAnswer((await (await join()).client.whole()).toString()).status).toBe(502);
  });

  test("of a preflight that Shunt answers reach a backend that sees nothing of it", async () => {
    const { port, tcp, until: untilSnapshot } = await setUpPaths({ options });
    const frame = Buffer.from("\0\0\0\x03{}\n", "latin1");
    for (let at = 0; at < 3; at++) {
      const client = await connectTcp(port);
      client.socket.write(upgrade("amps").replace("{port}", String(port)));
      await client.receivedText("Upgrade: amps\r\n\r\n");
      client.socket.write(frame);
      expect(await (await tcp.connection(at)).received(frame.length)).toEqual(frame);
    }
    await untilSnapshot(
      ({ connections }) =>
        connections.length === 3 &&
        connections.every(({ kind, bytes }) => kind === "preflight" && bytes.toBackend === frame.length),
    );
  });
});
