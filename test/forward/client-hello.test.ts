/** Real ClientHellos, however they arrive, and whatever else does. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { lookAtHello, longestHelloBytes } from "../../app/forward/client-hello.ts";
import { handshakeRecord, makeClientHello } from "../support/client-hello.ts";

const protocols = Array.from({ length: 400 }, (_, at) => `protocol-${at}`);
const named = await makeClientHello({ servername: "Amps-NY.example.com" });
const nameless = await makeClientHello({});
const old = await makeClientHello({ servername: "amps-ny.example.com", maxVersion: "TLSv1.2" });
const large = await makeClientHello({ servername: "amps-ny.example.com", ALPNProtocols: protocols });

test("what clients send tells the name, in lower case, or that there is none", () => {
  expect(lookAtHello(named)).toEqual({ serverName: "amps-ny.example.com" });
  expect(lookAtHello(old)).toEqual({ serverName: "amps-ny.example.com" });
  expect(lookAtHello(nameless)).toEqual({ serverName: null });
  expect(large.length).toBeGreaterThan(4_000);
  expect(lookAtHello(large)).toEqual({ serverName: "amps-ny.example.com" });
});

test("without extensions, as before TLS 1.2, there is no name", () => {
  const body = Buffer.concat([Buffer.from([3, 1]), Buffer.alloc(32), Buffer.from([0, 0, 2, 0, 10, 1, 0])]);
  expect(lookAtHello(handshakeRecord(handshake(body)))).toEqual({ serverName: null });
});

test("of every beginning nothing is said before the whole is there, and what comes behind changes nothing", () => {
  for (const bytes of [named, nameless, old, large]) {
    for (let end = 0; end < bytes.length; end++)
      expect(lookAtHello(bytes.subarray(0, end)), `${end} bytes`).toBe("unfinished");
    const behind = Buffer.concat([bytes, Buffer.from([20, 3, 3, 0, 1, 1]), Buffer.alloc(70_000, 7)]);
    expect(lookAtHello(behind)).toEqual(lookAtHello(bytes));
  }
});

function handshake(body: Buffer): Buffer {
  const head = Buffer.from([1, 0, 0, 0]);
  head.writeUIntBE(body.length, 1, 3);
  return Buffer.concat([head, body]);
}

test("a handshake that is split over records anywhere is the same", () => {
  const whole = large.subarray(5);
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 40 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const records = at.slice(1).map((end, index) => handshakeRecord(whole.subarray(at[index], end)));
      expect(lookAtHello(Buffer.concat(records))).toEqual({ serverName: "amps-ny.example.com" });
    }),
  );
});

test("whatever arrives, it is judged and does not throw", () => {
  const bytes = fc.uint8Array({ maxLength: 600 }).map((values) => Buffer.from(values));
  fc.assert(
    fc.property(bytes, (garbage) => {
      lookAtHello(garbage);
      lookAtHello(handshakeRecord(handshake(garbage)));
      lookAtHello(handshakeRecord(garbage.length === 0 ? Buffer.from([1]) : garbage));
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.nat(named.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(named);
      changed[at] = value;
      lookAtHello(changed);
    }),
    { numRuns: 2_000 },
  );
});

/** A ClientHello of its own with these extensions. */
function withExtensions(...extensions: readonly (readonly [type: number, content: Buffer])[]): Buffer {
  const parts = extensions.map(([type, content]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(type, 0);
    head.writeUInt16BE(content.length, 2);
    return Buffer.concat([head, content]);
  });
  const all = Buffer.concat(parts);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(all.length);
  const fixed = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32), Buffer.from([0, 0, 2, 0, 10, 1, 0])]);
  return handshakeRecord(handshake(Buffer.concat([fixed, length, all])));
}

function nameList(...names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    Buffer.concat([Buffer.from([0, name.length >> 8, name.length & 255]), Buffer.from(name, "latin1")]),
  );
  const all = Buffer.concat(entries);
  return Buffer.concat([Buffer.from([all.length >> 8, all.length & 255]), all]);
}

test("what could be read in two ways is not read", () => {
  expect(lookAtHello(withExtensions([0, nameList("a.example")]))).toEqual({ serverName: "a.example" });
  expect(lookAtHello(withExtensions([16, Buffer.from("x")], [0, nameList("a.example")]))).toEqual({
    serverName: "a.example",
  });
  for (const extensions of [
    [[0, nameList("a.example")] as const, [0, nameList("b.example")] as const],
    [[0, nameList("a.example", "b.example")] as const],
    [[0, nameList("")] as const],
    [[0, nameList()] as const],
    [[0, Buffer.alloc(0)] as const],
    [[0, Buffer.concat([nameList("a.example"), Buffer.from([0])])] as const],
    [[0, nameList("a.example").fill(1, 2, 3)] as const],
    [[0, nameList("a.example").fill(60, 1, 2)] as const],
  ])
    expect(lookAtHello(withExtensions(...extensions))).toBe("malformed");
});

test("other protocols are known by their first bytes", () => {
  for (const bytes of ["GET / HTTP/1.1\r\n", "\u0000\u0000\u0000\u0005{}", "SSH-2.0-x\r\n"])
    expect(lookAtHello(Buffer.from(bytes))).toBe("not-tls");
  expect(lookAtHello(Buffer.from([22, 2]))).toBe("not-tls");
  expect(lookAtHello(Buffer.from([22, 3, 1, 0, 0]))).toBe("not-tls");
  expect(lookAtHello(handshakeRecord(Buffer.from([2])))).toBe("not-tls");
});

test("no more is held than a bound, in few records or many", () => {
  expect(lookAtHello(handshakeRecord(Buffer.from([1, 0, 0x40, 1])))).toBe("too-large");
  const slow = Array.from({ length: 6_000 }, (_, at) =>
    handshakeRecord(Buffer.from([[1, 0, 0x3f, 0xff][at] ?? 0])),
  );
  const sizes = slow.map((_, at) => (at + 1) * 6);
  const bytes = Buffer.concat(slow);
  const first = sizes.find((end) => lookAtHello(bytes.subarray(0, end)) !== "unfinished") ?? 0;
  expect(lookAtHello(bytes.subarray(0, first))).toBe("too-large");
  expect(first).toBeLessThan(longestHelloBytes + 400);
});
