/**
 * A program: `many-connections ADDON COUNT SEED`. Sends that many random connections through the native mover, checks each one
 * against what was sent, and prints `{ connections, taken, clean, broken, cut }`; exits with 1 at the first that is wrong.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { ByteCounter } from "../../app/forward/byte-counter.ts";
import { nativeTakeOver } from "../../app/forward/move-natively.ts";
import type { SpliceEnd, TakeOver } from "../../app/forward/mover.ts";
import { NativeThread } from "../../app/forward/native-thread.ts";
import { loadNativeAddon } from "../../app/forward/native-addon.ts";
import { resetSocket } from "../../app/forward/reset.ts";
import { splice } from "../../app/forward/splice.ts";
import { seededRandom } from "../support/seeded-random.ts";

const atOnce = 48;
const [file = "", wanted = "1000", seed = "1"] = process.argv.slice(2);

const random = seededRandom(Number(seed));

/** Every stretch of it differs from its neighbours, so that a gap, a repeat or a swap shows. */
const pattern = Buffer.alloc(4 * 1024 * 1024);
for (let at = 0; at < pattern.length; at += 4) pattern.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);

interface End {
  readonly sent: Buffer;
  got: number;
  wrong: boolean;
  ended: boolean;
}

/** Most connections say little, some much. */
function makeEnd(): End {
  const length = 1 + (random(10) === 0 ? random(700_000) : random(6_000));
  const from = random(pattern.length - length);
  return { sent: pattern.subarray(from, from + length), got: 0, wrong: false, ended: false };
}

/** Writes in random pieces with random pauses, and hears what the other end has sent. */
async function speak(socket: Socket, own: End, other: End, isLast: boolean): Promise<void> {
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    const expected = other.sent.subarray(other.got, other.got + chunk.length);
    if (!expected.equals(chunk)) other.wrong = true;
    other.got += chunk.length;
    if (random(20) !== 0) return;
    socket.pause();
    setTimeout(() => socket.resume(), random(4));
  });
  socket.on("end", () => (other.ended = true));
  socket.resume();
  for (let at = 0; at < own.sent.length && socket.writable;) {
    const length = 1 + random(random(4) === 0 ? 300_000 : 3_000);
    socket.write(own.sent.subarray(at, at + length));
    at += length;
    if (random(4) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  if (isLast && socket.writable) socket.end();
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const loaded = loadNativeAddon(file, {});
const thread = "addon" in loaded ? NativeThread.of(loaded.addon) : null;
if (!thread)
  throw new Error(`${file} is of no use: ${"missing" in loaded ? loaded.missing : "it does not start"}`);
const native = nativeTakeOver(thread);
let taken = 0;
const takeOver: TakeOver = (ends, moving) => {
  const mover = native(ends, moving);
  if (mover) taken++;
  return mover;
};

type Plan = "ends" | "client resets" | "backend resets" | "cut";
const plans: readonly Plan[] = ["ends", "ends", "ends", "client resets", "backend resets", "cut"];

/** A server whose accepted sockets are found by the port that they come from. */
async function startAcceptor(): Promise<{
  dial(): Promise<readonly [dialled: Socket, accepted: Socket]>;
  close(): void;
}> {
  const accepted = new Map<number, Socket>();
  const waiting = new Map<number, (socket: Socket) => void>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    socket.on("error", () => undefined);
    const from = socket.remotePort ?? 0;
    const wanted = waiting.get(from);
    waiting.delete(from);
    if (wanted) wanted(socket);
    else accepted.set(from, socket);
  });
  const port = await listen(server);
  const dial = async () => {
    const dialled = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    dialled.on("error", () => undefined);
    await new Promise((resolve) => dialled.once("connect", resolve));
    const own = dialled.localPort ?? 0;
    const there = accepted.get(own);
    accepted.delete(own);
    return [dialled, there ?? (await new Promise<Socket>((resolve) => waiting.set(own, resolve)))] as const;
  };
  return { dial, close: () => server.close() };
}

const closed = (socket: Socket) =>
  socket.closed
    ? Promise.resolve()
    : new Promise<void>((resolve) => void socket.once("close", () => resolve()));

const tally = { connections: 0, clean: 0, broken: 0, cut: 0 };
const near = await startAcceptor();
const far = await startAcceptor();

async function carryOne(): Promise<void> {
  const plan = plans[random(plans.length)] ?? "ends";
  const [client, accepted] = await near.dial();
  const [dialled, server] = await far.dial();
  const bytes = new ByteCounter();
  const [up, down] = [makeEnd(), makeEnd()];
  let joined: ReturnType<typeof splice> | null = null;
  const end = new Promise<SpliceEnd>((resolve) => {
    joined = splice({ client: accepted, backend: dialled, bytes, takeOver, onEnd: resolve });
  });
  const spoken = [speak(client, up, down, plan === "ends"), speak(server, down, up, plan === "ends")];
  const soon = (act: () => void) => setTimeout(act, random(6));
  if (plan === "client resets") soon(() => resetSocket(client));
  if (plan === "backend resets") soon(() => resetSocket(server));
  if (plan === "cut") soon(() => joined?.cut());
  const { how } = await end;
  await Promise.all(spoken);
  // What the systems still hold arrives before the end does.
  if (how === "finished") await Promise.all([client, server].map(closed));
  tally.connections++;
  const whole = up.got === up.sent.length && down.got === down.sent.length;
  const counted = bytes.toBackend === up.got && bytes.toClient === down.got;
  const problem =
    up.wrong || down.wrong
      ? "bytes differ"
      : plan === "ends" && !(how === "finished" && whole && counted && up.ended && down.ended)
        ? "it did not end whole"
        : plan !== "ends" && how === "finished"
          ? "a reset became an end"
          : bytes.toBackend < up.got || bytes.toClient < down.got
            ? "more arrived than was counted"
            : null;
  if (problem !== null)
    throw new Error(
      `connection ${tally.connections} (${plan}, ${how}): ${problem}; ${JSON.stringify({ up: [up.got, up.sent.length], down: [down.got, down.sent.length], bytes: [bytes.toBackend, bytes.toClient] })}`,
    );
  if (how === "finished") tally.clean++;
  else if (how === "cut") tally.cut++;
  else tally.broken++;
  client.destroy();
  server.destroy();
}

let left = Number(wanted);
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (left-- > 0) await carryOne();
  }),
);
near.close();
far.close();
process.stdout.write(`${JSON.stringify({ ...tally, taken })}\n`);
