/** Two sandbox instances under names that nothing here resolves: only the tunnel `desk` knows them. */
import type { HostPort } from "../../app/config/address.ts";
import type { Reply } from "../../app/contract/commands.ts";
import type { BackendConfig } from "../../app/contract/config.ts";
import { refuse } from "../../app/failures.ts";
import { openSocket, type OpenTcp } from "../../app/forward/open-tcp.ts";
import type { OpenedGalvanometer } from "../../app/galvanometer/galvanometers.ts";
import { runSandbox, type RunningSandbox } from "../sandbox/running-sandbox.ts";
import { knowSecret } from "../support/suite-secrets.ts";
import { connectTcp, type TcpClient } from "../support/tcp-client.ts";
import { runEngine, type RunningEngine } from "../support/running-engine.ts";

export interface NamedSandbox extends RunningSandbox {
  readonly running: RunningEngine;
  /** Every address that was dialled, with its tunnel. */
  readonly dialled: string[];
  /** The host:port of names behind the tunnel; a test may add to it. */
  readonly names: Map<string, number>;
}

/** A tunnel that knows some names, each on this machine, and refuses the rest. */
export function tunnelOf(names: ReadonlyMap<string, number>, dialled: string[]): OpenTcp {
  return (address: HostPort, via, options) => {
    dialled.push(`${address.host}:${address.port}${via === undefined ? "" : ` via ${via}`}`);
    if (via === undefined) return openSocket(address, options ?? {});
    const port = names.get(`${address.host}:${address.port}`);
    return port === undefined
      ? Promise.resolve(refuse("NAME_NOT_FOUND", `The tunnel does not know ${address.host}:${address.port}.`))
      : openSocket({ host: "127.0.0.1", port }, options ?? {});
  };
}

export const desk = { id: "desk", type: "socks5", address: "127.0.0.1:1" } as const;

interface NamedOptions {
  /** Leaves out the backend of the second instance: then only statistics name it. */
  readonly onlyFirst?: boolean;
  readonly first?: Partial<BackendConfig>;
}

export async function runNamedSandbox({
  onlyFirst = false,
  first = {},
}: NamedOptions = {}): Promise<NamedSandbox> {
  const sandbox = await runSandbox({
    statisticsIntervalMs: 100,
    adminAddresses: { "amps-a": "amps-a.internal:8085", "amps-b": "amps-b.internal:8085" },
  });
  const names = new Map<string, number>();
  const dialled: string[] = [];
  const backends = [sandbox.a, sandbox.b].map(({ name, ports }) => {
    names.set(`${name}.internal:8085`, ports.admin);
    names.set(`${name}.internal:9008`, ports.websocket);
    return {
      id: name,
      via: "desk",
      admin: `http://${name}.internal:8085`,
      websocket: `ws://${name}.internal:9008`,
      ...(name === "amps-a" && first),
    };
  });
  const document = {
    version: 1,
    tunnels: [desk],
    backends: onlyFirst ? backends.slice(0, 1) : backends,
    pools: [],
    routes: [],
  };
  const running = await runEngine(document, { openTcp: tunnelOf(names, dialled) });
  return { ...sandbox, running, dialled, names };
}

export function must<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`${reply.failure.code}: ${reply.failure.message}`);
  return reply.value;
}

/** Opens the first instance's Galvanometer. */
export async function openFirst({ running }: NamedSandbox, fenced = false): Promise<OpenedGalvanometer> {
  const opened = must(await running.engine.openGalvanometer("amps-a", { fenced }));
  knowSecret("Proxy-Authorization", opened.password);
  return opened;
}

/** What the activity tells of refused requests. */
export async function refusals({ running }: NamedSandbox) {
  return (await running.activity()).filter((entry) => entry.event === "galvanometer-refused");
}

export function credential({ user, password }: Pick<OpenedGalvanometer, "user" | "password">): string {
  return `Proxy-Authorization: Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

interface ProxyAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends one request over a connection of its own and reads until its end. */
export async function ask(
  opened: OpenedGalvanometer,
  url: string,
  lines: readonly string[] = [],
  method = "GET",
): Promise<ProxyAnswer> {
  const client = await connectTcp(opened.proxyPort);
  const host = /^[a-z]+:\/\/([^/]*)/.exec(url)?.[1] ?? "x";
  const head = [
    `${method} ${url} HTTP/1.1`,
    `Host: ${host}`,
    credential(opened),
    "Connection: close",
    ...lines,
  ];
  client.socket.write(Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"));
  return readProxyAnswer((await client.whole()).toString("latin1"));
}

export function readProxyAnswer(text: string): ProxyAnswer {
  const at = text.indexOf("\r\n\r\n");
  const head = text.slice(0, at);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body: text.slice(at + 4) };
}

/** Opens a tunnel; `status` is what the proxy answered. */
export async function connectThrough(
  opened: OpenedGalvanometer,
  authority: string,
): Promise<{ readonly status: number; readonly client: TcpClient }> {
  const client = await connectTcp(opened.proxyPort);
  client.socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credential(opened)}\r\n\r\n`);
  const text = await client.receivedText("\r\n\r\n");
  return { status: readProxyAnswer(text).status, client };
}
