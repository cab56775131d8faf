/** What a splice promises, whatever moves its bytes. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ClientRoom } from "../../app/forward/client-room.ts";
import { countTakenOver } from "../../app/forward/count-taken-over.ts";
import { moveBuffers } from "../../app/forward/move-buffers.ts";
import { onceWorthwhile, type TakeOver } from "../../app/forward/mover.ts";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";
import { builtNative } from "../support/native.ts";
import { startSpliceProxy, type SpliceSetting } from "../support/splice-proxy.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const MiB = 1024 * 1024;

/** Counts what was taken over, so that a test knows which mover it has tried. */
function counted(takeOver: TakeOver): { readonly takeOver: TakeOver; taken: number } {
  const counting = {
    taken: 0,
    takeOver: ((ends, moving) => {
      const mover = takeOver(ends, moving);
      if (mover) counting.taken++;
      return mover;
    }) satisfies TakeOver,
  };
  return counting;
}

const native = builtNative();

const movers: readonly { readonly name: string; readonly takeOver: TakeOver; readonly takes: boolean }[] = [
  { name: "streams", takeOver: () => null, takes: false },
  { name: "reused buffers", takeOver: moveBuffers, takes: true },
  ...("takeOver" in native ? [{ name: "the native mover", takeOver: native.takeOver, takes: true }] : []),
];

test.skipIf("missing" in native)(
  `the native mover is tried too${"missing" in native ? `: ${native.missing}` : ""}`,
  () => {
    expect(movers.at(-1)?.name).toBe("the native mover");
  },
);

describe.each(movers)("$name", ({ takeOver, takes }) => {
  const start = async (setting: SpliceSetting = {}) => {
    const room = new ClientRoom();
    const counting = counted(countTakenOver(takeOver, room));
    const takenOver = () => room.joined;
    const proxy = await startSpliceProxy({ takeOver: counting.takeOver, ...setting });
    /** A connection that is with the mover under test: one byte has passed each way. */
    const join = async () => {
      const before = counting.taken;
      const joined = await proxy.join();
      joined.client.socket.write("c");
      await joined.far.received(1);
      joined.far.socket.write("f");
      await joined.client.received(1);
      if (takes) await until(() => counting.taken > before, "the takeover");
      return joined;
    };
    return { ...proxy, join, counting, takenOver };
  };

  test("carries 16 MiB both ways at once unaltered, counts every byte, and ends cleanly", async () => {
    const { join } = await start();
    const { client, far, life } = await join();
    const [up, down] = [patternBytes(16 * MiB, 7), patternBytes(16 * MiB, 8)];
    client.socket.end(up);
    far.socket.end(down);
    expect(sha256((await client.whole()).subarray(1))).toBe(sha256(down));
    await far.ended;
    expect(sha256(far.bytes().subarray(1))).toBe(sha256(up));
    expect(await client.ended).toBe("end");
    expect(await life.end).toEqual({ how: "finished" });
    expect(life.told).toEqual([{ how: "half-closed" }, { how: "finished" }]);
    expect([life.bytes.toBackend, life.bytes.toClient]).toEqual([up.length + 1, down.length + 1]);
  });

  test.each(["client", "far"] as const)("keeps a half-close by the %s", async (first) => {
    const { join } = await start();
    const { client, far, life } = await join();
    const [one, other] = first === "client" ? [client, far] : [far, client];
    one.socket.end("last words");
    await until(() => other.bytes().length === 11);
    expect(await other.ended).toBe("end");
    await until(() => life.told.length === 1);
    for (let round = 0; round < 20; round++) {
      other.socket.write(patternBytes(1000, round));
      await until(() => one.bytes().length === 1 + 1000 * (round + 1));
    }
    other.socket.end();
    expect(await one.ended).toBe("end");
    expect(await life.end).toEqual({ how: "finished" });
  });

  test.each(["client", "backend"] as const)(
    "passes a reset by the %s on as a reset, and says whose",
    async (by) => {
      const { join } = await start();
      for (let round = 0; round < 20; round++) {
        const { client, far, life } = await join();
        const [one, other] = by === "client" ? [client, far] : [far, client];
        one.socket.resetAndDestroy();
        expect(await other.ended).toBe("ECONNRESET");
        expect(await life.end).toMatchObject({ how: "broken", by });
      }
    },
  );

  test("a reset right behind bytes stays a reset, behind an exact prefix", async () => {
    const { join } = await start();
    const bytes = patternBytes(300_000);
    for (let round = 0; round < 30; round++) {
      const { client, far, life } = await join();
      far.socket.write(bytes, () => far.socket.resetAndDestroy());
      expect(await client.ended).toBe("ECONNRESET");
      const got = client.bytes().subarray(1);
      expect(got.equals(bytes.subarray(0, got.length))).toBe(true);
      expect(await life.end).toMatchObject({ how: "broken" });
    }
  });

  test("a reset right behind bytes is no end either where the other side has said its last", async () => {
    const { join } = await start();
    for (let round = 0; round < 30; round++) {
      const { client, far, life } = await join();
      client.socket.end();
      expect(await far.ended).toBe("end");
      far.socket.write("a part");
      far.socket.resetAndDestroy();
      expect(await life.end).toMatchObject({ how: "broken", by: "backend" });
    }
  });

  test("holds up a writer whose reader has stopped, in bounded memory, and delivers everything later", async () => {
    const { join } = await start();
    const { client, far, life } = await join();
    const down = patternBytes(48 * MiB, 5);
    client.socket.pause();
    far.socket.end(down);
    let before = -1;
    const held = await until(async () => {
      const now = life.bytes.toClient;
      const same = now === before && now > 1;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return same && now;
    });
    // What the systems' own buffers take on both legs is in it.
    expect(held).toBeLessThan(24 * MiB);
    // The other way is free meanwhile.
    client.socket.write("still here");
    await far.received(11);
    client.socket.resume();
    expect(sha256((await client.whole()).subarray(1))).toBe(sha256(down));
  });

  test("cut resets both sides at once, also where a reader has stopped, and tells nothing after", async () => {
    const { join } = await start();
    const { client, far, life } = await join();
    client.socket.pause();
    far.socket.write(patternBytes(48 * MiB, 3));
    await until(() => life.bytes.toClient > MiB);
    life.joined.cut();
    expect(life.told).toEqual([{ how: "cut" }]);
    life.joined.cut();
    expect(await far.ended).toBe("ECONNRESET");
    client.socket.resume();
    expect(await client.ended).toBe("ECONNRESET");
    expect(life.told).toEqual([{ how: "cut" }]);
  });

  test("ends a connection of which one half is closed and the other silent", async () => {
    const { join } = await start({ halfClosedIdleMs: 150 });
    const { client, far, life } = await join();
    client.socket.end();
    expect(await far.ended).toBe("end");
    expect(await life.end).toEqual({ how: "idle-half-closed" });
    expect(await client.ended).toBe("ECONNRESET");
    // Node hears nothing more of a side that has ended, until it writes.
    await until(() => {
      far.socket.write("x");
      return far.socket.destroyed;
    });
  });

  test("delivers early bytes first, and shows them and all that follows to an observer until it is done", async () => {
    const seen: string[] = [];
    const { join } = await start({
      early: Buffer.from("early "),
      observer: () => ({
        fromClient: (chunk) => {
          seen.push(chunk.toString());
          return !chunk.includes("c");
        },
        fromBackend: () => true,
      }),
    });
    const { client, far } = await join();
    for (let at = 0; at < 50; at++) {
      client.socket.write(`${at},`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.socket.end();
    await far.ended;
    expect(far.bytes().toString()).toBe(`early c${Array.from({ length: 50 }, (_, at) => `${at},`).join("")}`);
    expect(seen).toEqual(["early ", "c"]);
  });

  test("others who hold a socket hear that it closed: at the takeover, or at the end", async () => {
    const { join, takenOver } = await start();
    const { client, far, life } = await join();
    expect(takenOver()).toBe(takes ? 1 : 0);
    if (takes) await until(() => life.closes() === 1);
    else expect(life.closes()).toBe(0);
    client.socket.end("bye");
    await until(() => far.bytes().toString() === "cbye");
    far.socket.end();
    expect(await life.end).toEqual({ how: "finished" });
    expect([life.closes(), takenOver()]).toEqual([1, 0]);
    const { life: other } = await join();
    other.joined.cut();
    expect(takenOver()).toBe(0);
  });

  test("takes over in the middle of a stream without losing its place", async () => {
    let looks = 0;
    const { counting, ...proxy } = await start({
      observer: () => ({ fromClient: () => ++looks % 7 !== 0, fromBackend: () => true }),
    });
    const up = patternBytes(4 * MiB, 11);
    for (let round = 0; round < 10; round++) {
      const before = proxy.lives.length;
      const client = await connectTcp(proxy.port);
      client.socket.end(up);
      const far = await proxy.backend.connection(before);
      far.socket.end("bye");
      await far.ended;
      expect(sha256(far.bytes())).toBe(sha256(up));
      expect((await client.whole()).toString()).toBe("bye");
    }
    if (takes) expect(counting.taken).toBeGreaterThan(0);
  });
});

test.each([
  ["often", { bytes: 1_000, turns: 3 }, "x"],
  ["much", { bytes: 6, turns: 1_000 }, "xx"],
])(
  "a connection is taken over once it has said something %s enough, and not before",
  async (_how, worth, said) => {
    const counting = counted(onceWorthwhile(moveBuffers, worth));
    const { join } = await startSpliceProxy({ takeOver: counting.takeOver });
    const { client, far, life } = await join();
    for (let round = 1; round <= 3; round++) {
      expect(counting.taken).toBe(0);
      client.socket.write(said);
      await far.received(round * said.length);
    }
    await until(() => counting.taken === 1, "the takeover");
    client.socket.end("bye");
    far.socket.end("late");
    expect((await client.whole()).toString()).toBe("late");
    await far.ended;
    expect(far.bytes().toString()).toBe(`${said.repeat(3)}bye`);
    expect(await life.end).toEqual({ how: "finished" });
  },
);
