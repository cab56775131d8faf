import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import vectors from "../vectors/amps-vectors.json" with { type: "json" };
import type { Authenticate } from "../../app/sandbox/session/authenticate.ts";
import { runSandbox } from "./running-sandbox.ts";

interface Step {
  readonly from: string;
  readonly http?: readonly string[];
  readonly opcode?: number;
  readonly payload?: string;
  readonly payload_hex?: string;
  readonly hex?: string;
}

/** The captured answers were made up for these users; the sandbox takes them from here. */
const authenticate: Authenticate = ({ user, password }) => {
  if (user === "u" && password === "x") return { status: "failure", reason: "auth failure" };
  if (user === "bob" && password === "x") return { status: "retry", user: "bob", password: "token2" };
  return { status: "success", reason: "authentication disabled" };
};

/** A WebSocket client without a library, so that captured frames go out byte for byte. */
class RawWebSocket {
  readonly texts: string[] = [];
  closeCode: number | null = null;
  status = "";
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("error", () => undefined);
    this.#socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#read();
      this.#wake();
    });
    this.#socket.on("close", () => this.#wake());
  }

  write(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  async until(what: () => boolean, description: string): Promise<void> {
    const endMs = Date.now() + 4_000;
    while (!what()) {
      if (Date.now() > endMs) throw new Error(`no ${description}; got ${JSON.stringify(this.texts)}`);
      await Promise.race([
        new Promise<void>((resolve) => (this.#wake = resolve)),
        new Promise((resolve) => setTimeout(resolve, 100)),
      ]);
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(): void {
    if (this.status === "") {
      const end = this.#bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.status = this.#bytes.toString("latin1", 0, end).split("\r\n", 1)[0] ?? "";
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    for (;;) {
      if (this.#bytes.length < 2) return;
      const opcode = this.#bytes[0]! & 0x0f;
      const short = this.#bytes[1]! & 0x7f;
      const start = short === 126 ? 4 : 2;
      if (short === 126 && this.#bytes.length < 4) return;
      const length = short === 126 ? this.#bytes.readUInt16BE(2) : short;
      if (this.#bytes.length < start + length) return;
      const payload = this.#bytes.subarray(start, start + length);
      if (opcode === 8) this.closeCode = payload.readUInt16BE(0);
      else this.texts.push(payload.toString("utf8"));
      this.#bytes = this.#bytes.subarray(start + length);
    }
  }
}

/** A captured frame as it was, or, where only its payload was kept, masked with zeros. */
function frameOf(step: Step): Buffer {
  if (step.hex !== undefined) return Buffer.from(step.hex, "hex");
  const payload =
    step.payload_hex === undefined ? Buffer.from(step.payload ?? "") : Buffer.from(step.payload_hex, "hex");
  const head = [0x80 | (step.opcode ?? 1)];
  if (payload.length < 126) head.push(0x80 | payload.length);
  else head.push(0x80 | 126, payload.length >> 8, payload.length & 0xff);
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

const ackOf = (text: string) => (text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {});

test.each(vectors.ws_sessions)("the captured session replays: $title", async ({ steps }) => {
  const { a } = await runSandbox({ instances: 1 }, { authenticate });
  const client = new RawWebSocket(a.ports.websocket);
  try {
    for (const step of steps as Step[]) {
      if (step.http !== undefined) {
        client.write(`${step.http.join("\r\n")}\r\n\r\n`);
        await client.until(() => client.status !== "", "handshake");
        expect(client.status).toBe("HTTP/1.1 101 Switching Protocols");
      } else if (step.from === "client") client.write(frameOf(step));
      else if (step.opcode === 8) await client.until(() => client.closeCode !== null, "close");
      else {
        // Every captured acknowledgement has its like here; other answers depend on what the captured server held.
        const wanted = ackOf(step.payload ?? "");
        if (wanted["c"] !== "ack" || (wanted["a"] === "completed" && wanted["cid"] === "auto4")) continue;
        const { a: kind, cid, status } = wanted;
        const same = (text: string) => {
          const ack = ackOf(text);
          return ack["c"] === "ack" && ack["a"] === kind && ack["cid"] === cid && ack["status"] === status;
        };
        await client.until(() => client.texts.some(same), `acknowledgement ${step.payload}`);
      }
    }
    expect(client.texts.filter((text) => ackOf(text)["reason"] === "unknown command")).toEqual([]);
  } finally {
    client.destroy();
  }
});

test("the constructed TCP frames are understood, and answered in the same framing", async () => {
  const { a } = await runSandbox({ instances: 1 });
  const frames = new Map(vectors.tcp_constructed.map(({ name, hex }) => [name, Buffer.from(hex, "hex")]));
  const socket = connect(a.ports.amps, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // One byte at a time: a frame may arrive in any pieces.
  for (const byte of frames.get("logon")!) socket.write(Buffer.from([byte]));
  await expect.poll(() => Buffer.concat(chunks).length).toBeGreaterThan(4);
  const answer = Buffer.concat(chunks);
  expect(answer.readUInt32BE(0)).toBe(answer.length - 4);
  const ack = JSON.parse(answer.toString("utf8", 4));
  expect(ack).toMatchObject({
    c: "ack",
    cid: "0",
    s: 0,
    client_name: "probe-1",
    a: "processed",
    status: "success",
  });
  expect(ack.bm).toMatch(/^\d+\|0\|$/);
  expect(ack.version).toMatch(/^\d+\.\d+\.\d+/);
  socket.write(Buffer.concat([frames.get("publish")!, frames.get("heartbeat_start")!, frames.get("beat")!]));
  const sow = Buffer.from('{"c":"sow","t":"orders","query_id":"2","cid":"9","a":"completed"}');
  socket.write(Buffer.concat([Buffer.from([0, 0, 0, sow.length]), sow]));
  await expect.poll(() => Buffer.concat(chunks).toString()).toContain('"records_returned":1');
  socket.destroy();
});
