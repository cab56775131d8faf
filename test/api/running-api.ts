/** A real API server over a real service, and the ways in which tests speak to it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { startApiServer, type ApiServer } from "../../app/api/api-server.ts";
import { openUiFiles } from "../../app/api/ui-files.ts";
import type { LiveEvent } from "../../app/contract/live.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { runService, type RunningService } from "../service/running-service.ts";
import { cleanUp, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { plainSecretOf } from "../support/suite-secrets.ts";
import { exchange, type RawAnswer } from "../support/raw-http.ts";

export const token = plainSecretOf("API token");

export const uiFiles: Readonly<Record<string, string>> = {
  "index.html": "<!doctype html><title>Shunt</title>",
  "assets/index-abc.js": "export {};",
  "assets/style.css": "body{}",
  "assets/odd.xyz": "?",
};

interface RunningApi {
  readonly api: ApiServer;
  readonly running: RunningService;
  readonly port: number;
  /** A request with the token, unless the headers say otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** A request exactly as written; `{port}` becomes the port, `{token}` the token. */
  raw(...lines: readonly string[]): Promise<RawAnswer>;
  live(headers?: Record<string, string>): Promise<Live>;
}

interface Live {
  readonly socket: WebSocket;
  readonly messages: readonly (LiveEvent | { readonly type: "hello" | "listing" })[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  /** Waits for a message of the kind. */
  message(type: string): Promise<unknown>;
}

export const emptyDocument: ShuntConfig = { version: 1, tunnels: [], backends: [], pools: [], routes: [] };

export async function runApi(config: ShuntConfig = emptyDocument, withUi = true): Promise<RunningApi> {
  const folder = mkdtempSync(join(tmpdir(), "shunt-api-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  const ui = join(folder, "ui");
  mkdirSync(join(ui, "assets"), { recursive: true });
  for (const [name, text] of Object.entries(uiFiles)) writeFileSync(join(ui, name), text);
  writeFileSync(join(folder, "secret.txt"), "secret");
  const running = await runService(config);
  const address = { host: "127.0.0.1", port: 0 };
  const started = await startApiServer({
    service: running.service,
    address,
    token,
    ui: withUi ? openUiFiles(ui) : null,
  });
  if (!started.ok) throw new Error(started.failure.message);
  const api = started.value;
  cleanUp(() => api.close());
  const { port } = api.address;
  return {
    api,
    running,
    port,
    fetch: (path, init = {}) =>
      fetch(`${api.url}${path}`, {
        ...init,
        headers: { Authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
      }),
    raw: (...lines) => exchange(port, `${lines.join("\r\n").replaceAll("{token}", token)}\r\n\r\n`),
    async live(headers = {}) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`, { headers });
      cleanUp(() => socket.terminate());
      const messages: (LiveEvent | { type: "hello" })[] = [];
      socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString("utf8")) as LiveEvent));
      const closed = new Promise<number>((resolve) => socket.on("close", resolve));
      await new Promise((resolve, reject) => {
        socket.once("open", resolve);
        socket.once("error", reject);
      });
      const message = (type: string) =>
        until(() => messages.find((one) => one.type === type), `a message ${type}`);
      return { socket, messages, closed, message };
    },
  };
}

export const json = { "Content-Type": "application/json" };

/** A configuration with one route to a backend that speaks first. */
export async function oneRoute(): Promise<{ readonly config: ShuntConfig; readonly port: number }> {
  const backend = await startTcpBackend({ onConnection: (socket) => socket.write("welcome") });
  cleanUp(() => backend.close());
  const port = await freePort();
  return {
    port,
    config: {
      ...emptyDocument,
      backends: [{ id: "a", amps: `tcp://127.0.0.1:${backend.port}` }],
      routes: [{ id: "r", listen: `127.0.0.1:${port}`, transport: "amps", target: "a" }],
    },
  };
}
