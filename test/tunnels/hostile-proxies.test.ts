/** Proxies that refuse, stay silent, answer garbage or glue the far end's first bytes to their answer. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import type { ProxyTunnelConfig } from "../../app/contract/config.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { openTunnelSet } from "../support/tunnel-set.ts";

cleanUpAfterEach();

const target = { host: "amps.example.com", port: 9007 };

async function fakeProxy(onBytes: (socket: Socket, bytes: Buffer, turn: number) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    let turn = 0;
    socket.on("data", (bytes) => onBytes(socket, bytes, turn++));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function tunnelTo(type: ProxyTunnelConfig["type"], port: number, secret: string | null = null) {
  const tunnels = openTunnelSet({ secrets: async () => secret }, [
    { id: "t", type, address: `127.0.0.1:${port}`, ...(secret !== null && { user: "ops" }) },
  ]);
  return {
    open: (timeoutMs = 2_000) => tunnels.openTcp(target, "t", { timeoutMs }),
    status: () => tunnels.status("t"),
  };
}

const noAuth = Buffer.from([5, 0]);
const granted = Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0x23, 0x2f]);
const okHttp = Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n");

/** One byte at a time, each in a packet of its own. */
async function drip(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Reads as the splice does: late, from a socket that nobody has touched. */
async function readAll(socket: Duplex): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.resume();
  await new Promise((resolve) => socket.once("end", resolve));
  socket.destroy();
  return Buffer.concat(chunks).toString("latin1");
}

const answers = {
  socks5: [noAuth, granted],
  "http-connect": [okHttp],
} as const;

describe.each(["socks5", "http-connect"] as const)("%s", (type) => {
  const last = answers[type].length - 1;
  test("delivers what the far end sent in the same packet as the proxy's answer, and its end", async () => {
    const port = await fakeProxy((socket, _bytes, turn) => {
      const answer = answers[type][turn] ?? Buffer.alloc(0);
      if (turn === last) socket.end(Buffer.concat([answer, Buffer.from("banner")]));
      else socket.write(answer);
    });
    const reply = await tunnelTo(type, port).open();
    expect(reply.ok && (await readAll(reply.value))).toBe("banner");
  });

  test("understands an answer that comes byte by byte", async () => {
    const port = await fakeProxy((socket, _bytes, turn) => {
      const answer = answers[type][turn] ?? Buffer.alloc(0);
      void drip(socket, turn === last ? Buffer.concat([answer, Buffer.from("late banner")]) : answer).then(
        () => turn === last && socket.end(),
      );
    });
    const reply = await tunnelTo(type, port).open();
    expect(reply.ok && (await readAll(reply.value))).toBe("late banner");
  });

  test.each([
    ["silence", () => undefined, "TUNNEL_TIMEOUT"],
    [
      "garbage",
      (socket: Socket) => socket.write("\u0000\u0001\u0002 what?\r\n\r\n"),
      "TUNNEL_ANSWER_INVALID",
    ],
    ["an SSH banner", (socket: Socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"), "TUNNEL_ANSWER_INVALID"],
    ["a clean end", (socket: Socket) => socket.end(), "TUNNEL_ANSWER_INVALID"],
    ["a reset", (socket: Socket) => socket.resetAndDestroy(), "TUNNEL_ANSWER_INVALID"],
  ])("names %s within the limit", async (_name, onBytes, code) => {
    const tunnel = tunnelTo(type, await fakeProxy(onBytes));
    const started = performance.now();
    const reply = await tunnel.open(1_000);
    expect(reply.ok ? null : reply.failure.code).toBe(code);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(tunnel.status()).toMatchObject({ state: "down", reason: expect.stringContaining("Tunnel t") });
  });

  test("names a proxy that is not there", async () => {
    const tunnel = tunnelTo(type, await freePort());
    const reply = await tunnel.open();
    expect(reply.ok ? null : reply.failure).toMatchObject({ code: "TUNNEL_UNREACHABLE", hop: "tunnel" });
  });

  test("says that a password is missing before anything is sent", async () => {
    let met = 0;
    const port = await fakeProxy(() => void met++);
    const tunnels = openTunnelSet({ secrets: async () => null }, [
      { id: "corp-1", type, address: `127.0.0.1:${port}`, user: "ops" },
    ]);
    const reply = await tunnels.openTcp(target, "corp-1");
    expect(reply.ok ? null : reply.failure).toMatchObject({
      code: "TUNNEL_SECRET_MISSING",
      advice: expect.stringContaining("SHUNT_SECRET_CORP_1"),
    });
    expect(met).toBe(0);
  });
});

test.each([
  [1, "TUNNEL_REFUSED"],
  [2, "TUNNEL_REFUSED"],
  [3, "HOST_UNREACHABLE"],
  [4, "HOST_UNREACHABLE"],
  [5, "CONNECT_REFUSED"],
  [6, "CONNECT_TIMEOUT"],
  [7, "TUNNEL_REFUSED"],
])("SOCKS5 answer %i is %s, and leaves the tunnel up", async (answer, code) => {
  const port = await fakeProxy((socket, _bytes, turn) =>
    socket.write(turn === 0 ? noAuth : Buffer.from([5, answer, 0, 1, 0, 0, 0, 0, 0, 0])),
  );
  const tunnel = tunnelTo("socks5", port);
  const reply = await tunnel.open();
  expect(reply.ok ? null : reply.failure.code).toBe(code);
  expect(tunnel.status().state).toBe("up");
});

test.each([
  ["403 Forbidden", "", "TUNNEL_REFUSED", "up"],
  [
    "407 Proxy Authentication Required",
    'Proxy-Authenticate: Basic realm="x"\r\n',
    "TUNNEL_AUTH_FAILED",
    "down",
  ],
  ["407 Proxy Authentication Required", "Proxy-Authenticate: NTLM\r\n", "TUNNEL_AUTH_FAILED", "down"],
  ["502 Bad Gateway", "", "HOST_UNREACHABLE", "up"],
  ["504 Gateway Timeout", "", "CONNECT_TIMEOUT", "up"],
])("HTTP answer %s (%s) is named", async (status, header, code, state) => {
  const port = await fakeProxy((socket) =>
    socket.write(`HTTP/1.1 ${status}\r\n${header}Content-Length: 0\r\n\r\n`),
  );
  const tunnel = tunnelTo("http-connect", port);
  const reply = await tunnel.open();
  expect(reply.ok ? null : reply.failure.code).toBe(code);
  expect(tunnel.status().state).toBe(state);
});

test("the name goes to the proxy as a name, and the password as it is", async () => {
  const seen: Buffer[] = [];
  const socks = await fakeProxy((socket, bytes, turn) => {
    seen.push(bytes);
    socket.write([Buffer.from([5, 2]), Buffer.from([1, 0]), granted][turn] ?? Buffer.alloc(0));
  });
  const reply = await tunnelTo("socks5", socks, secretOf("SOCKS password")).open();
  if (reply.ok) reply.value.destroy();
  expect(seen[1]?.includes(Buffer.from(secretOf("SOCKS password")))).toBe(true);
  expect(seen[2]?.toString("latin1")).toContain("amps.example.com");
  const http: string[] = [];
  const proxy = await fakeProxy((socket, bytes) => {
    http.push(bytes.toString("latin1"));
    socket.write(okHttp);
  });
  const connected = await tunnelTo("http-connect", proxy, secretOf("CONNECT password")).open();
  if (connected.ok) connected.value.destroy();
  const credentials = Buffer.from(`ops:${secretOf("CONNECT password")}`).toString("base64");
  expect(http[0]).toMatch(/^CONNECT amps\.example\.com:9007 HTTP\/1\.1\r\n/);
  expect(http[0]).toContain(`Proxy-Authorization: Basic ${credentials}\r\n`);
});
