import { describe, expect, test } from "vitest";
import type { LogonFacts } from "../../app/amps/header.ts";
import { observeTcpLogon } from "../../app/amps/tcp-observer.ts";
import { watchRole } from "../../app/amps/role-watch.ts";
import { heldBytes } from "../support/held-bytes.ts";
import { tcpFrame } from "./vectors.ts";

const logon = tcpFrame("logon");
const expected: LogonFacts = {
  ampsClient: "probe-1",
  user: "alice",
  clientVersion: "5.3.5.0:test",
  messageType: "json",
};

function frame(header: string, body = ""): Buffer {
  const content = Buffer.from(header + body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** What an observer sees in these chunks, and after how many of them it had seen enough. */
function observe(chunks: readonly Buffer[]): {
  readonly facts: readonly LogonFacts[];
  readonly enoughAfter: number;
} {
  const facts: LogonFacts[] = [];
  const observer = observeTcpLogon((one) => facts.push(one));
  let enoughAfter = 0;
  for (const chunk of chunks) {
    enoughAfter++;
    if (!observer.fromClient(chunk)) return { facts, enoughAfter };
    expect(observer.fromBackend(Buffer.from("anything"))).toBe(true);
  }
  return { facts, enoughAfter: Infinity };
}

test("the logon is seen wherever its bytes are cut in two", () => {
  for (let at = 0; at <= logon.length; at++) {
    const { facts, enoughAfter } = observe([logon.subarray(0, at), logon.subarray(at)]);
    expect(facts).toEqual([expected]);
    expect(enoughAfter).toBeLessThanOrEqual(2);
  }
});

test("the logon is seen byte by byte, and never before its header is whole", () => {
  const { facts, enoughAfter } = observe(Array.from(logon, (byte) => Buffer.from([byte])));
  expect(facts).toEqual([expected]);
  expect(enoughAfter).toBe(logon.length);
});

test("the logon is seen in front of whatever follows in the same chunk", () => {
  for (const behind of [tcpFrame("publish"), Buffer.alloc(60_000, 0x7b), Buffer.from('"{{{')]) {
    expect(observe([Buffer.concat([logon, behind])])).toEqual({ facts: [expected], enoughAfter: 1 });
  }
});

test("a second logon is not looked at", () => {
  const { facts } = observe([Buffer.concat([logon, frame('{"c":"logon","client_name":"other"}')])]);
  expect(facts).toEqual([expected]);
});

test("once it has seen enough it looks at nothing more, whatever it is shown", () => {
  const facts: LogonFacts[] = [];
  const observer = observeTcpLogon((one) => facts.push(one));
  expect(observer.fromClient(logon)).toBe(false);
  expect(observer.fromClient(logon)).toBe(false);
  expect(observer.fromBackend(logon)).toBe(false);
  expect(facts).toEqual([expected]);
});

test("braces and quotes inside a name do not end the header", () => {
  const name = 'a}"{\\';
  const { facts } = observe([frame(JSON.stringify({ c: "logon", client_name: name }))]);
  expect(facts[0]?.ampsClient).toBe(name);
});

describe("at anything that is no logon it has seen enough at once:", () => {
  test.each<readonly [string, Buffer]>([
    ["another command first", tcpFrame("publish")],
    ["a heartbeat first", tcpFrame("heartbeat")],
    ["a TLS hello", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])],
    ["a compressed stream", Buffer.from([0x78, 0x9c, 0x01, 0x02, 0x03, 0x04])],
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\n")],
    ["a frame that promises a gigabyte", Buffer.from([0x40, 0, 0, 0, 0x7b])],
    [
      "a frame longer than any logon",
      Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.from('{"c":"logon"')]),
    ],
    [
      "a header that ends behind its frame",
      Buffer.concat([Buffer.from([0, 0, 0, 5]), Buffer.from('{"c":"logon"}')]),
    ],
    ["a frame without a header", Buffer.concat([Buffer.from([0, 0, 0, 0]), Buffer.from("{")])],
    ["a header that is no JSON", frame("{c:logon}")],
  ])("%s", (_what, bytes) => {
    expect(observe([bytes])).toEqual({ facts: [], enoughAfter: 1 });
    expect(observe(Array.from(bytes, (byte) => Buffer.from([byte]))).facts).toEqual([]);
  });
});

test("whatever a client sends, it waits for no more than 16 KB", () => {
  const opening = Buffer.concat([Buffer.from([0, 0, 0x3f, 0xf0]), Buffer.from("{")]);
  const { facts, enoughAfter } = observe([
    opening,
    ...Array.from({ length: 40 }, () => Buffer.alloc(1_000, 0x20)),
  ]);
  expect(facts).toEqual([]);
  expect(enoughAfter).toBeLessThan(20);
});

test("nothing is held of a frame of 8 MB, and what comes behind it is seen", () => {
  const roles: string[] = [];
  const role = watchRole({ enforce: false, onRole: (one) => roles.push(one), onLost: () => undefined });
  const observer = observeTcpLogon(() => undefined, role);
  const header = Buffer.from('\0\x80\0\0{"c":"sow"}', "latin1");
  observer.fromClient(logon);
  const show = (bytes: Buffer): void => {
    expect(observer.fromClient(bytes)).toBe(true);
    expect(observer.fromBackend(bytes)).toBe(true);
  };
  // In memory of their own each, as a socket hands them on; the last is still to come.
  const held = heldBytes(() => {
    show(header);
    for (let chunk = 0; chunk < 127; chunk++) show(Buffer.alloc(65_536, 0x20));
  });
  show(Buffer.alloc(65_536 - (header.length - 4), 0x20));
  expect(held).toBeLessThan(1024 * 1024);
  expect(roles).toEqual(["subscribers"]);
  observer.fromBackend(frame('{"c":"p","lp":"20250101T000010.000000Z"}'));
  observer.fromClient(frame('{"c":"p"}'));
  expect(roles).toEqual(["subscribers", "queue-consumers", "publishers"]);
});

test("the password is in nothing that it hands on", () => {
  const { facts } = observe([logon]);
  expect(JSON.stringify(facts)).toContain("alice");
  expect(JSON.stringify(facts)).not.toContain("s3cret");
});
