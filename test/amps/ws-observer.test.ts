import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { deflateRawSync, constants } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { LogonFacts } from "../../app/amps/header.ts";
import { afterBackendHead, messageTypeOfPath, observeWebSocketLogon } from "../../app/amps/ws-observer.ts";
import { watchRole } from "../../app/amps/role-watch.ts";
import { heldBytes } from "../support/held-bytes.ts";
import { clientBytes, webSocketFrame, webSocketSessions } from "./vectors.ts";

/** What an observer sees in these chunks, and after how many of them it had seen enough. */
function observe(
  chunks: readonly Buffer[],
  isDeflate = false,
): { readonly facts: readonly LogonFacts[]; readonly enoughAfter: number } {
  const facts: LogonFacts[] = [];
  const observer = observeWebSocketLogon({ messageType: "json", isDeflate: () => isDeflate }, (one) =>
    facts.push(one),
  );
  let enoughAfter = 0;
  for (const chunk of chunks) {
    enoughAfter++;
    if (!observer.fromClient(chunk)) {
      expect(observer.fromBackend(chunk)).toBe(false);
      return { facts, enoughAfter };
    }
  }
  return { facts, enoughAfter: Infinity };
}

function bytewise(bytes: Buffer): readonly Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from([byte]));
}

const tag = webSocketFrame(1, Buffer.from("text"));
const count = webSocketFrame(2, Buffer.from([1, 0, 0, 0]));
const header = Buffer.from(
  '{"c":"logon","client_name":"view-7","user_id":"svc","pw":"s3cret","version":"5.3.4.0:javascript"}',
);
const seen: LogonFacts = {
  ampsClient: "view-7",
  user: "svc",
  clientVersion: "5.3.4.0:javascript",
  messageType: "json",
};

describe("the logon of every captured session is seen, cut at every byte:", () => {
  test.each(webSocketSessions.map((session) => session.title))("%s", (title) => {
    const bytes = clientBytes(title);
    const logon = webSocketSessions
      .find((one) => one.title === title)
      ?.steps.find((step) => step.payload?.includes('"c":"logon"'))?.payload;
    const stated = JSON.parse(logon ?? "") as Record<string, string>;
    for (let at = 0; at <= bytes.length; at++) {
      const { facts } = observe([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(facts).toHaveLength(1);
      expect(facts[0]).toMatchObject({ ampsClient: stated["client_name"], user: stated["user_id"] || null });
      if (stated["pw"] !== undefined && stated["pw"].length > 3)
        expect(JSON.stringify(facts)).not.toContain(stated["pw"]);
    }
    expect(observe(bytewise(bytes)).facts).toHaveLength(1);
  });
});

describe("the logon is seen", () => {
  test("in fragments with control frames between them", () => {
    const bytes = Buffer.concat([
      tag,
      webSocketFrame(9, Buffer.from("ping")),
      count,
      webSocketFrame(1, header.subarray(0, 10), { fin: false }),
      webSocketFrame(9, Buffer.alloc(0)),
      webSocketFrame(0, header.subarray(10, 40), { fin: false }),
      webSocketFrame(10, Buffer.from("pong")),
      webSocketFrame(0, header.subarray(40)),
    ]);
    for (const chunks of [[bytes], bytewise(bytes)]) expect(observe(chunks).facts).toEqual([seen]);
  });

  test("with its length in two bytes and in eight", () => {
    for (const padding of [200, 65_300]) {
      const long = Buffer.from(JSON.stringify({ c: "logon", client_name: "view-7", o: " ".repeat(padding) }));
      expect(observe([tag, count, webSocketFrame(1, long)]).facts[0]?.ampsClient).toBe("view-7");
    }
  });

  test("in front of 64 KB that follow in the same chunk", () => {
    const bytes = Buffer.concat([tag, count, webSocketFrame(1, header), Buffer.alloc(65_536, 0xff)]);
    expect(observe([bytes])).toEqual({ facts: [seen], enoughAfter: 1 });
  });

  test("compressed, and referring back to what was sent before it", () => {
    const compress = (data: Buffer, dictionary?: Buffer) =>
      deflateRawSync(data, {
        finishFlush: constants.Z_SYNC_FLUSH,
        ...(dictionary && { dictionary }),
      }).subarray(0, -4);
    const again = compress(header, header);
    // So short that it can only point back at the first message.
    expect(again.length).toBeLessThan(header.length / 4);
    const bytes = Buffer.concat([
      webSocketFrame(1, compress(header), { compressed: true }),
      count,
      webSocketFrame(1, again, { compressed: true }),
    ]);
    for (const chunks of [[bytes], bytewise(bytes)]) expect(observe(chunks, true).facts).toEqual([seen]);
  });
});

describe("at anything else it has seen enough, and says nothing:", () => {
  const huge = Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  test.each<readonly [string, Buffer]>([
    ["a frame without a mask", webSocketFrame(1, Buffer.from("text"), { masked: false })],
    ["reserved bits", Buffer.from([0xa1, 0x80, 0, 0, 0, 0])],
    ["compression that was not agreed on", webSocketFrame(1, Buffer.from("text"), { compressed: true })],
    ["a length of 2^63", huge],
    ["a frame of 100 KB", Buffer.concat([Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x86, 0xa0])])],
    ["another command first", Buffer.concat([tag, count, webSocketFrame(1, Buffer.from('{"c":"publish"}'))])],
    ["a header that is no JSON", Buffer.concat([tag, count, webSocketFrame(1, Buffer.from("logon"))])],
  ])("%s", (_what, bytes) => {
    const { facts, enoughAfter } = observe([bytes]);
    expect(facts).toEqual([]);
    expect(enoughAfter).toBe(1);
  });

  test("a compressed message that cannot be inflated", () => {
    const bytes = webSocketFrame(1, Buffer.from([0xff, 0xff, 0xff]), { compressed: true });
    expect(observe([bytes], true)).toEqual({ facts: [], enoughAfter: 1 });
  });

  test("a compressed message that inflates without end", () => {
    const bomb = deflateRawSync(Buffer.alloc(50_000_000), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(
      0,
      -4,
    );
    expect(observe([webSocketFrame(1, bomb, { compressed: true })], true)).toEqual({
      facts: [],
      enoughAfter: 1,
    });
  });

  test("a message of fragments without end", () => {
    const piece = webSocketFrame(0, Buffer.alloc(1_000), { fin: false });
    const chunks = [
      webSocketFrame(1, Buffer.alloc(1_000), { fin: false }),
      ...Array.from({ length: 500 }, () => piece),
    ];
    expect(observe(chunks).enoughAfter).toBeLessThan(70);
  });
});

/** A server that shows an observer exactly the bytes that a real client sends behind its handshake. */
async function watchedServer(
  perMessageDeflate: boolean,
  observed: (facts: LogonFacts) => void,
): Promise<number> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate });
  const server: Server = createServer();
  server.on("upgrade", (request, socket, head: Buffer) => {
    let deflate = false;
    sockets.on("headers", (lines) => {
      deflate = lines.some((line) => line.includes("permessage-deflate"));
    });
    const observer = observeWebSocketLogon(
      { messageType: messageTypeOfPath(request.url ?? ""), isDeflate: () => deflate },
      observed,
    );
    observer.fromClient(head);
    socket.on("data", (chunk: Buffer) => void observer.fromClient(chunk));
    sockets.handleUpgrade(request, socket, head, () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const client of sockets.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

describe("a real client's logon is seen", () => {
  test.each([
    ["plain", false, {}],
    ["compressed with context takeover", true, { threshold: 0 }],
    ["compressed without context takeover", true, { threshold: 0, clientNoContextTakeover: true }],
  ] as const)("%s", async (_how, offered, options) => {
    const facts: LogonFacts[] = [];
    const port = await watchedServer(offered, (one) => facts.push(one));
    const client = new WebSocket(`ws://127.0.0.1:${port}/prod-1/amps/json`, {
      perMessageDeflate: offered ? options : false,
    });
    await new Promise((resolve, reject) => {
      client.once("open", resolve);
      client.once("error", reject);
    });
    expect(client.extensions.includes("permessage-deflate")).toBe(offered);
    // In the place of the tag, so that the logon behind it can point back at it.
    client.send(header.toString());
    client.send(Buffer.from([1, 0, 0, 0]));
    client.ping("between");
    client.send(header.toString());
    client.send(`{"c":"publish","t":"${"view-7".repeat(50)}"}`);
    await expect.poll(() => facts).toEqual([seen]);
    client.terminate();
  });
});

test.each([
  ["one frame", 1],
  ["fragments of 32 KB", 256],
])("of a message of 8 MB in %s no more is held than of a logon", (_how, frames) => {
  let lost = 0;
  const role = watchRole({ enforce: true, onRole: () => undefined, onLost: () => lost++ });
  const observer = observeWebSocketLogon(
    { messageType: "json", isDeflate: () => false },
    () => undefined,
    role,
  );
  for (const bytes of [tag, count, webSocketFrame(1, header)]) expect(observer.fromClient(bytes)).toBe(true);
  const part = Buffer.alloc((8 * 1024 * 1024) / frames, 0x20);
  const sights = new Set<unknown>();
  const held = heldBytes(() => {
    for (let at = 0; at < frames; at++) {
      const bytes = webSocketFrame(at === 0 ? 2 : 0, part, { fin: false });
      for (let from = 0; from < bytes.length; from += 65_536)
        sights.add(observer.fromClient(Buffer.from(bytes.subarray(from, from + 65_536))));
    }
  });
  expect(held).toBeLessThan(1024 * 1024);
  // It cannot follow what it does not hold: where the role is enforced, that ends the connection.
  expect([...sights]).toContain("refuse");
  expect(lost).toBe(1);
});

test("what comes before the backend's empty line is handed on once, however it is cut", () => {
  const head = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: permessage-deflate";
  const bytes = Buffer.from(`${head}\r\n\r\nframes`);
  for (let at = 0; at <= bytes.length; at++) {
    const heads: string[] = [];
    const inner = observeWebSocketLogon({ messageType: null, isDeflate: () => false }, () => undefined);
    const observer = afterBackendHead(inner, (one) => heads.push(one));
    expect(observer.fromBackend(bytes.subarray(0, at))).toBe(true);
    expect(observer.fromBackend(bytes.subarray(at))).toBe(true);
    expect(observer.fromBackend(Buffer.from("\r\n\r\n"))).toBe(true);
    expect(heads).toEqual([head]);
  }
});

test("a backend that never ends its head is not watched beyond 64 KB", () => {
  const inner = observeWebSocketLogon({ messageType: null, isDeflate: () => false }, () => undefined);
  const observer = afterBackendHead(inner, () => undefined);
  const goesOn = Array.from({ length: 70 }, () => observer.fromBackend(Buffer.alloc(1_024, 0x41)));
  expect(goesOn[0]).toBe(true);
  expect(goesOn.at(-1)).toBe(false);
});

test.each([
  ["/amps/json", "json"],
  ["/prod-1/any/AMPS/nvfix", "nvfix"],
  ["/prod-1/amps/json?x=/amps/fix", "json"],
  ["/amps/composite-json_2.x", "composite-json_2.x"],
  ["/amps/", null],
  ["/amps", null],
  ["/amps/json/", null],
  ["/xamps/json", null],
])("the path %s names the message type %s", (path, expected) => {
  expect(messageTypeOfPath(path)).toBe(expected);
});
