/** The native doors under storms of random clients, while routes change and connections are cut; and without descriptors. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { ClientRoom } from "../../app/forward/client-room.ts";
import { createDoors } from "../../app/forward/native-door.ts";
import { NativeThread } from "../../app/forward/native-thread.ts";
import { builtNative } from "../support/native.ts";
import { nativeProgram, testSanitized } from "../support/native-program.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

const native = builtNative();
const missing = "missing" in native;
const why = missing ? ` (${native.missing})` : "";
const program = nativeProgram(join(import.meta.dirname, "door-storm.ts"));
const scarcity = nativeProgram(join(import.meta.dirname, "door-scarcity.ts"));
const addonFile = join(import.meta.dirname, "../../dist/native/shunt.node");
const longMs = 180_000;

test.skipIf(missing)(
  `10,000 random clients are served whole, refused, or end as they were ended, and nothing is left behind${why}`,
  { timeout: longMs },
  async () => {
    const { code, out, errors } = await program.run([addonFile, "10000", "7"]);
    expect(errors).toBe("");
    expect(code).toBe(0);
    const tally = JSON.parse(out) as Record<string, number>;
    expect(tally["clients"]).toBe(10_000);
    for (const end of ["whole", "broken", "refused", "answered", "upgraded"])
      expect(tally[end], end).toBeGreaterThan(500);
    // None of them was lost to JavaScript by mistake.
    expect(tally["throughDoors"]).toBeGreaterThan(6_000);
    // And answers to upgrades were passed on without it, while others were not.
    expect(tally["foreseen"]).toBeGreaterThan(50);
  },
);

testSanitized(program, (tally) => {
  expect(tally["whole"]).toBeGreaterThan(150);
  expect(tally["foreseen"]).toBeGreaterThan(0);
});

/** The program with so few descriptors, and a way to give it orders. */
async function startScarce(limit: number, addon = addonFile) {
  const backend = await startTcpBackend({ onConnection: (socket) => socket.pipe(socket) });
  cleanUp(() => backend.close());
  const command = `ulimit -n ${limit} && exec "$0" "$@"`;
  const parameters = [process.execPath, scarcity.file, addon, String(backend.port)];
  const child = spawn("/bin/sh", ["-c", command, ...parameters], { stdio: ["pipe", "pipe", "inherit"] });
  cleanUp(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => JSON.parse((await lines.next()).value ?? "null") as Scarce;
  const ask = async (order: string) => {
    child.stdin.write(`${order}\n`);
    return line();
  };
  return { ...(await line()), ask, backend, kill: () => child.kill("SIGKILL") };
}

interface Scarce {
  readonly port: number;
  readonly poolPort: number;
  readonly most: number;
  readonly cpuMs: number;
  readonly open: number;
  readonly refused: number;
  readonly codes: readonly string[];
  readonly health: string;
}

test.skipIf(missing)(
  `without a descriptor to accept with, clients wait, the processor rests, and all are served later${why}`,
  { timeout: longMs },
  async () => {
    const { port, ask } = await startScarce(256);
    await ask("fill");
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectTcp(port)));
    for (const { socket } of clients) socket.write(frame('{"c":"logon","client_name":"c"}'));
    const before = await ask("tell");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const after = await ask("tell");
    // What the program closes meanwhile, a probe of its own, makes room for one or two.
    expect(after.open).toBeLessThan(5);
    // A thread that spins takes all of two seconds.
    expect(after.cpuMs - before.cpuMs).toBeLessThan(700);
    await ask("free");
    for (const client of clients) await client.receivedText('client_name":"c"}');
    expect(await ask("tell")).toMatchObject({ open: 20, refused: 0 });
  },
);

for (const { who, addon, whyNot } of [
  { who: "Node", addon: "none", whyNot: "" },
  { who: "the native addon", addon: addonFile, whyNot: why },
]) {
  test.skipIf(whyNot !== "")(
    `without a descriptor to dial with, a client of ${who} is refused and told why, and the backend is no worse for it${whyNot}`,
    { timeout: longMs },
    async () => {
      const { poolPort, ask } = await startScarce(256, addon);
      await until(async () => (await ask("tell")).health === "up", "the first probe");
      await ask("fill");
      await ask("free one");
      // Others are refused before: there is no room for them.
      await until(async () => {
        expect(await (await connectTcp(poolPort)).ended).toBe("ECONNRESET");
        return (await ask("tell")).codes.includes("OUT_OF_DESCRIPTORS");
      }, "a dial without a descriptor");
      await ask("fill");
      // Two failures in a row would make it down.
      for (let index = 0; index < 3; index++) await ask("probe");
      expect((await ask("tell")).health).toBe("up");
      await ask("free");
      const late = await connectTcp(poolPort);
      late.socket.write(frame('{"c":"logon","client_name":"late"}'));
      await late.receivedText("late");
    },
  );
}

test.skipIf(missing)(
  `where the process is killed, clients and backends are reset, whether their bytes had begun to move or not${why}`,
  { timeout: longMs },
  async () => {
    const { port, backend, kill } = await startScarce(256);
    const silent = await connectTcp(port);
    const busy = await connectTcp(port);
    busy.socket.write(frame('{"c":"logon","client_name":"busy"}'));
    await busy.receivedText("busy");
    await until(() => backend.connections.length >= 2, "both connections");
    kill();
    expect([await silent.ended, await busy.ended]).toEqual(["ECONNRESET", "ECONNRESET"]);
    const ends = await Promise.all(backend.connections.map(({ ended }) => ended));
    // The engine's own probe has ended well.
    expect(ends.filter((end) => end === "ECONNRESET")).toHaveLength(2);
  },
);

test.skipIf(missing)(
  `clients beyond the limit on open files are refused, counted and told${why}`,
  { timeout: longMs },
  async () => {
    const { port, most, ask } = await startScarce(256);
    const clients = await Promise.all(Array.from({ length: most + 30 }, () => connectTcp(port)));
    await until(async () => (await ask("tell")).refused >= 30, "refusals");
    const refused = await ask("tell");
    expect(refused).toMatchObject({ open: most + 30 - refused.refused, codes: ["TOO_MANY_CONNECTIONS"] });
    // What the engine opens itself between the two readings of the limit is little.
    expect(refused.refused).toBeLessThan(40);
    for (const { socket } of clients) socket.destroy();
    await until(async () => (await ask("tell")).open === 0, "room");
    const late = await connectTcp(port);
    late.socket.write(frame('{"c":"logon","client_name":"late"}'));
    await late.receivedText("late");
  },
);

test.skipIf(missing)(`who waits to be accepted when a door closes is let in before${why}`, async () => {
  const thread = missing ? null : NativeThread.of(native.addon);
  if (!thread) return expect(missing).toBe(true);
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const queue = Array.from({ length: 300 }, () => connectTcp(port));
  await new Promise((resolve) => process.nextTick(resolve));
  // No turn of the event loop passes: the system has connected them all, and nobody has accepted one.
  const entranceOf = () => ({ how: "pass" }) as const;
  const doors = createDoors({ thread, room: new ClientRoom(), entranceOf, upgradeEntranceOf: entranceOf });
  let accepted = 0;
  const accept = (client: Socket): void => {
    accepted += 1;
    client.destroy();
  };
  doors.open(server, { accept, full: () => undefined })?.close();
  expect(accepted).toBe(300);
  for (const { socket } of await Promise.all(queue)) socket.destroy();
});
