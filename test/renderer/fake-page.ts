/** The UI on made-up data, built and served with the policy that the product serves it with. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { extname, join, normalize, resolve } from "node:path";
import { contentSecurityPolicy } from "../../app/api/ui-headers.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export interface FakePage {
  readonly url: string;
  close(): Promise<void>;
}

/** Builds the UI into a folder; in a process of its own, for which this is no test. */
export async function buildUi(mode: "fake" | "production", folder: string): Promise<void> {
  const root = resolve(import.meta.dirname, "../..");
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const options = [
    "--config",
    "renderer/vite.config.ts",
    "--mode",
    mode,
    "--outDir",
    folder,
    "--logLevel",
    "warn",
  ];
  const env = { ...process.env, NODE_ENV: "production" };
  await promisify(execFile)(process.execPath, [vite, "build", ...options], { cwd: root, env });
}

export async function serveFakePage(): Promise<FakePage> {
  const folder = await mkdtemp(join(tmpdir(), "shunt-fake-page-"));
  await buildUi("fake", folder);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
    const file = join(folder, path === "/" ? "dev.html" : path);
    try {
      const body = await readFile(file);
      const type = types[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": contentSecurityPolicy });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
