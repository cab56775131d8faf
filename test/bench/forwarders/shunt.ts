/** Shunt itself: the built command line, or the built desktop app in a real Electron. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { root } from "../../../scripts/setup/paths.mjs";
import { freePort } from "../../support/free-port.ts";
import {
  startServing,
  type Look,
  type PortPair,
  type RunningForwarder,
  type Setting,
  type Watching,
} from "./forwarder.ts";
import { withInside, type Inside } from "./inside.ts";
import { readLive, token } from "./live-reader.ts";

type Environment = Readonly<Record<string, string>>;

interface Ports {
  readonly rawPort: number;
  readonly httpPort: number;
}

type BenchConfig = Pick<ShuntConfig, "version" | "tunnels" | "backends" | "pools" | "routes">;

function shuntConfig(
  { backendPort, paths }: Setting,
  { rawPort, httpPort }: Ports,
  pairs: readonly PortPair[],
): BenchConfig {
  const address = `127.0.0.1:${backendPort}`;
  const path = (id: string) => ({ id, listen: `127.0.0.1:${httpPort}`, path: `/${id}`, target: "b" });
  const named = pairs.map((pair, index) => ({ ...pair, id: `pair-${index}` }));
  return {
    version: 1,
    tunnels: [],
    backends: [
      { id: "b", amps: `tcp://${address}`, websocket: `ws://${address}`, admin: `http://${address}` },
      ...named.map(({ id, backendPort: port }) => ({ id, amps: `tcp://127.0.0.1:${port}` })),
    ],
    pools: [],
    routes: [
      { id: "raw", listen: `127.0.0.1:${rawPort}`, transport: "amps", target: "b" },
      path("p"),
      ...Array.from({ length: paths }, (_, index) => path(`r${index}`)),
      ...named.map(({ id, routePort }) => ({
        ...{ id, listen: `127.0.0.1:${routePort}`, target: id },
        transport: "amps" as const,
      })),
    ],
  };
}

async function freePorts(): Promise<Ports> {
  return { rawPort: await freePort(), httpPort: await freePort() };
}

function portsOf({ rawPort, httpPort }: Ports, pairs: readonly PortPair[]): readonly number[] {
  return [rawPort, httpPort, ...pairs.map(({ routePort }) => routePort)];
}

export async function startShuntServe(setting: Setting, env: Environment): Promise<RunningForwarder> {
  return serve(setting, { env, pairs: [], ui: null });
}

interface Served {
  readonly env: Environment;
  readonly pairs: readonly PortPair[];
  /** The port of UI and local API. */
  readonly ui: number | null;
}

async function serve(setting: Setting, { env, pairs, ui }: Served): Promise<RunningForwarder> {
  const ports = await freePorts();
  const config = join(setting.folder, "shunt.json");
  writeFileSync(config, JSON.stringify(shuntConfig(setting, ports, pairs)));
  const shown = ui === null ? ["--no-ui"] : ["--ui", `127.0.0.1:${ui}`];
  const child = await startServing(
    {
      command: process.execPath,
      args: [join(root, "dist/main/shunt.cjs"), "serve", "--config", config, ...shown],
      env,
      cpu: setting.cpu,
    },
    [...portsOf(ports, pairs), ...(ui === null ? [] : [ui])],
  );
  return { ...ports, pids: [child.pid], stop: () => child.stop() };
}

/** Watched by a reader of the live feed. */
export function watchShuntServe(env: Environment): Watching {
  return {
    // What a reader is sent first is all connections at once.
    ...{ openedMs: 250, closedMs: 50, stretchMs: 250, blocks: 5 },
    async start(setting, pairs) {
      const ui = await freePort();
      const { env: more, inside } = withInside(setting.folder);
      const running = await serve(setting, { env: { ...env, ...more, SHUNT_TOKEN: token }, pairs, ui });
      return { ...running, look: () => readLive(ui), loopDelayMs: () => inside.loopDelayMs() };
    },
  };
}

interface Electron {
  readonly path: string;
  readonly argument: string;
  readonly display: string | undefined;
}

/** The app's own window is open on `display`, as it is for its user. */
export async function startShuntDesktop(
  electron: Electron,
  setting: Setting,
  env: Environment,
): Promise<RunningForwarder> {
  return openDesktop(electron, setting, { env, pairs: [] });
}

async function openDesktop(
  electron: Electron,
  setting: Setting,
  { env, pairs }: Omit<Served, "ui">,
): Promise<RunningForwarder> {
  const ports = await freePorts();
  const userData = join(setting.folder, "data");
  mkdirSync(userData);
  writeFileSync(join(userData, "config.json"), JSON.stringify(shuntConfig(setting, ports, pairs)));
  const child = await startServing(
    {
      command: electron.path,
      args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-gpu", electron.argument],
      env: {
        SHUNT_USER_DATA: userData,
        ...(electron.display !== undefined && { DISPLAY: electron.display }),
        ...env,
      },
      cpu: setting.cpu,
    },
    portsOf(ports, pairs),
  );
  return { ...ports, pids: [child.pid], stop: () => child.stop() };
}

/** Watched in its own window, as it opens; unwatched while that is hidden, as it is in the tray. */
export function watchShuntDesktop(electron: Electron, env: Environment): Watching {
  return {
    ...{ openedMs: 750, closedMs: 250, stretchMs: 500, blocks: 2 },
    async start(setting, pairs) {
      const { env: more, inside } = withInside(setting.folder);
      const running = await openDesktop(electron, setting, { env: { ...env, ...more }, pairs });
      await inside.ask("hide");
      return { ...running, look: () => lookAtWindow(inside), loopDelayMs: () => inside.loopDelayMs() };
    },
  };
}

/** A window that appears draws itself, and fetches everything. */
const appearsWithinMs = 500;

async function lookAtWindow(inside: Inside): Promise<Look> {
  await inside.ask("show");
  await sleep(appearsWithinMs);
  const before = await inside.ask("text");
  return {
    hasSeenChanges: async () => JSON.stringify(await inside.ask("text")) !== JSON.stringify(before),
    end: async () => void (await inside.ask("hide")),
  };
}
