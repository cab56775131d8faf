/** Path routes: upgrades to a backend that has answered one before, of which the addon knows what is to come. */
import { deflateRawSync, constants } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { webSocketFrame } from "../amps/vectors.ts";
import { doorKinds } from "../support/door-kinds.ts";
import { readAnswer } from "../support/raw-http.ts";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";
import { patternBytes, type TcpClient } from "../support/tcp-client.ts";
import { acceptOf } from "../support/websocket-accept.ts";
import { answerTo, good, setUpUpgrades, type Answering } from "./upgrade-set-up.ts";

cleanUpAfterEach();
afterEach(() => void vi.useRealTimers().restoreAllMocks());

describe.each(doorKinds)("repeated upgrades of clients let in by $name", ({ options }) => {
  const setUp = (answer: Answering) => setUpUpgrades(answer, { options });

  test("every client gets the accept of its own key, and only the first answer is judged", async () => {
    const { join, isSwitched, judged, ws, apply, document } = await setUp(good);
    const clients = [];
    for (let at = 0; at < 5; at++) clients.push(await isSwitched(await join()));
    expect(judged() ?? 1).toBe(1);
    for (const [at, { socket }] of clients.entries()) {
      const far = await ws.connection(at);
      const head = far.bytes().length;
      const [up, down] = [patternBytes(300_000, at + 1), patternBytes(300_000, at + 11)];
      const before = clients[at]?.bytes().length ?? 0;
      socket.write(up);
      far.socket.write(down);
      expect((await far.received(head + up.length)).subarray(head).equals(up)).toBe(true);
      expect((await clients[at]?.received(before + down.length))?.subarray(before).equals(down)).toBe(true);
    }
    // What was known of a backend goes with its configuration.
    await apply({ ...document, backends: document.backends.map((one) => ({ ...one, label: "new" })) });
    await isSwitched(await join());
    expect(judged() ?? 2).toBe(2);
  });

  test("an answer that differs arrives as it is, and the next one like it is known", async () => {
    const lines = [["X-Own: 1"], ["X-Own: 1"], ["X-Own: 2"], ["X-Own: 2"], ["X-Own: 2", "A: b"], [], []];
    const { join, isSwitched, judged } = await setUp((socket, key, at) =>
      socket.write(answerTo(key, lines[at])),
    );
    for (const more of lines) await isSwitched(await join(), more);
    expect(judged() ?? 4).toBe(4);
  });

  test("an answer with another accept, or with none, arrives as it is", async () => {
    const strange = ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo\n", "=".repeat(28)];
    const { join, isSwitched, judged } = await setUp((socket, key, at) =>
      socket.write(at === 0 ? answerTo(key) : answerTo(key).replace(acceptOf(key), strange[at - 1] ?? "")),
    );
    await isSwitched(await join());
    const { client, key } = await join();
    await client.receivedText("\r\n\r\n");
    expect(client.bytes().toString()).toBe(answerTo(key).replace(acceptOf(key), strange[0] ?? ""));
    // That is an accept, if not this key's: whoever asked for it compares. The others are for JavaScript.
    expect(judged() ?? 1).toBe(1);
    expect(readAnswer((await (await join()).client.whole()).toString())).toMatchObject({ status: 502 });
    const last = await join();
    expect(await last.client.receivedText("\r\n\r\n")).toBe(
      answerTo(last.key).replace(acceptOf(last.key), strange[2] ?? ""),
    );
    expect(judged() ?? 2).toBe(2);
  });

  test("an answer in two segments, behind an interim one, or with bytes behind it is whole, and they are first", async () => {
    const down = patternBytes(100_000, 5);
    const ways: readonly Answering[] = [
      good,
      (socket, key) => {
        socket.write(answerTo(key).slice(0, 60));
        setTimeout(() => socket.write(answerTo(key).slice(60)), 60);
      },
      (socket, key) => {
        socket.write("HTTP/1.1 103 Early Hints\r\n");
        setTimeout(() => socket.write(`X: y\r\n\r\n${answerTo(key)}`), 60);
      },
      (socket, key) => {
        socket.write("HTTP/1.1 103 Early Hints\r\n\r\n");
        setTimeout(() => socket.write(answerTo(key)), 60);
      },
      (socket, key) => void socket.write(Buffer.concat([Buffer.from(answerTo(key)), down])),
      (socket, key) => {
        socket.write(answerTo(key));
        socket.write(down);
      },
    ];
    const { join, isSwitched } = await setUp((socket, key, at) => ways[at]?.(socket, key, at));
    const clients: TcpClient[] = [];
    for (let at = 0; at < ways.length; at++) clients.push(await isSwitched(await join()));
    for (const client of clients.slice(-2)) {
      const head = client.bytes().indexOf("\r\n\r\n") + 4;
      expect((await client.received(head + down.length)).subarray(head).equals(down)).toBe(true);
    }
  });

  test("where an interim answer breaks off into what was expected, it is no answer", async () => {
    const { join, isSwitched } = await setUp((socket, key, at) => {
      if (at === 0) return void socket.write(answerTo(key));
      socket.write("HTTP/1.1 103 Early Hints\r\nX");
      setTimeout(() => socket.write(answerTo(key)), 60);
    });
    await isSwitched(await join());
    const { client } = await join();
    expect(readAnswer((await client.whole()).toString())).toMatchObject({
      status: 502,
      headers: expect.arrayContaining(["X-Shunt-Error: BACKEND_ANSWER_INVALID"]),
    });
  });

  test("the second connection is in the book, counted to the byte, with the name in its compressed logon", async () => {
    const deflate = "Sec-WebSocket-Extensions: permessage-deflate";
    const { join, isSwitched, judged, ws, connection, route } = await setUp((socket, key) =>
      socket.write(answerTo(key, [deflate])),
    );
    const first = await isSwitched(await join([deflate]), [deflate]);
    first.socket.end();
    (await ws.connection(0)).socket.end();
    await until(async () => (await route("p1")).connections.open === 0);
    const before = (await route("p1")).bytes;
    const second = await isSwitched(await join([deflate]), [deflate]);
    const far = await ws.connection(1);
    const asked = far.bytes().length;
    const bytes = { toBackend: asked, toClient: second.bytes().length };
    expect(await connection()).toMatchObject({ state: "open", backend: "prod-1", kind: "websocket", bytes });
    const logon = deflateRawSync(Buffer.from('{"c":"logon","client_name":"web-2"}'), {
      finishFlush: constants.Z_SYNC_FLUSH,
    }).subarray(0, -4);
    const said = Buffer.concat([
      webSocketFrame(1, Buffer.from("json")),
      webSocketFrame(2, Buffer.of(1, 0, 0, 0)),
      webSocketFrame(1, logon, { compressed: true }),
    ]);
    second.socket.write(said);
    await far.received(asked + said.length);
    await until(async () => (await connection()).ampsClient === "web-2");
    bytes.toBackend += said.length;
    expect((await connection()).bytes).toEqual(bytes);
    expect((await route("p1")).bytes).toEqual({
      toBackend: before.toBackend + bytes.toBackend,
      toClient: before.toClient + bytes.toClient,
    });
    expect(judged() ?? 1).toBe(1);
  });

  test("what a client says before its answer waits, ends are passed on, and resets on either side", async () => {
    const answers: (() => void)[] = [];
    const {
      join,
      isSwitched,
      judged,
      ws,
      until: untilSnapshot,
    } = await setUp((socket, key, at) => {
      const answer = () => void socket.write(answerTo(key));
      if (at === 1) answers.push(answer);
      else answer();
      if (at === 3) socket.resetAndDestroy();
    });
    await isSwitched(await join());
    const early = await join();
    early.client.socket.end("early");
    await until(() => answers.length === 1);
    const far = await ws.connection(1);
    const head = far.bytes().length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(far.bytes().length).toBe(head);
    answers[0]?.();
    await isSwitched(early);
    expect((await far.received(head + 5)).subarray(head).toString()).toBe("early");
    expect(await far.ended).toBe("end");
    far.socket.end("late");
    expect((await early.client.whole()).toString()).toBe(`${answerTo(early.key)}late`);
    const leaving = await isSwitched(await join());
    leaving.socket.resetAndDestroy();
    expect(await (await ws.connection(2)).ended).toBe("ECONNRESET");
    expect(await (await join()).client.ended).toBe("ECONNRESET");
    expect(judged() ?? 1).toBe(1);
    await untilSnapshot((now) => now.connections.length === 1);
  });

  test("a backend that says no, ends or resets the second time is told of as at first", async () => {
    const ways: readonly Answering[] = [
      good,
      (socket) => void socket.write("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"),
      (socket) => void socket.end(),
      (socket) => void socket.resetAndDestroy(),
    ];
    const { join, isSwitched } = await setUp((socket, key, at) => ways[at]?.(socket, key, at));
    await isSwitched(await join());
    const said = [];
    for (let at = 1; at < ways.length; at++)
      said.push(readAnswer((await (await join()).client.whole()).toString()).status);
    expect(said).toEqual([403, 502, 502]);
  });

  test("the second connection is cut where the operator closes it, before its answer and right behind it", async () => {
    const {
      join,
      isSwitched,
      ws,
      engine,
      connection,
      until: untilSnapshot,
    } = await setUp((socket, key, at) => {
      if (at !== 1) socket.write(answerTo(key));
    });
    const first = await isSwitched(await join());
    first.socket.resetAndDestroy();
    for (const at of [1, 2]) {
      await untilSnapshot((now) => now.connections.length === 0);
      const next = await join();
      if (at === 2) await isSwitched(next);
      const far = await ws.connection(at);
      await far.received(10);
      await engine.closeConnection((await connection()).id);
      expect([await next.client.ended, await far.ended]).toEqual(["ECONNRESET", "ECONNRESET"]);
    }
    await untilSnapshot((now) => now.connections.length === 0);
  });

  test("a late answer is a 504, one at the last moment is not, and its connection stays in the book", async () => {
    const {
      join,
      isSwitched,
      ws,
      connection,
      until: untilSnapshot,
      route,
    } = await setUp((socket, key, at) => {
      if (at === 0) socket.write(answerTo(key));
    });
    const first = await isSwitched(await join());
    first.socket.resetAndDestroy();
    await untilSnapshot((now) => now.connections.length === 0);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
    const late = await join();
    await (await ws.connection(1)).received(10);
    expect((await connection()).backend).toBe("prod-1");
    vi.advanceTimersByTime(30_000);
    expect(readAnswer((await late.client.whole()).toString())).toMatchObject({
      headers: expect.arrayContaining(["X-Shunt-Error: BACKEND_TIMEOUT"]),
    });
    late.client.socket.end();
    await untilSnapshot((now) => now.connections.length === 0);
    const inTime = await join();
    const far = await ws.connection(2);
    await far.received(10);
    expect((await connection()).backend).toBe("prod-1");
    far.socket.write(answerTo(inTime.key));
    // The addon has passed it on, and tells that in a moment.
    const second = await isSwitched(inTime);
    vi.advanceTimersByTime(30_000);
    far.socket.write("in time");
    await second.receivedText("in time");
    expect(await connection()).toMatchObject({ state: "open", backend: "prod-1" });
    second.socket.end();
    far.socket.end();
    await untilSnapshot((now) => now.connections.length === 0);
    expect((await route("p1")).connections).toMatchObject({ open: 0, refused: 1 });
  });
});
