/** What tests of `serve` share: a configuration file with two routes to a backend that echoes, and looks at what runs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { RouteConfig, ShuntConfig } from "../../app/contract/config.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { cleanUp } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type TcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";
import type { RunningCli } from "./built-cli.ts";

interface Setting {
  readonly backend: TcpBackend;
  readonly file: string;
  readonly config: ShuntConfig;
  readonly port: number;
  readonly otherPort: number;
  write(config: unknown): void;
}

export function route(id: string, port: number, more: Partial<RouteConfig> = {}): RouteConfig {
  return { id, listen: `127.0.0.1:${port}`, transport: "amps", target: "a", ...more };
}

/** A configuration file with the routes `r` and `s`, each on a free port, to a backend that echoes. */
export async function setting(): Promise<Setting> {
  const backend = await startTcpBackend({ onConnection: (socket) => socket.pipe(socket) });
  cleanUp(() => backend.close());
  const folder = mkdtempSync(join(tmpdir(), "shunt-serve-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "config.json");
  const [port, otherPort] = [await freePort(), await freePort()];
  const config: ShuntConfig = {
    version: 1,
    tunnels: [],
    backends: [{ id: "a", amps: `tcp://127.0.0.1:${backend.port}` }],
    pools: [],
    routes: [route("r", port), route("s", otherPort)],
  };
  const write = (next: unknown) =>
    writeFileSync(file, typeof next === "string" ? next : JSON.stringify(next));
  write(config);
  return { backend, file, config, port, otherPort, write };
}

export function ready(cli: RunningCli): Promise<Record<string, unknown>> {
  return cli.line((line) => line["event"] === "ready");
}

/** Opens a connection through a route and hears its own bytes back. */
export async function echoing(port: number) {
  const client = await connectTcp(port);
  const hello = frame('{"c":"logon","client_name":"echo"}');
  client.socket.write(hello);
  expect(await client.received(hello.length)).toEqual(hello);
  return client;
}

export async function isRefused(port: number): Promise<boolean> {
  try {
    (await connectTcp(port)).socket.destroy();
    return false;
  } catch {
    return true;
  }
}

export function snapshotOf(line: Record<string, unknown>): Promise<Snapshot> {
  return fetch(`${line["api"] as string}/api/snapshot`, {
    headers: { Authorization: `Bearer ${line["token"] as string}` },
  }).then((answer) => answer.json() as Promise<Snapshot>);
}
