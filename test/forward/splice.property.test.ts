/**
 * Both ends of a splice write, stop reading, end and reset as they like: each holds an exact beginning of what the other
 * wrote, an end is told only behind all of it, and only two ends finish a connection (reliability I1, I2).
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { moveBuffers } from "../../app/forward/move-buffers.ts";
import type { TakeOver } from "../../app/forward/mover.ts";
import { resetSocket } from "../../app/forward/reset.ts";
import { builtNative } from "../support/native.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { startSpliceProxy } from "../support/splice-proxy.ts";
import { patternBytes } from "../support/tcp-client.ts";
import type { Socket } from "node:net";

cleanUpAfterEach();

const native = builtNative();
const movers: readonly (readonly [name: string, takeOver: TakeOver])[] = [
  ["streams", () => null],
  ["reused buffers", moveBuffers],
  ...("takeOver" in native ? [["the native mover", native.takeOver] as const] : []),
];

const side = fc.record({
  chunks: fc.array(fc.integer({ min: 1, max: 65_536 }), { maxLength: 12 }),
  /** In turns of the event loop, after each chunk in turn. */
  pauses: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
  /** It reads nothing before that many of its own chunks. */
  readsAfter: fc.nat(6),
  ending: fc.oneof(
    { weight: 3, arbitrary: fc.constant("end" as const) },
    { weight: 1, arbitrary: fc.constant("reset" as const) },
    { weight: 1, arbitrary: fc.constant("end, then reset" as const) },
  ),
  /** So many chunks are written before it ends; what is left is not. */
  endsAfter: fc.nat(12),
});
type Side = typeof side extends fc.Arbitrary<infer One> ? One : never;

interface Peer {
  readonly socket: Socket;
  readonly ended: Promise<string>;
  bytes(): Buffer;
}

interface Played {
  readonly written: Buffer;
  /** It had said its last when the other's end came: what a reset looks like then, Node does not tell. */
  endedFirst: boolean;
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, turn));
};

/** Acts out one side; returns once it has ended, one way or the other. */
async function play({ socket, ended }: Peer, plan: Side, seed: number): Promise<Played> {
  const { chunks, pauses, readsAfter, ending, endsAfter } = plan;
  const sizes = chunks.slice(0, endsAfter);
  const all = patternBytes(
    sizes.reduce((sum, size) => sum + size, 0),
    seed,
  );
  let hasEnded = false;
  const played: Played = { written: all, endedFirst: false };
  void ended.then(() => (played.endedFirst = hasEnded));
  if (readsAfter > 0) socket.pause();
  let at = 0;
  for (const [number, size] of sizes.entries()) {
    socket.write(all.subarray(at, (at += size)));
    if (number + 1 === readsAfter) socket.resume();
    await turns(pauses[number % pauses.length] ?? 0);
  }
  socket.resume();
  if (ending !== "reset") {
    hasEnded = true;
    socket.end();
    await turns(pauses[0] ?? 0);
  }
  // Node's own reset would lose the handle of a socket whose end is on its way out.
  if (ending !== "end") resetSocket(socket);
  return played;
}

const numRuns = { day: 300, night: 6_000 }[process.env["SHUNT_PROOF"] ?? ""] ?? 60;

test.each(movers)("%s", { timeout: 60_000 + numRuns * 500 }, async (_name, takeOver) => {
  const proxy = await startSpliceProxy({ takeOver });
  const seen = { whole: 0, broken: 0 };
  const property = async (clientPlan: Side, farPlan: Side, movedFirst: boolean, seed: number) => {
    const { client, far, life } = await proxy.join();
    const greeting = Buffer.from(movedFirst ? "!" : "");
    if (movedFirst) {
      // One byte each way, so that the mover under test has the connection before anything happens.
      client.socket.write(greeting);
      await far.received(1);
      far.socket.write(greeting);
      await client.received(1);
    }
    const played = await Promise.all([play(client, clientPlan, seed), play(far, farPlan, seed + 1)]);
    const [clientEnd, farEnd, end] = await Promise.all([client.ended, far.ended, life.end]);
    const views = [
      { got: client.bytes(), ended: clientEnd, own: played[0], peer: played[1], peerPlan: farPlan },
      { got: far.bytes(), ended: farEnd, own: played[1], peer: played[0], peerPlan: clientPlan },
    ];
    for (const { got, ended, own, peer, peerPlan } of views) {
      const sent = Buffer.concat([greeting, peer.written]);
      expect(got.equals(sent.subarray(0, got.length)), "an exact beginning").toBe(true);
      if (ended !== "end" || (own.endedFirst && peerPlan.ending !== "end")) continue;
      expect(peerPlan.ending, "a clean end").not.toBe("reset");
      expect(got.length, "an end behind all of it").toBe(sent.length);
    }
    expect(life.bytes.toBackend).toBeGreaterThanOrEqual(far.bytes().length);
    expect(life.bytes.toClient).toBeGreaterThanOrEqual(client.bytes().length);
    const endings = [clientPlan.ending, farPlan.ending];
    if (endings.every((ending) => ending === "end")) {
      seen.whole++;
      expect([end, clientEnd, farEnd]).toEqual([{ how: "finished" }, "end", "end"]);
      expect([life.bytes.toBackend, life.bytes.toClient]).toEqual([
        far.bytes().length,
        client.bytes().length,
      ]);
    } else if (endings.includes("reset")) {
      seen.broken++;
      expect(end.how).toBe("broken");
    }
  };
  await fc.assert(
    fc.asyncProperty(side, side, fc.boolean(), fc.integer({ min: 1, max: 1_000_000 }), property),
    {
      numRuns,
    },
  );
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(numRuns / 20);
});
