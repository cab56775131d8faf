/** The UI on made-up data, built and served with the policy that the product serves it with. */
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { extname, join, normalize } from "node:path";
import { contentSecurityPolicy } from "../../app/api/ui-headers.ts";
import { fingerprint, isStale } from "../../scripts/setup/fingerprint.mjs";
import { withSetupLock } from "../../scripts/setup/lock.mjs";
import { root } from "../../scripts/setup/paths.mjs";

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

/** The folder of the built UI; every file of tests has the same one, until a source changes. */
async function builtOnce(): Promise<string> {
  const folder = join(root, "node_modules/.cache/shunt-fake-page");
  const stampFile = join(folder, "stamp");
  const now = fingerprint(root, ["renderer", "app", "package-lock.json"]);
  if (!isStale({ stampFile, fingerprint: now, outputs: [join(folder, "dev.html")] })) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await buildUi("fake", folder);
  await writeFile(stampFile, now);
  return folder;
}

export async function serveFakePage(): Promise<FakePage> {
  const folder = await withSetupLock(builtOnce);
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
    },
  };
}
