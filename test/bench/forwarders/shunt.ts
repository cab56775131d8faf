/** Shunt itself: the built command line, or the built desktop app in a real Electron. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { root } from "../../../scripts/setup/paths.mjs";
import { freePort } from "../../support/free-port.ts";
import { startServing, type RunningForwarder, type Setting } from "./forwarder.ts";

interface Ports {
  readonly rawPort: number;
  readonly httpPort: number;
}

type BenchConfig = Pick<ShuntConfig, "version" | "tunnels" | "backends" | "pools" | "routes">;

function shuntConfig({ backendPort, paths }: Setting, { rawPort, httpPort }: Ports): BenchConfig {
  const address = `127.0.0.1:${backendPort}`;
  const path = (id: string) => ({ id, listen: `127.0.0.1:${httpPort}`, path: `/${id}`, target: "b" });
  return {
    version: 1,
    tunnels: [],
    backends: [
      { id: "b", amps: `tcp://${address}`, websocket: `ws://${address}`, admin: `http://${address}` },
    ],
    pools: [],
    routes: [
      { id: "raw", listen: `127.0.0.1:${rawPort}`, transport: "amps", target: "b" },
      path("p"),
      ...Array.from({ length: paths }, (_, index) => path(`r${index}`)),
    ],
  };
}

async function freePorts(): Promise<Ports> {
  return { rawPort: await freePort(), httpPort: await freePort() };
}

/** A port route of its own to a backend of its own. */
export interface PortPair {
  readonly routePort: number;
  readonly backendPort: number;
}

/** A Shunt that is watched: its UI and local API on a port, and more routes. */
interface Watched {
  readonly ui: number;
  readonly pairs: readonly PortPair[];
}

function withPairs(config: BenchConfig, { pairs }: Watched): BenchConfig {
  const named = pairs.map((pair, index) => ({ ...pair, id: `pair-${index}` }));
  return {
    ...config,
    backends: [
      ...config.backends,
      ...named.map(({ id, backendPort }) => ({ id, amps: `tcp://127.0.0.1:${backendPort}` })),
    ],
    routes: [
      ...config.routes,
      ...named.map(({ id, routePort }) => ({
        ...{ id, listen: `127.0.0.1:${routePort}`, target: id },
        transport: "amps" as const,
      })),
    ],
  };
}

export async function startShuntServe(
  setting: Setting,
  env: Readonly<Record<string, string>>,
  watched?: Watched,
): Promise<RunningForwarder> {
  const ports = await freePorts();
  const config = join(setting.folder, "shunt.json");
  const plain = shuntConfig(setting, ports);
  writeFileSync(config, JSON.stringify(watched ? withPairs(plain, watched) : plain));
  const ui = watched ? ["--ui", `127.0.0.1:${watched.ui}`] : ["--no-ui"];
  const child = await startServing(
    {
      command: process.execPath,
      args: [join(root, "dist/main/shunt.cjs"), "serve", "--config", config, ...ui],
      env,
      cpu: setting.cpu,
    },
    [
      ports.rawPort,
      ports.httpPort,
      ...(watched ? [...watched.pairs.map(({ routePort }) => routePort), watched.ui] : []),
    ],
  );
  return { ...ports, pids: [child.pid], stop: () => child.stop() };
}

/** The app's own window is open on `display`, as it is for its user. */
export async function startShuntDesktop(
  electron: { readonly path: string; readonly argument: string; readonly display: string | undefined },
  setting: Setting,
  env: Readonly<Record<string, string>>,
): Promise<RunningForwarder> {
  const ports = await freePorts();
  const userData = join(setting.folder, "data");
  mkdirSync(userData);
  writeFileSync(join(userData, "config.json"), JSON.stringify(shuntConfig(setting, ports)));
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
    [ports.rawPort, ports.httpPort],
  );
  return { ...ports, pids: [child.pid], stop: () => child.stop() };
}
