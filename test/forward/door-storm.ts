/**
 * A program: `door-storm ADDON COUNT SEED`. Sends that many random clients through an engine whose ports have native doors,
 * while routes change their targets and connections are cut; checks each, and prints `{ clients, whole, broken, refused,
 * answered, upgraded, throughDoors, foreseen }`; exits with 1 at the first that is wrong, or where a connection, a count or a descriptor is left behind.
 */
import { readdirSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { parseConfig } from "../../app/config/parse-config.ts";
import { createEngine } from "../../app/engine/engine.ts";
import { freePort } from "../support/free-port.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { answerUpgrade, planUpgrade, type UpgradePlan } from "./storm-upgrades.ts";
import { loadNativeAddon, told, type NativeAddon } from "../../app/forward/native-addon.ts";

const atOnce = 48;
const [file = "", wanted = "1000", seed = "1"] = process.argv.slice(2);

const random = seededRandom(Number(seed));

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const openDescriptors = () => readdirSync("/proc/self/fd").length;

/** Answers with what it gets, and to an end with an end; resets who asks for it. */
const backendSockets = new Set<Socket>();
function startBackend(): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    backendSockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => backendSockets.delete(socket));
    socket.on("end", () => socket.end());
    const echo = (chunk: Buffer): void => {
      if (chunk.includes("reset-me")) return void socket.resetAndDestroy();
      if (!socket.write(chunk)) {
        socket.pause();
        socket.once("drain", () => socket.resume());
      }
    };
    socket.once("data", (first) => {
      socket.on("data", echo);
      if (!answerUpgrade(socket, first)) echo(first);
    });
  });
}

function frame(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const loaded = loadNativeAddon(file, {});
if ("missing" in loaded) throw new Error(`${file} is of no use: ${loaded.missing}`);
const backends = [startBackend(), startBackend()];
const [one = 0, other = 0] = await Promise.all(backends.map(listen));
const nobody = await freePort();
const ports = {
  single: await freePort(),
  pool: await freePort(),
  blind: await freePort(),
  dead: await freePort(),
  paths: await freePort(),
};

function configOf(target: "one" | "other"): object {
  return {
    version: 1,
    backends: [
      {
        id: "one",
        amps: `tcp://127.0.0.1:${one}`,
        replication: `tcp://127.0.0.1:${one}`,
        websocket: `ws://127.0.0.1:${one}`,
      },
      {
        id: "other",
        amps: `tcp://localhost:${other}`,
        replication: `tcp://127.0.0.1:${other}`,
        websocket: `ws://127.0.0.1:${other}`,
      },
      { id: "gone", amps: `tcp://127.0.0.1:${nobody}` },
    ],
    pools: [{ id: "pool", members: ["other", "one"] }],
    routes: [
      { id: "single", listen: ports.single, transport: "amps", target },
      { id: "pool", listen: ports.pool, transport: "amps", target: "pool", clients: "publishers" },
      { id: "blind", listen: ports.blind, transport: "replication", target },
      { id: "dead", listen: ports.dead, transport: "amps", target: "gone" },
      { id: "paths", listen: ports.paths, path: "/p", target },
    ],
  };
}

let throughDoors = 0;
let foreseen = 0;
const byDoors = new Set<number | undefined>([told.entered, told.visited, told.answered, told.expected]);
/** Counts the clients that doors did not leave to JavaScript, and those whose answers it did not have to look at. */
function counting(addon: NativeAddon): NativeAddon {
  let words: Int32Array = new Int32Array(0);
  return {
    ...addon,
    start(listener, news, bytes) {
      words = news;
      return addon.start(listener, news, bytes);
    },
    take() {
      const taken = addon.take();
      for (let at = 0; at < taken; at++) {
        const what = words[at * 8];
        // Of visits one piece of news tells how many there were.
        if (byDoors.has(what)) throughDoors += what === told.visited ? (words[at * 8 + 4] ?? 0) : 1;
        if (what === told.expected) foreseen++;
      }
      return taken;
    },
  };
}

const engine = createEngine({
  native: { addon: counting(loaded.addon) },
  probeIntervalMs: 600_000,
  probeDownIntervalMs: 600_000,
});

function parse(document: object) {
  const parsed = parseConfig(document, {});
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.resolved;
}

/** Once each: what is known of a backend lives as long as its configuration. */
const configs = { one: parse(configOf("one")), other: parse(configOf("other")) };

type Plan =
  "upgrade" | "whole" | "silent" | "reset" | "reset by the backend" | "http" | "in pieces" | "refused";
const plans: readonly Plan[] = [
  "upgrade",
  "upgrade",
  "whole",
  "whole",
  "whole",
  "in pieces",
  "silent",
  "reset",
  "reset by the backend",
  "http",
  "refused",
];
const tally = { clients: 0, whole: 0, broken: 0, refused: 0, answered: 0, upgraded: 0 };
/** Addresses of clients whose connections were cut. */
const cut = new Set<string>();
/** Addresses of clients that know of their connection: one that is cut before could not say which it was. */
const connected = new Set<string>();

interface Seen {
  readonly got: Buffer[];
  ended: string | null;
  readonly over: Promise<void>;
}

function watch(socket: Socket): Seen {
  let close: () => void = () => undefined;
  const seen: Seen = { got: [], ended: null, over: new Promise((resolve) => (close = resolve)) };
  socket.on("data", (chunk) => seen.got.push(chunk));
  socket.on("end", () => (seen.ended ??= "end"));
  socket.on("error", (error: NodeJS.ErrnoException) => (seen.ended = error.code ?? error.name));
  socket.on("close", close);
  return seen;
}

function wrong(plan: Plan, seen: Seen, what: string): never {
  throw new Error(
    `${plan}: ${what}; it ended with ${seen.ended} after ${Buffer.concat(seen.got).length} bytes`,
  );
}

async function sendUpgrade(socket: Socket, { pieces, isRefused }: UpgradePlan): Promise<void> {
  // Who is refused goes with the answer.
  if (isRefused) socket.on("end", () => socket.end());
  for (const piece of pieces) {
    if (!socket.writable) return;
    socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, random(4)));
  }
  if (!isRefused) socket.end();
}

async function runOne(): Promise<void> {
  const plan = plans[random(plans.length)] ?? "whole";
  const onRoute = (["single", "pool", "blind"] as const)[random(3)] ?? "single";
  const socket = connect({
    port: plan === "refused" ? ports.dead : plan === "upgrade" ? ports.paths : ports[onRoute],
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  const seen = watch(socket);
  let own = "";
  socket.on("connect", () => connected.add((own = `127.0.0.1:${socket.localPort}`)));
  const logon = frame(
    JSON.stringify({ c: "logon", client_name: plan === "reset by the backend" ? "reset-me" : "c" }),
  );
  const said = Buffer.concat([logon, Buffer.alloc(random(4) === 0 ? random(300_000) : random(2_000), "x")]);
  const upgrade = planUpgrade(said, ports.paths, random);
  tally.clients++;
  if (plan === "silent") socket.end();
  else if (plan === "reset") {
    if (random(2) === 0) socket.write(said);
    setTimeout(() => socket.resetAndDestroy(), random(3));
  } else if (plan === "http") socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  else if (plan === "in pieces") {
    for (let at = 0; at < said.length && socket.writable;) {
      const length = 1 + random(said.length - at > 2_000 ? 100_000 : 700);
      socket.write(said.subarray(at, at + length));
      at += length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
  } else if (plan === "upgrade") await sendUpgrade(socket, upgrade);
  else socket.end(said);
  if (plan === "http" && onRoute === "blind") socket.end();
  if (plan === "silent" || plan === "reset") return void (await seen.over);
  await Promise.race([
    seen.over,
    new Promise((_resolve, reject) =>
      setTimeout(() => reject(new Error(`${plan} on ${onRoute} hangs`)), 60_000).unref(),
    ),
  ]);
  const got = Buffer.concat(seen.got);
  if (plan === "refused") {
    if (seen.ended === "end" || got.length > 0) wrong(plan, seen, "a refusal that looks like an end");
    tally.refused++;
  } else if (plan === "http" && onRoute !== "blind") {
    if (seen.ended === "end" || got.length > 0) wrong(plan, seen, "a browser was served");
    tally.answered++;
  } else if (plan === "upgrade" && !cut.has(own)) {
    if (seen.ended !== "end" || !upgrade.isRight(got))
      wrong(plan, seen, `not as it should: ${got.toString("latin1", 0, 300)}`);
    tally.upgraded++;
  } else if (plan === "reset by the backend") {
    if (seen.ended === "end" && !cut.has(own)) wrong(plan, seen, "a reset became an end");
    tally.broken++;
  } else if (cut.has(own)) {
    // A reset right behind bytes may look like an end to a client that has said its last (see confirm-end.ts).
    if (plan !== "http" && plan !== "upgrade" && !got.equals(said.subarray(0, got.length)))
      wrong(plan, seen, "bytes differ");
    tally.broken++;
  } else if (seen.ended === "end") {
    if (plan !== "http" && !got.equals(said))
      wrong(plan, seen, `not the ${said.length} bytes that were sent`);
    tally.whole++;
  } else wrong(plan, seen, "it did not end whole");
}

await engine.apply(configs.one, 0);
const descriptors = openDescriptors();
let left = Number(wanted);
const running = Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (left-- > 0) await runOne();
  }),
).then(() => (left = -1));
for (let round = 0; left > 0; round++) {
  await new Promise((resolve) => setTimeout(resolve, 40));
  await engine.apply(round % 2 === 0 ? configs.other : configs.one, 0);
  if (round % 5 !== 4) continue;
  const { connections } = await engine.snapshot();
  for (const { id, client } of connections.filter(({ client }) => connected.has(client)).slice(0, 3)) {
    cut.add(client);
    await engine.closeConnection(id);
  }
}
await running;

const giveUp = Date.now() + 30_000;
for (;;) {
  const { connections, routes, backends: counted } = await engine.snapshot();
  const open =
    connections.length +
    routes.reduce((sum, route) => sum + route.connections.open, 0) +
    counted.reduce((sum, backend) => sum + backend.connections, 0);
  if (open === 0 && backendSockets.size === 0 && openDescriptors() <= descriptors + 4) break;
  if (Date.now() > giveUp)
    throw new Error(
      `left behind: ${open} connections, ${backendSockets.size} at the backends, ${openDescriptors() - descriptors} descriptors`,
    );
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const { routes } = await engine.snapshot();
const refused = routes.find(({ id }) => id === "dead")?.connections.refused;
if (refused !== tally.refused) throw new Error(`${tally.refused} were refused, and ${refused} counted`);
await engine.close(0);
for (const server of backends) server.close();
process.stdout.write(`${JSON.stringify({ ...tally, throughDoors, foreseen })}\n`);
