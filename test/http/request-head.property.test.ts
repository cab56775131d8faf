/** Heads that Shunt reads itself are read as Node's strict parser reads them, or refused; however they are cut. */
import { createServer, type IncomingMessage } from "node:http";
import { duplexPair, PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readPlainHead } from "../../app/http/plain-head.ts";
import { headerValue, parseRequestHead, readHead } from "../../app/http/request-head.ts";

interface Read {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly isUpgrade?: boolean;
}

const byName = (rawHeaders: readonly string[]): Read["headers"] =>
  rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? ""]] : []));

/** What Node makes of a head; null where it refuses it. */
function readByNode(head: string): Promise<Read | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.maxHeadersCount = 0;
    const [client, far] = duplexPair();
    const done = (read: Read | null): void => {
      resolve(read);
      client.destroy();
      far.destroy();
    };
    const reading = (isUpgrade: boolean) => (request: IncomingMessage) => {
      const { method = "", url = "", rawHeaders } = request;
      done({ method, target: url, headers: byName(rawHeaders), isUpgrade });
    };
    server.on("request", reading(false));
    server.on("upgrade", reading(true));
    server.on("connect", reading(true));
    server.on("clientError", () => done(null));
    for (const side of [client, far]) side.on("error", () => undefined);
    client.on("end", () => done(null));
    client.resume();
    server.emit("connection", far);
    client.end(Buffer.from(head, "latin1"));
  });
}

const odd = fc.constantFrom(
  ..."\t \u0000\u0001\u000b\r\n\u007f\u0080\u00a0\u00e9\u00ff:;,\"'()<>@[]{}/\\?=#%&+*~|!$^`_.-",
  "\r\n",
  "\r\n ",
  "\n",
  "\r",
  "HTTP/1.1",
  "%2e",
  "..",
  "chunked",
);
const letter = fc.constantFrom(..."abcXYZ019");
const text = fc
  .array(fc.oneof({ weight: 6, arbitrary: letter }, { weight: 1, arbitrary: odd }), { maxLength: 12 })
  .map((parts) => parts.join(""));
const known = fc.constantFrom(
  "Host: h:1",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Connection: keep-alive",
  "Accept: */*",
  "Content-Length: 0",
  "Transfer-Encoding: chunked",
  "Origin: http://127.0.0.1",
  "X:",
  "X: \t y \t",
  "X: \u00a0y\u00a0",
);
const line = fc.oneof(
  { weight: 4, arbitrary: known },
  { weight: 2, arbitrary: fc.tuple(text, text).map(([name, value]) => `${name}: ${value}`) },
  { weight: 1, arbitrary: text },
);
const requestLine = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("GET /amps/json HTTP/1.1", "POST / HTTP/1.1", "GET /x?y=/../z HTTP/1.1"),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom("GET", "PUT", "G\u00cbT", "get"),
        text,
        fc.constantFrom("HTTP/1.1", "HTTP/1.0", "HTTP/2.0"),
      )
      .map(([method, target, version]) => `${method} /${target} ${version}`),
  },
);
/** Mostly with its one Host, so that what is refused is not always that. */
const head = fc
  .tuple(requestLine, fc.boolean(), fc.array(line, { maxLength: 5 }))
  .map(
    ([first, named, lines]) =>
      `${[first, ...(named ? ["Host: h", "Upgrade: tcp"] : []), ...lines].join("\r\n")}\r\n\r\n`,
  );

test("what is accepted, Node's strict parser reads in the same way", async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(head, async (whole) => {
      // A second empty line ends the head for both: what is behind it is not of the head.
      const one = whole.slice(0, whole.indexOf("\r\n\r\n") + 4);
      const parsed = parseRequestHead(one);
      // Ports whose bytes go on as they came want an upgrade, and refuse other heads whatever they say.
      if (typeof parsed === "string" || headerValue(parsed, "upgrade") === undefined) return;
      accepted++;
      expect(await readByNode(one)).toMatchObject(parsed);
    }),
    { numRuns: 3_000 },
  );
  // Not by refusing all of them.
  expect(accepted).toBeGreaterThan(300);
});

test("what is taken at a glance, Node's strict parser reads in the same way, upgrade or not", async () => {
  const taken = { upgrades: 0, others: 0 };
  await fc.assert(
    fc.asyncProperty(head, fc.constantFrom("", "behind it\r\n\r\n"), async (whole, behind) => {
      const plain = readPlainHead(Buffer.from(whole + behind, "latin1"));
      if (!plain) return;
      const { request, end, isUpgrade } = plain;
      taken[isUpgrade ? "upgrades" : "others"]++;
      const { method = "", url: target = "", rawHeaders } = request;
      const one = whole.slice(0, end);
      expect(await readByNode(one)).toEqual({ method, target, headers: byName(rawHeaders), isUpgrade });
    }),
    { numRuns: 5_000 },
  );
  for (const count of Object.values(taken)) expect(count).toBeGreaterThan(10);
});

test("a head ends where it ends, however it arrives, and what is behind it is kept", async () => {
  // What does not begin with a method is told at once, before its end.
  const begun = head.filter((one) => /^(GET|PUT|POST) /.test(one));
  await fc.assert(
    fc.asyncProperty(
      begun,
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 9 })),
      async (one, rest, cuts) => {
        const bytes = Buffer.concat([Buffer.from(one, "latin1"), rest]);
        const socket = new PassThrough();
        const reading = readHead(socket);
        let at = 0;
        for (const size of [...cuts, bytes.length]) {
          if (at < bytes.length) socket.write(bytes.subarray(at, at + size));
          at += size;
          if (at % 2) await Promise.resolve();
        }
        const read = await reading;
        socket.destroy();
        expect(read).toMatchObject({ end: bytes.indexOf("\r\n\r\n") + 4 });
        if (typeof read === "string") return;
        // All that has been read is a beginning of what was sent, with the whole head in it.
        expect(bytes.subarray(0, read.bytes.length).equals(read.bytes)).toBe(true);
        expect(read.bytes.length).toBeGreaterThanOrEqual(read.end);
        const left = (socket.read() as Buffer | null) ?? Buffer.alloc(0);
        expect(Buffer.concat([read.bytes, left]).length).toBeLessThanOrEqual(bytes.length);
      },
    ),
    { numRuns: 500 },
  );
});
