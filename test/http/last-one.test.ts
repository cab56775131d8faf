/** What is remembered of a connection is what would be read again. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAnswerHead } from "../../app/http/answer-head.ts";
import { rememberHead, rememberLast } from "../../app/http/last-one.ts";
import { readPlainHead } from "../../app/http/plain-head.ts";

const heads = [
  "GET /p/x HTTP/1.1\r\nHost: h:1\r\n\r\n",
  "GET /p/x HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.0 404 Not Found\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
];
/** Heads whole, cut off, with one byte changed, and with something behind them. */
const heard = fc
  .record({
    head: fc.constantFrom(...heads),
    end: fc.oneof({ weight: 3, arbitrary: fc.constant(200) }, { weight: 1, arbitrary: fc.nat(60) }),
    at: fc.oneof({ weight: 2, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(60) }),
    byte: fc.constantFrom(..." \r\n:/Xx0\u0000\u00ff"),
    behind: fc.constantFrom("", "abc", "\r\n\r\n", ...heads),
  })
  .map(({ head, end, at, byte, behind }) => {
    const changed = at < 0 ? head : `${head.slice(0, at)}${byte}${head.slice(at + 1)}`;
    return Buffer.from(changed.slice(0, end) + behind, "latin1");
  });

test.each([
  ["a request's", readPlainHead],
  ["an answer's", parseAnswerHead],
])("whatever came before, %s head is read as if it came first", (_whose, parse) => {
  fc.assert(
    fc.property(fc.array(heard, { maxLength: 12 }), (all) => {
      const read = rememberHead<ReturnType<typeof parse>>(parse);
      for (const bytes of all) expect(read(bytes)).toEqual(parse(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test("the same head is read once, whatever is behind it, and any other anew", () => {
  let parsed = 0;
  const read = rememberHead((bytes: Buffer) => {
    parsed++;
    return parseAnswerHead(bytes);
  });
  const [head = ""] = heads.slice(2);
  const first = Buffer.from(`${head}abc`);
  const kept = read(first);
  expect(read(Buffer.from(`${head}def`))).toBe(kept);
  expect(parsed).toBe(1);
  // Bytes that are used again by whoever read them change nothing.
  first.fill(0);
  expect(read(Buffer.from(head))).toBe(kept);
  expect(read(Buffer.from(head.slice(0, -1)))).toBe("more");
  expect(read(Buffer.from(head.replace("3", "4")))).toMatchObject({
    headers: { "content-length": "4" },
  });
  expect(parsed).toBe(3);
});

test("a function that remembers makes anew what is asked of anything else", () => {
  let made = 0;
  const ask = rememberLast(({ head, keeps }: { head: object; keeps: boolean }) => ({
    head,
    keeps,
    made: ++made,
  }));
  const [one, alike] = [{ a: 1 }, { a: 1 }];
  for (const [head, keeps, expected] of [
    [one, true, 1],
    [one, true, 1],
    [one, false, 2],
    [alike, false, 3],
    [one, false, 4],
  ] as const)
    expect(ask({ head, keeps })).toEqual({ head, keeps, made: expected });
});
