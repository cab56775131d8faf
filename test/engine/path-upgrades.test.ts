/** Path routes: upgrades, from the first head to the splice and to every end. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { doorKinds, testThatNativeIsTried } from "../support/door-kinds.ts";
import { exchange, get, readAnswer } from "../support/raw-http.ts";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";
import { plainSecretOf } from "../support/suite-secrets.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";
import { setUpPaths, switching, upgrade, webSocket, type SetUp } from "./path-set-up.ts";

cleanUpAfterEach();

testThatNativeIsTried();

describe.each(doorKinds)("upgrades of clients let in by $name", ({ options }) => {
  const setUp = (how: SetUp = {}) => setUpPaths({ options, ...how });

  test("bytes behind both heads are delivered first and once, and the 101 is the backend's own", async () => {
    const up = patternBytes(3_000_000, 11);
    const down = patternBytes(3_000_000, 12);
    const { port, ws } = await setUp({
      websocket: {
        onConnection: (socket) =>
          socket.once("data", () => socket.write(Buffer.concat([Buffer.from(switching), down]))),
      },
    });
    const client = await connectTcp(port);
    client.socket.write(Buffer.concat([Buffer.from(webSocket.replace("{port}", String(port))), up]));
    const all = await client.received(switching.length + down.length);
    expect(all.subarray(0, switching.length).toString()).toBe(switching);
    expect(all.subarray(switching.length).equals(down)).toBe(true);
    const far = await ws.connection(0);
    const head = await until(
      () => far.bytes().indexOf("\r\n\r\n") > 0 && far.bytes().indexOf("\r\n\r\n") + 4,
    );
    const arrived = await far.received(head + up.length);
    expect(createHash("sha256").update(arrived.subarray(head)).digest("hex")).toBe(
      createHash("sha256").update(up).digest("hex"),
    );
    expect(arrived.subarray(0, head).toString()).toMatch(/^GET \/amps\/json HTTP\/1\.1\r\n/);
  });

  test("half-close and reset pass through an upgraded connection", async () => {
    const { port, ws } = await setUp({
      websocket: { onConnection: (socket) => socket.once("data", () => socket.write(switching)) },
    });
    const first = await connectTcp(port);
    first.socket.write(webSocket.replace("{port}", String(port)));
    await first.receivedText("\r\n\r\n");
    first.socket.end();
    const far = await ws.connection(0);
    expect(await far.ended).toBe("end");
    far.socket.end("late");
    expect((await first.whole()).toString()).toBe(`${switching}late`);
    const second = await connectTcp(port);
    second.socket.write(webSocket.replace("{port}", String(port)));
    await second.receivedText("\r\n\r\n");
    (await ws.connection(1)).socket.resetAndDestroy();
    expect(await second.ended).toBe("ECONNRESET");
  });

  test("a client that resets right behind the 101 brings nothing down", async () => {
    const {
      port,
      ws,
      until: untilSnapshot,
    } = await setUp({
      websocket: { onConnection: (socket) => socket.once("data", () => socket.write(switching)) },
    });
    for (let attempt = 0; attempt < 30; attempt++) {
      const client = await connectTcp(port);
      client.socket.write(webSocket.replace("{port}", String(port)));
      if (attempt % 2 === 0) await client.receivedText("101");
      client.socket.resetAndDestroy();
    }
    await untilSnapshot((now) => now.connections.length === 0);
    await until(() => ws.connections.every(({ socket }) => socket.destroyed || socket.readableEnded));
    expect((await exchange(port, get("/prod-1/"))).status).toBe(200);
  });

  test("a backend's refusal reaches the client whole and ends the connection", async () => {
    const { port, ws, activity } = await setUp({
      websocket: {
        onConnection: (socket) =>
          socket.once("data", () =>
            socket.write(
              'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 6\r\n\r\nno way',
            ),
          ),
      },
    });
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    const answer = readAnswer((await client.whole()).toString());
    expect(answer).toMatchObject({ status: 401, body: "no way" });
    expect(answer.headers).toEqual(
      expect.arrayContaining(['WWW-Authenticate: Basic realm="x"', "Connection: close"]),
    );
    expect((await activity()).map((entry) => entry.message)).toContain(
      "prod-1 answered an upgrade with 401 Unauthorized.",
    );
    client.socket.write(get("/prod-1/amps/administrator"));
    await until(() => ws.connections[0]?.socket.readableEnded === true);
    expect((await ws.connection(0)).bytes().toString()).not.toContain("administrator");
  });

  test.each([
    ["by length", "Content-Length: 40000000\r\n\r\n", (body: Buffer) => body],
    [
      "in chunks",
      "Transfer-Encoding: chunked\r\n\r\n",
      (body: Buffer) => Buffer.concat([Buffer.from("2625a00\r\n"), body, Buffer.from("\r\n0\r\n\r\n")]),
    ],
  ])("the body of a refusal %s waits for a client that does not read", async (_name, framing, framed) => {
    const body = framed(Buffer.alloc(40_000_000, patternBytes(1_000_003, 13)));
    const { port, ws } = await setUp({
      websocket: {
        onConnection: (socket) =>
          socket.once("data", () =>
            socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 403 No\r\n${framing}`), body])),
          ),
      },
    });
    const client = await connectTcp(port);
    client.socket.pause();
    client.socket.write(webSocket.replace("{port}", String(port)));
    const far = await ws.connection(0);
    // What the system's buffers do not take stays with the backend.
    const before = await until(() => far.socket.writableLength > 0 && far.socket.writableLength);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(far.socket.writableLength).toBeGreaterThan(0);
    expect(before).toBeGreaterThan(0);
    client.socket.resume();
    const whole = await client.whole();
    expect(whole.subarray(whole.indexOf("\r\n\r\n") + 4).equals(body)).toBe(true);
    expect(await client.ended).toBe("end");
  });

  test.each([
    ["that breaks off", "HTTP/1.1 403 No\r\nContent-Length: 10\r\n\r\nhalf"],
    ["with a broken chunk", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n"],
  ])("a refusal %s never looks whole", async (_name, answer) => {
    const { port } = await setUp({
      websocket: { onConnection: (socket) => socket.once("data", () => socket.end(answer)) },
    });
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    expect(await client.ended).toBe("ECONNRESET");
  });

  test("an interim answer is passed over, and a head in pieces is read as one", async () => {
    const { port } = await setUp({
      websocket: {
        onConnection: (socket) =>
          socket.once("data", () => {
            socket.write("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 101 Sw");
            setTimeout(() => socket.write(switching.replace("HTTP/1.1 101 Web So", "itching ")), 50);
          }),
      },
    });
    const client = await connectTcp(port);
    for (const piece of webSocket.replace("{port}", String(port)).match(/[^]{1,40}/g) ?? []) {
      client.socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await client.receivedText("X-Own: 1\r\n\r\n")).toMatch(/^HTTP\/1\.1 101 Switching /);
  });

  test("a client that leaves before the backend has answered is over at once", async () => {
    const { port, ws, until: untilSnapshot, route } = await setUp({ websocket: {} });
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    const far = await ws.connection(0);
    await untilSnapshot((now) => now.connections.length === 1);
    client.socket.resetAndDestroy();
    expect(await far.ended).toBe("ECONNRESET");
    await untilSnapshot((now) => now.connections.length === 0);
    expect((await route("p1")).connections).toMatchObject({ refused: 0, total: 1 });
  });

  test("a client that says nothing at first is served all the same", async () => {
    const { port } = await setUp();
    const client = await connectTcp(port);
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.socket.write(upgrade("tcp").replace("{port}", String(port)));
    expect(await client.receivedText("\r\n\r\n")).toContain("Upgrade: tcp");
  });

  test("a preflight is passed to the amps endpoint where the route says so", async () => {
    const own = "HTTP/1.1 101 Switching\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n";
    const { port, tcp } = await setUp({
      route: { preflight: "pass" },
      amps: { onConnection: (socket) => socket.once("data", () => socket.write(own)) },
    });
    const client = await connectTcp(port);
    client.socket.write(
      upgrade("tcp", [`Cookie: token=${plainSecretOf("cookie")}`]).replace("{port}", String(port)),
    );
    expect(await client.receivedText("\r\n\r\n")).toBe(own);
    client.socket.write("\u0000\u0000\u0000\u0002{}");
    const far = await tcp.connection(0);
    const text = await until(() => far.bytes().toString().endsWith("{}") && far.bytes().toString());
    expect(text).toMatch(/^GET \/amps\/json HTTP\/1\.1\r\n/);
    expect(text).toContain(`Cookie: token=${plainSecretOf("cookie")}\r\n`);
  });

  test("a preflight says nothing but the 101 before the client's first frame, and echoes its token", async () => {
    const { port } = await setUp();
    const client = await connectTcp(port);
    client.socket.write(upgrade("AMPS-tcp").replace("{port}", String(port)));
    await client.receivedText("\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.bytes().toString()).toBe(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: AMPS-tcp\r\n\r\n",
    );
  });

  test("a page of a foreign origin may not open a WebSocket, a native client may", async () => {
    const { port, ws } = await setUp();
    const answer = await exchange(
      port,
      webSocket.replace("\r\n\r\n", "\r\nOrigin: https://evil.example\r\n\r\n"),
    );
    expect(answer.status).toBe(403);
    expect(ws.connections).toHaveLength(0);
  });

  test("a missing endpoint is named", async () => {
    const { port } = await setUp({ backend: { websocket: undefined } });
    const answer = await exchange(port, webSocket);
    expect(answer).toMatchObject({
      status: 404,
      body: expect.stringContaining("prod-1 has no websocket endpoint"),
    });
  });
});
