import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { AmpsTcpClient, AmpsWsClient } from "../support/amps-client.ts";
import { runSandbox } from "./running-sandbox.ts";

describe("logon", () => {
  test("is answered with the client's last sequence and its bookmark", async () => {
    const { a } = await runSandbox({ instances: 1 });
    const options = { port: a.ports.amps, name: "p" };
    const first = await AmpsTcpClient.connect(options);
    await first.publish("t", { id: 1 }, { sequence: 1795426527626000001n });
    await first.close();
    const again = await AmpsTcpClient.connect({ ...options, logon: false });
    const frame = again.logon();
    expect(await frame).toMatchObject({
      status: "success",
      reason: "authentication disabled",
      client_name: "p",
    });
    expect((await frame)["bm"]).toMatch(/^\d+\|1795426527626000001\|$/);
  });

  test("is refused for the password `wrong`, and the connection ends", async () => {
    const { a } = await runSandbox({ instances: 1 });
    const client = await AmpsTcpClient.connect({
      port: a.ports.amps,
      logon: false,
      user: "alice",
      password: "wrong",
    });
    expect(await client.logon()).toMatchObject({ status: "failure", reason: "auth failure" });
    expect(await client.closed).toBe("end");
  });

  test("must come first: anything else ends the connection", async () => {
    const { a } = await runSandbox({ instances: 1 });
    const tcp = await AmpsTcpClient.connect({ port: a.ports.amps, logon: false });
    tcp.send({ c: "publish", t: "t" }, "{}");
    expect(await tcp.closed).toBe("end");
    const ws = await AmpsWsClient.connect({ port: a.ports.websocket, logon: false });
    ws.send({ c: "subscribe", t: "t", cid: "1" });
    expect(await ws.closed).toBe("1011");
  });

  test("under a name in use by the same user drops the old connection", async () => {
    const { a, handle } = await runSandbox({ instances: 1 });
    const old = await AmpsTcpClient.connect({ port: a.ports.amps, name: "same", user: "alice" });
    const young = await AmpsWsClient.connect({ port: a.ports.websocket, name: "same", user: "alice" });
    expect(await old.closed).toBe("end");
    expect(await young.publish("t", {})).toMatchObject({ status: "success" });
    expect((await handle.status()).instances[0]!.clients).toBe(1);
  });

  test("under a name in use by another user is refused", async () => {
    const { a } = await runSandbox({ instances: 1 });
    const alice = await AmpsTcpClient.connect({ port: a.ports.amps, name: "same", user: "alice" });
    await expect(AmpsTcpClient.connect({ port: a.ports.amps, name: "same", user: "bob" })).rejects.toThrow(
      "name in use",
    );
    expect(await alice.publish("t", {})).toMatchObject({ status: "success" });
  });
});

describe("heartbeats", () => {
  test("come at least once an interval, and a client that answers stays", async () => {
    const { a } = await runSandbox({ instances: 1 });
    const client = await AmpsTcpClient.connect({ port: a.ports.amps });
    expect(await client.command({ c: "heartbeat", a: "received", o: "start,0.2" })).toMatchObject({
      status: "success",
    });
    for (let beats = 0; beats < 6; beats += 1) {
      await client.next(({ header }) => header["c"] === "heartbeat");
      client.send({ c: "heartbeat", o: "beat" });
    }
    expect(await client.publish("t", {})).toMatchObject({ status: "success" });
  });

  test("that a client does not answer end its connection after two intervals", async () => {
    const { a } = await runSandbox({ instances: 1 });
    const client = await AmpsWsClient.connect({ port: a.ports.websocket });
    const startMs = Date.now();
    await client.command({ c: "heartbeat", a: "received", o: "start,0.3" });
    expect(await client.closed).toBe("1011");
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(550);
  });
});

describe("addresses", () => {
  test.each(["/amps/json", "/site-a/prod/amps/nvfix", "/AMPS/json"])(
    "a WebSocket client may come to %s",
    async (path) => {
      const { a } = await runSandbox({ instances: 1 });
      expect(await firstLine(a.ports.websocket, path, "websocket")).toBe("HTTP/1.1 101 Switching Protocols");
    },
  );

  test.each(["/", "/amps", "/amps/", "/amps/json/more", "/json"])("and not to %s", async (path) => {
    const { a } = await runSandbox({ instances: 1 });
    expect(await firstLine(a.ports.websocket, path, "websocket")).toBe("HTTP/1.1 404 Not Found");
    expect(await firstLine(a.ports.amps, path, "tcp")).toBe("HTTP/1.1 404 Not Found");
  });

  test("a preflight's token is echoed, and one for WebSockets is refused by the TCP transport", async () => {
    const { a } = await runSandbox({ instances: 1 });
    const client = await AmpsTcpClient.connect({ port: a.ports.amps, preflight: "amps-tcp" });
    expect(client.preflightReply).toContain("\r\nUpgrade: amps-tcp\r\n");
    expect(await firstLine(a.ports.amps, "/amps/json", "websocket")).toBe("HTTP/1.1 400 Bad Request");
    expect(await firstLine(a.ports.websocket, "/amps/json", "tcp")).toBe("HTTP/1.1 400 Bad Request");
  });
});

/** The status line with which an upgrade request is answered. */
function firstLine(port: number, path: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => {
      resolve(chunk.toString("latin1").split("\r\n", 1)[0] ?? "");
      socket.destroy();
    });
    const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: 9D5en6ey31tflVIcHEPPRA==\r\n";
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${token}\r\n${key}\r\n`);
  });
}
