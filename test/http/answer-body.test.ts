/** Where an answer's body ends: as Node's strict parser finds it, however the bytes are cut. */
import { request, type IncomingMessage } from "node:http";
import { duplexPair } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findBodyEnd } from "../../app/http/answer-body.ts";
import { framingOf, isSwitching, parseAnswerHead, type AnswerHead } from "../../app/http/answer-head.ts";

function headOf(...lines: readonly string[]): AnswerHead | string {
  return parseAnswerHead(Buffer.from([...lines, "", ""].join("\r\n"), "latin1"));
}

/** How many bytes of a chunked body are its own, `more` or `broken`; read in pieces of these sizes, over and over. */
function chunkedEnd(bytes: Buffer, sizes: readonly number[]): number | "more" | "broken" {
  const body = findBodyEnd("chunked");
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const piece = bytes.subarray(at, at + (sizes[turn % sizes.length] ?? bytes.length));
    const taken = body.take(piece);
    if (taken < 0) return "broken";
    at += taken;
    if (body.isOver) return at;
    expect(taken).toBe(piece.length);
  }
  return "more";
}

/** What Node's client makes of it: its data, or null where it is broken or has no end. */
function readByNode(body: Buffer): Promise<string | null> {
  return new Promise((resolve) => {
    const [near, far] = duplexPair();
    for (const side of [near, far]) side.on("error", () => undefined);
    const asked = request({ createConnection: () => near });
    const done = (read: string | null): void => {
      resolve(read);
      near.destroy();
      far.destroy();
    };
    asked.on("error", () => done(null));
    asked.on("response", (answer: IncomingMessage) => {
      let read = "";
      answer.on("data", (chunk: Buffer) => (read += chunk.toString("latin1")));
      answer.on("error", () => done(null));
      answer.on("close", () => done(answer.complete ? read : null));
    });
    asked.end();
    far.resume();
    far.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    far.end(body);
  });
}

const part = fc.oneof(
  { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 20 }).map((data) => chunk(data)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "3;a=b\r\nabc\r\n",
      "03\r\nabc\r\n",
      "3\r\nabcd\r\n",
      "zz\r\n",
      "\r\n",
      "3\nabc\r\n",
    ),
  },
);
const chunk = (data: string): string => {
  const length = Buffer.byteLength(data, "latin1");
  return `${length.toString(16)}\r\n${data}\r\n`;
};
const last = fc.constantFrom(
  "0\r\n\r\n",
  "000;x\r\n\r\n",
  "0\r\nX: y\r\n\r\n",
  "0\r\nX Y\r\n\r\n",
  "0\r\n",
  "",
);

test("the end of chunks is where Node's parser finds it, or they are broken for both, in any pieces", async () => {
  const seen = { whole: 0, other: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 6 }),
      last,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      async (parts, ending, sizes) => {
        const bytes = Buffer.from(parts.join("") + ending, "latin1");
        const end = chunkedEnd(bytes, sizes);
        expect(chunkedEnd(bytes, [bytes.length + 1])).toBe(end);
        const read = await readByNode(bytes);
        seen[typeof end === "number" ? "whole" : "other"]++;
        expect(read === null).toBe(typeof end === "string");
      },
    ),
    { numRuns: 400 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(30);
});

test("what comes behind the last chunk is not of the body", () => {
  const bytes = Buffer.from("3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  for (const sizes of [[1], [4], [100]]) expect(chunkedEnd(bytes, sizes)).toBe(13);
});

test("so many bytes, and no more; or all until the connection ends", () => {
  const five = findBodyEnd(5);
  expect([five.take(Buffer.from("abc")), five.isOver]).toEqual([3, false]);
  expect([five.take(Buffer.from("defg")), five.isOver]).toEqual([2, true]);
  expect(findBodyEnd(0).isOver).toBe(true);
  const open = findBodyEnd("close");
  expect([open.take(Buffer.from("abc")), open.isOver]).toEqual([3, false]);
});

describe("the head of an answer", () => {
  test.each<readonly [string, readonly string[], string, unknown]>([
    ["a length", ["HTTP/1.1 200 OK", "Content-Length: 12"], "GET", 12],
    ["a length that HEAD only names", ["HTTP/1.1 200 OK", "Content-Length: 12"], "HEAD", 0],
    ["chunks", ["HTTP/1.1 200 OK", "Transfer-Encoding: Chunked"], "GET", "chunked"],
    ["neither", ["HTTP/1.0 200 OK"], "GET", "close"],
    ["no reason", ["HTTP/1.1 204"], "GET", 0],
    ["not modified", ["HTTP/1.1 304 Not Modified", "Content-Length: 12"], "GET", 0],
  ])("says how its body ends: %s", (_name, lines, method, framing) => {
    const head = headOf(...lines);
    expect(typeof head === "string" ? head : framingOf(head, method)).toBe(framing);
  });

  test.each([
    [
      "a 101 that names a protocol",
      ["HTTP/1.1 101 X", "upgrade: tcp", "Connection: keep-alive, Upgrade"],
      true,
    ],
    ["a 101 that names none", ["HTTP/1.1 101 X", "Connection: Upgrade"], false],
    ["a 101 whose connection does not", ["HTTP/1.1 101 X", "Upgrade: tcp"], false],
    ["a 200", ["HTTP/1.1 200 X", "Upgrade: tcp", "Connection: Upgrade"], false],
  ])("switches or does not: %s", (_name, lines, switches) => {
    const head = headOf(...lines);
    expect(typeof head === "string" ? head : isSwitching(head)).toBe(switches);
  });

  test("is waited for while it may become one, and not longer", () => {
    for (const text of ["", "H", "HTTP/1.", "HTTP/1.1 200 OK\r\nX: y\r\n"])
      expect(parseAnswerHead(Buffer.from(text))).toBe("more");
    for (const text of [
      "x",
      "HTTP/2",
      "SSH-2.0",
      "HTTP/1.1 200 OK\n",
      `HTTP/1.1 200 OK\r\nX: ${"y".repeat(17_000)}`,
    ])
      expect(parseAnswerHead(Buffer.from(text))).toBe("no head");
  });
});
