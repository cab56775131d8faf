/** Several TLS backends behind one port, told apart by the server name: nothing is decrypted, not a byte is altered. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect as connectPlain, type AddressInfo, type Socket } from "node:net";
import { connect, createServer, type ConnectionOptions, type TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import type { RouteConfig } from "../../app/contract/config.ts";
import type { EngineOptions } from "../../app/engine/engine-options.ts";
import { certificatesForFile } from "../support/certificates.ts";
import { handshakeRecord, makeClientHello } from "../support/client-hello.ts";
import { freePort } from "../support/free-port.ts";
import { builtNative } from "../support/native.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const places = ["ny", "ldn", "rest"] as const;
type Place = (typeof places)[number];

const files = certificatesForFile(({ make }) => {
  make("ny", "DNS:amps-ny.example.com,DNS:*.ny.example.com");
  make("ldn", "DNS:amps-ldn.example.com");
  make("rest", "DNS:amps-rest.example.com");
});

/** Says who it is; then `down SIZE` has it send, and everything else is hashed until the client's end. */
async function tlsBackend(place: Place) {
  const open = new Set<TLSSocket>();
  const server = createServer(
    { cert: files.read(`${place}.pem`), key: files.read(`${place}.key`), allowHalfOpen: true },
    (socket) => {
      open.add(socket);
      socket.on("error", () => undefined).on("close", () => open.delete(socket));
      const hash = createHash("sha256");
      let length = 0;
      socket.write(`${place}\n`);
      socket.on("data", (chunk: Buffer) => {
        length += chunk.length;
        hash.update(chunk);
      });
      socket.on("end", () => socket.end(`${length} ${hash.digest("hex")}`));
    },
  );
  server.on("tlsClientError", () => undefined);
  const raw = new Set<Socket>();
  server.on("connection", (socket: Socket) => raw.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp(() => {
    for (const socket of raw) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, open, sawRaw: () => raw.size };
}

/** Resolves with the client once its certificate check has passed, or rejects with what TLS said. */
function dial(port: number, servername: string | undefined, more: ConnectionOptions = {}) {
  const socket = connect({
    host: "127.0.0.1",
    port,
    ca: files.read("ca.pem"),
    ...(servername === undefined ? { checkServerIdentity: () => undefined } : { servername }),
    ...more,
  });
  cleanUp(() => void socket.destroy());
  return new Promise<TLSSocket>((resolve, reject) =>
    socket.once("secureConnect", () => resolve(socket)).once("error", reject),
  ).then((secure) => secure.on("error", () => undefined));
}

async function firstLine(socket: TLSSocket): Promise<string> {
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk.toString().split("\n")[0] ?? "";
}

async function reach(port: number, servername?: string): Promise<string> {
  const socket = await dial(port, servername);
  return firstLine(socket);
}

/** The error code that a client's TLS ends with. */
async function told(port: number, servername?: string, more?: ConnectionOptions): Promise<string> {
  return dial(port, servername, more).then(
    () => "let in",
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

const names: Readonly<Record<Place, readonly string[] | undefined>> = {
  ny: ["amps-ny.example.com", "*.ny.example.com"],
  ldn: ["amps-ldn.example.com"],
  rest: undefined,
};

function documentOf(port: number, backends: Partial<Record<Place, number>>, changes: Changes = {}) {
  const used = places.filter((place) => backends[place] !== undefined);
  return {
    version: 1,
    backends: used.map((id) => ({
      id,
      [id === "ldn" ? "websocket" : "amps"]: `${id === "ldn" ? "wss" : "tcps"}://127.0.0.1:${backends[id]}`,
      tls: { caFile: files.at("ca.pem"), serverName: `amps-${id}.example.com` },
    })),
    routes: used.map((id) => ({
      id,
      listen: `127.0.0.1:${port}`,
      transport: id === "ldn" ? "websocket" : "amps",
      target: id,
      tlsPassthrough: true,
      ...(names[id] && { serverNames: names[id] }),
      ...changes[id],
    })),
  };
}

type Changes = Partial<Record<Place, Partial<RouteConfig>>>;

async function set(used: readonly Place[], options: EngineOptions = {}) {
  const backends: Partial<Record<Place, Awaited<ReturnType<typeof tlsBackend>>>> = {};
  for (const place of used) backends[place] = await tlsBackend(place);
  const ports = Object.fromEntries(used.map((place) => [place, backends[place]?.port ?? 0]));
  const port = await freePort();
  const running = await runEngine(documentOf(port, ports), options);
  const change = (changes: Changes, graceMs?: number) =>
    running.apply(documentOf(port, ports, changes), graceMs);
  const refusals = async () =>
    (await running.activity()).filter(({ event }) => event === "connection-refused");
  return { ...running, port, ports, change, refusals, backends };
}

const native = builtNative();
const movers: readonly { readonly name: string; readonly options: EngineOptions }[] = [
  { name: "Node alone", options: { native: { missing: "not wanted" } } },
  ...("addon" in native ? [{ name: "the native addon", options: { native: { addon: native.addon } } }] : []),
];

describe.each(movers)("with $name", ({ options }) => {
  test("each name reaches its own backend and certificate, whole in both directions and half-closed", async () => {
    const { port, route, until: see } = await set(["ny", "ldn"], options);
    expect(await reach(port, "amps-ldn.example.com")).toBe("ldn");
    expect(await reach(port, "feed.ny.example.com")).toBe("ny");
    const bytes = patternBytes(6_000_000);
    const sum = createHash("sha256").update(bytes).digest("hex");
    for (const place of ["ny", "ldn"] as const) {
      const socket = await dial(port, `AMPS-${place}.example.com`);
      expect(await firstLine(socket)).toBe(place);
      const answer: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => answer.push(chunk));
      socket.end(bytes);
      await once(socket, "end");
      expect(Buffer.concat(answer).toString()).toBe(`${bytes.length} ${sum}`);
    }
    await see(({ connections }) => connections.length === 2);
    for (const place of ["ny", "ldn"]) {
      const { connections, bytes: carried } = await route(place);
      expect(connections).toMatchObject({ total: 2, refused: 0 });
      expect(carried.toBackend).toBeGreaterThan(6_000_000);
    }
  });

  test("a backend that sends more than its client reads is slowed, then all of it arrives", async () => {
    const { port, backends, route } = await set(["ny", "ldn"], options);
    const socket = await dial(port, "amps-ny.example.com");
    expect(await firstLine(socket)).toBe("ny");
    socket.pause();
    const [server] = backends.ny?.open ?? [];
    const bytes = patternBytes(64_000_000);
    server?.end(bytes);
    let before = -1;
    const stalled = await until(async () => {
      const { toClient } = (await route("ny")).bytes;
      const isSame = toClient === before && toClient > 0;
      before = toClient;
      await new Promise((resolve) => setTimeout(resolve, 250));
      return isSame && toClient;
    });
    expect(stalled).toBeLessThan(bytes.length / 2);
    const hash = createHash("sha256");
    socket.on("data", (chunk: Buffer) => hash.update(chunk)).resume();
    await once(socket, "end");
    expect(hash.digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  test("a reset on one side is a reset on the other, and the other name's connection stays", async () => {
    const { port, backends, until: see } = await set(["ny", "ldn"], options);
    const stays = await dial(port, "amps-ldn.example.com");
    expect(await firstLine(stays)).toBe("ldn");
    const raw = connectPlain(port, "127.0.0.1");
    const ends = await dial(port, "amps-ny.example.com", { socket: raw });
    expect(await firstLine(ends)).toBe("ny");
    const [server] = backends.ny?.open ?? [];
    const end = new Promise((resolve) => server?.once("error", resolve));
    raw.resetAndDestroy();
    expect(await end).toMatchObject({ code: "ECONNRESET" });
    await see(({ connections }) => connections.length === 1);
    stays.end("x");
    const [chunk] = (await once(stays, "data")) as [Buffer];
    expect(chunk.toString()).toMatch(/^1 /);
  });
});

test("a ClientHello in single bytes, over several records, goes on as it came", async () => {
  const { port } = await set(["ny", "ldn"]);
  const hello = await makeClientHello({ servername: "amps-ny.example.com" });
  const body = hello.subarray(5);
  const cuts = [0, 1, 4, 60, 150, body.length];
  const records = cuts.slice(1).map((end, at) => handshakeRecord(body.subarray(cuts[at], end)));
  const client = await connectTcp(port);
  client.socket.setNoDelay(true);
  for (const byte of Buffer.concat(records)) {
    client.socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  // The ServerHello: OpenSSL has put the handshake together.
  expect([...(await client.received(6)).subarray(0, 6)]).toEqual([
    22,
    3,
    3,
    expect.any(Number),
    expect.any(Number),
    2,
  ]);
});

describe("whom nobody waits for", () => {
  test("is told so by a TLS alert, counted and named in the activity, bounded and escaped", async () => {
    const { port, refusals, route, backends } = await set(["ny", "ldn"]);
    const seen = backends.ny?.sawRaw();
    const refused = async (name: string | undefined, more?: ConnectionOptions) => {
      expect(await told(port, name, more)).toBe("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
      // Those in quick succession are one entry, which tells the latest.
      const last = (await refusals()).at(-1);
      return `${last?.count ?? 1} ${last?.code} ${last?.route}: ${last?.message}`;
    };
    expect(await refused("amps-par.example.com", { maxVersion: "TLSv1.3" })).toBe(
      `1 UNKNOWN_SERVER_NAME ny: A TLS client asked 127.0.0.1:${port} for "amps-par.example.com". Add the name to the serverNames of a route there; one route may have none, and takes what no name matches.`,
    );
    expect(await refused("a.b.ny.example.com", { maxVersion: "TLSv1.2" })).toMatch(/^2 .*"a\.b\.ny\./);
    expect(await refused("ny.example.com")).toMatch(/^3 .*"ny\.example\.com"/);
    expect(await refused(undefined)).toMatch(/^4 .*: A TLS client that names no server came to 127/);
    expect(await refused(`x\u001b[31m"${"y".repeat(200)}`)).toMatch(
      /^5 .* for "x\\x1b\[31m\\x22y{50,}…"\. Add/,
    );
    expect((await route("ny")).connections).toEqual({ open: 0, total: 0, refused: 5 });
    expect(backends.ny?.sawRaw()).toBe(seen);
  });

  test("without TLS, or with a ClientHello that ends too soon, is reset, in words", async () => {
    const { port, refusals, engine } = await set(["ny", "ldn"]);
    const http = await connectTcp(port);
    http.socket.write("GET / HTTP/1.1\r\n\r\n");
    expect(await http.ended).toBe("ECONNRESET");
    expect((await refusals())[0]).toMatchObject({
      code: "NOT_TLS",
      message: expect.stringMatching(/^What arrived is HTTP\. This port takes clients that speak TLS/),
    });
    const amps = await connectTcp(port);
    amps.socket.write(Buffer.from('\u0000\u0000\u0000\u0020{"c":"logon"}'));
    expect(await amps.ended).toBe("ECONNRESET");
    expect((await refusals())[0]?.message).toMatch(/^What arrived is AMPS without TLS\./);
    const left = await connectTcp(port);
    left.socket.end(Buffer.from([22, 3, 1]));
    expect(await left.ended).toBe("end");
    const waits = await connectTcp(port);
    waits.socket.write(Buffer.from([22, 3, 1]));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await engine.close(0);
    expect(await waits.ended).toBe("ECONNRESET");
  });

  test("goes to the route that has no names, where there is one", async () => {
    const { port, refusals } = await set(["ny", "rest"]);
    expect(await reach(port, "amps-rest.example.com")).toBe("rest");
    expect(await reach(port, undefined)).toBe("rest");
    expect(await reach(port, "amps-ny.example.com")).toBe("ny");
    expect(await refusals()).toEqual([]);
  });
});

test("stopping, editing and adding a route shuts its own name only; the others' connections and the listener stay", async () => {
  const { port, change, refusals, route, activity } = await set(["ny", "ldn", "rest"]);
  const [ny, ldn] = [await dial(port, "amps-ny.example.com"), await dial(port, "amps-ldn.example.com")];
  expect([await firstLine(ny), await firstLine(ldn)]).toEqual(["ny", "ldn"]);
  const cut = new Promise((resolve) => ny.once("close", resolve));
  await change({ ny: { enabled: false } });
  await cut;
  // Not even the route without names has it meanwhile: its clients would find themselves at another instance.
  expect(await told(port, "amps-ny.example.com")).toBe("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
  expect((await refusals())[0]).toMatchObject({
    route: "ny",
    message: `A TLS client asked 127.0.0.1:${port} for "amps-ny.example.com", which is stopped. Start route ny to let its clients in.`,
  });
  expect(await reach(port, "amps-rest.example.com")).toBe("rest");
  await change({ ny: { serverNames: ["*.example.com"] }, ldn: { note: "edited" } });
  // An exact name comes before a wildcard.
  expect(await reach(port, "amps-ldn.example.com")).toBe("ldn");
  expect(await reach(port, "amps-ny.example.com")).toBe("ny");
  expect((await route("ldn")).connections).toMatchObject({ total: 2, refused: 0 });
  ldn.end("still here");
  const [answer] = (await once(ldn, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^10 /);
  const listening = (await activity()).filter(({ event }) => event === "route-listening");
  expect(listening.map(({ message }) => message)).toEqual([
    `ny is listening on 127.0.0.1:${port} for amps-ny.example.com, *.ny.example.com.`,
    `ldn is listening on 127.0.0.1:${port} for amps-ldn.example.com.`,
    `rest is listening on 127.0.0.1:${port}.`,
    `ny is listening on 127.0.0.1:${port} for *.example.com.`,
  ]);
});

test("a client whose ClientHello is under way when the listener is opened anew is let in", async () => {
  const { port, engine } = await set(["ny"]);
  const hello = await makeClientHello({ servername: "amps-ny.example.com" });
  const client = await connectTcp(port);
  client.socket.write(hello.subarray(0, 100));
  // Accepted by now: one that came behind it has been answered.
  expect(await reach(port, "amps-ny.example.com")).toBe("ny");
  expect(await engine.restartRoute("ny", 0)).toMatchObject({ ok: true });
  client.socket.write(hello.subarray(100));
  expect([...(await client.received(1)).subarray(0, 1)]).toEqual([22]);
});

test("a restart of one route ends its own connections", async () => {
  const { port, engine } = await set(["ny", "ldn"]);
  const [ny, ldn] = [await dial(port, "amps-ny.example.com"), await dial(port, "amps-ldn.example.com")];
  await Promise.all([firstLine(ny), firstLine(ldn)]);
  const cut = new Promise((resolve) => ny.once("close", resolve));
  expect(await engine.restartRoute("ny", 0)).toMatchObject({ ok: true });
  await cut;
  ldn.end("x");
  const [answer] = (await once(ldn, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^1 /);
  expect(await reach(port, "amps-ny.example.com")).toBe("ny");
});
