import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  headerValue,
  isWebSocketUpgrade,
  longestHeadBytes,
  parseRequestHead,
  readHead,
} from "../../app/http/request-head.ts";

function head(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

describe("a head is parsed", () => {
  test("into method, target and lines in order", () => {
    const parsed = parseRequestHead(
      head("GET /amps/json?x HTTP/1.1", "Host: h:1", "Upgrade:websocket", "X-A: \t b c \t", "x-a:"),
    );
    expect(parsed).toEqual({
      method: "GET",
      target: "/amps/json?x",
      headers: [
        ["host", "h:1"],
        ["upgrade", "websocket"],
        ["x-a", "b c"],
        ["x-a", ""],
      ],
    });
    expect(typeof parsed === "string" ? parsed : headerValue(parsed, "x-a")).toBe("b c");
  });

  test("within milliseconds, however many blanks a line has", () => {
    const line = `X: a${" ".repeat(15_000)}b`;
    const begun = performance.now();
    expect(parseRequestHead(head("GET / HTTP/1.1", "Host: h", line))).toMatchObject({ method: "GET" });
    expect(performance.now() - begun).toBeLessThan(30);
  });
});

describe("a head is refused for", () => {
  const host = "Host: h";
  test.each<readonly [string, string]>([
    ["another version", head("GET / HTTP/1.0", host)],
    ["version 2", head("GET / HTTP/2.0", host)],
    ["no version", head("GET /", host)],
    ["two blanks", head("GET  / HTTP/1.1", host)],
    ["a method in lower case", head("get / HTTP/1.1", host)],
    ["a blank in front", head(" GET / HTTP/1.1", host)],
    ["a full URL", head("GET http://h/ HTTP/1.1", host)],
    ["a star", head("OPTIONS * HTTP/1.1", host)],
    ["a dot segment", head("GET /a/../b HTTP/1.1", host)],
    ["no Host", head("GET / HTTP/1.1", "X: y")],
    ["two Hosts", head("GET / HTTP/1.1", host, "host: h")],
    ["a line without a colon", head("GET / HTTP/1.1", host, "X")],
    ["a blank before the colon", head("GET / HTTP/1.1", host, "X : y")],
    ["a line without a name", head("GET / HTTP/1.1", host, ": y")],
    ["a folded line", head("GET / HTTP/1.1", host, "X: y", " z")],
    ["a bare line feed", head("GET / HTTP/1.1", `${host}\nX: y`)],
    ["a bare carriage return", head("GET / HTTP/1.1", `${host}\rX: y`)],
    ["a NUL", head("GET / HTTP/1.1", host, "X: \u0000")],
    [
      "more than 100 lines",
      head("GET / HTTP/1.1", host, ...Array.from({ length: 100 }, (_, at) => `X-${at}: y`)),
    ],
    ["an upgrade with a length", head("GET / HTTP/1.1", host, "Upgrade: websocket", "Content-Length: 5")],
    ["an upgrade with chunks", head("GET / HTTP/1.1", host, "Upgrade: tcp", "Transfer-Encoding: chunked")],
  ])("%s", (_what, text) => {
    expect(typeof parseRequestHead(text)).toBe("string");
  });

  test("nothing else: 100 lines, and bytes above 127 in a value, pass", () => {
    const lines = Array.from({ length: 98 }, (_, at) => `X-${at}: y`);
    expect(parseRequestHead(head("GET / HTTP/1.1", host, "X: \u00e9", ...lines))).toMatchObject({
      target: "/",
    });
  });
});

describe("a head is read from a socket", () => {
  const whole = head("GET /amps/json HTTP/1.1", "Host: h", "Upgrade: tcp");

  test.each(Array.from({ length: whole.length + 1 }, (_, at) => at))(
    "in two pieces, cut at %i",
    async (at) => {
      const socket = new PassThrough();
      const reading = readHead(socket);
      socket.write(whole.slice(0, at));
      socket.write(`${whole.slice(at)}behind`);
      const read = await reading;
      if (typeof read === "string") throw new Error(read);
      expect(read.bytes.toString("latin1", 0, read.end)).toBe(whole);
      socket.resume();
      const rest: Buffer[] = [read.bytes.subarray(read.end)];
      socket.on("data", (chunk: Buffer) => rest.push(chunk));
      socket.end();
      await new Promise((resolve) => socket.on("end", resolve));
      expect(Buffer.concat(rest).toString()).toBe("behind");
    },
  );

  test("with what was read before", async () => {
    const socket = new PassThrough();
    const reading = readHead(socket, Buffer.from(whole.slice(0, 10)));
    socket.write(whole.slice(10));
    expect(await reading).toEqual({ bytes: Buffer.from(whole), end: whole.length });
  });

  test("and everything that is no HTTP is known by its first bytes", async () => {
    for (const first of [
      Buffer.from("\u0000\u0000\u0000\u0010{"),
      Buffer.from([0x16, 0x03, 0x01]),
      Buffer.from("get /"),
    ]) {
      const socket = new PassThrough();
      const reading = readHead(socket);
      socket.write(first);
      expect(await reading).toBe("not-http");
    }
  });

  test("up to 16 KB, and no further", async () => {
    const long = (bytes: number) => head("GET / HTTP/1.1", `X: ${"y".repeat(bytes)}`);
    const read = async (text: string) => {
      const socket = new PassThrough({ highWaterMark: 1 << 20 });
      const reading = readHead(socket);
      socket.write(text);
      return reading;
    };
    expect(await read(long(longestHeadBytes - 100))).toMatchObject({ end: expect.any(Number) as number });
    expect(await read(long(longestHeadBytes + 100))).toBe("too-large");
    expect(await read(`GET / HTTP/1.1\r\nX: ${"y".repeat(longestHeadBytes)}`)).toBe("too-large");
  });

  test("until its client goes", async () => {
    const socket = new PassThrough();
    const reading = readHead(socket);
    socket.write("GET / HT");
    socket.end();
    expect(await reading).toBe("closed");
    const gone = new PassThrough();
    const other = readHead(gone);
    gone.destroy();
    expect(await other).toBe("closed");
  });

  describe("for ten seconds", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    test("and no longer, however steadily it drips", async () => {
      const socket = new PassThrough();
      const reading = readHead(socket);
      const answers: unknown[] = [];
      void reading.then((answer) => answers.push(answer));
      for (let second = 0; second < 10; second++) {
        socket.write(second === 0 ? "GET / HTTP/1.1\r\n" : "X");
        await vi.advanceTimersByTimeAsync(999);
        expect(answers).toEqual([]);
      }
      await vi.advanceTimersByTimeAsync(20);
      expect(answers).toEqual(["timeout"]);
    });
  });
});

test.each([
  ["websocket", "key", true],
  ["WebSocket", "key", true],
  ["websocket", undefined, false],
  ["tcp", "key", false],
  [undefined, "key", false],
])("Upgrade: %s with key %s is a WebSocket's: %s", (upgrade, key, expected) => {
  expect(isWebSocketUpgrade(upgrade, key)).toBe(expected);
});
