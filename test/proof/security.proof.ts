/** Loopback only, fuzzed doors, and what the sources may not contain (reliability 2.5). */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { build } from "vite";
import { expect, test } from "vitest";
import { root } from "../../scripts/setup/paths.mjs";
import { checkArgument, isCommandName } from "../../app/service/arguments.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startBackendProcess } from "./harness/backend-process.ts";
import { record } from "./harness/figures.ts";
import { startShunt } from "./harness/shunt-process.ts";

cleanUpAfterEach();

/** What a process listens on, from the kernel's own tables. */
function listeningOf(pid: number): string[] {
  const rows = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A"),
  );
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return rows.filter((fields) => inodes.has(fields[9] ?? "")).map((fields) => fields[1] ?? "");
}

test("S1: every listener of a default set-up is on loopback", async (context) => {
  const backend = await startBackendProcess("echo");
  const [plain, named, shared] = [await freePort(), await freePort(), await freePort()];
  const shunt = await startShunt({
    version: 1,
    backends: [
      { id: "b", amps: `tcp://127.0.0.1:${backend.port}`, admin: `http://127.0.0.1:${backend.port}` },
    ],
    routes: [
      { id: "a", listen: String(plain), transport: "amps", target: "b" },
      { id: "l", listen: `localhost:${named}`, transport: "amps", target: "b" },
      { id: "p", listen: String(shared), path: "/b", target: "b" },
    ],
  });
  const found = listeningOf(shunt.pid);
  const loopback = ["0100007F", "00000000000000000000000001000000"];
  const elsewhere = found.filter((address) => !loopback.includes(address.split(":")[0] ?? ""));
  const hex = named.toString(16).toUpperCase().padStart(4, "0");
  const families = found.filter((address) => address.endsWith(`:${hex}`)).length;
  record(
    context,
    `${found.length} listeners, ${elsewhere.length} beyond loopback; localhost is bound in ${families} of 2 families`,
  );
  expect(found.length).toBeGreaterThanOrEqual(4);
  expect(elsewhere).toEqual([]);
  // Else another user's program on the other address gets the log-ons that are meant for localhost.
  expect(families).toBe(2);
});

function sources(...folders: readonly string[]): readonly (readonly [file: string, text: string])[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|tsx|mjs)$/.test(name))
      .map((name) => [join(folder, name), readFileSync(join(root, folder, name), "utf8")] as const),
  );
}

test("S10: raw ipcMain handlers are in the one wrapper alone", (context) => {
  const raw = sources("main").filter(([, text]) =>
    /\b(ipcMain|ipc)\s*\.\s*(on|once|addListener|handle|handleOnce)\s*\(/.test(text),
  );
  const wrapper = join("main", "desktop", "ipc.ts");
  const others = raw.map(([file]) => file).filter((file) => file !== wrapper);
  record(
    context,
    `${others.length} raw handlers; ${wrapper}, which checks both for all channels, has the only one`,
  );
  expect(raw.map(([file]) => file)).toContain(wrapper);
  expect(others).toEqual([]);
});

test("S12: no lenient HTTP, no TLS without verification, no markup from strings, no file pages in the sources", () => {
  const banned =
    /insecureHTTPParser|NODE_TLS_REJECT_UNAUTHORIZED|dangerouslySetInnerHTML|\.innerHTML\s*=|loadFile\(|\beval\(|new Function\(/;
  expect(
    sources("app", "main", "renderer/src")
      .filter(([file, text]) => banned.test(text) && !file.includes("sandbox"))
      .map(([file]) => file),
  ).toEqual([]);
});

test("S11: 10,000 payloads at the commands' door: no throw, and no prototype changed", async (context) => {
  const names = [
    "config.put",
    "config.check",
    "routes.enable",
    "route.retry",
    "route.conditions.set",
    "listen.suggest",
    "connection.close",
    "pool.promote",
    "sandbox.act",
    "backend.test",
  ];
  const before = Object.getOwnPropertyNames(Object.prototype).sort().join();
  let judged = 0;
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.anything({ withNullPrototype: true }), (name, argument) => {
      judged++;
      if (isCommandName(name)) expect(typeof checkArgument(name, argument).ok).toBe("boolean");
    }),
    { numRuns: 10_000 },
  );
  const shunt = await startShunt({ version: 1, backends: [], routes: [] });
  const statuses = new Map<number, number>();
  const post = async (name: string, body: string): Promise<void> => {
    const answer = await fetch(`${shunt.ready.api}/api/commands/${encodeURIComponent(name)}`, {
      method: "POST",
      headers: { authorization: `Bearer ${shunt.ready.token}`, "content-type": "application/json" },
      body,
    });
    await answer.arrayBuffer();
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  };
  const payloads = fc.sample(fc.oneof(fc.json(), fc.string(), fc.constant('{"__proto__":{"x":1}}')), 1_000);
  for (const [at, payload] of payloads.entries()) await post(names[at % names.length] ?? "", payload);
  record(
    context,
    `${judged} arguments judged; 1,000 over HTTP: ${[...statuses].map(([status, times]) => `${times} × ${status}`).join(", ")}`,
  );
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
  expect(shunt.isAlive()).toBe(true);
  expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(before);
});

/** The npm packages that files are of, nested ones by their own name. */
function packagesIn(files: readonly string[]): ReadonlySet<string> {
  const name = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/;
  return new Set(files.flatMap((file) => name.exec(file)?.[1] ?? []));
}

/** The files that Vite puts into the UI. */
async function pageModules(): Promise<readonly string[]> {
  const outer = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  const built = await build({
    configFile: join(root, "renderer/vite.config.ts"),
    root: join(root, "renderer"),
    logLevel: "silent",
    build: { write: false },
  });
  process.env["NODE_ENV"] = outer;
  const outputs = Array.isArray(built) ? built : [built];
  return outputs.flatMap((one) =>
    "output" in one ? one.output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : [])) : [],
  );
}

test("S15: versions are exact, and the app carries few packages", async (context) => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<
    string,
    Record<string, string>
  >;
  const all = { ...manifest["dependencies"], ...manifest["devDependencies"] };
  expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const onNode = packagesIn(
    readdirSync(join(root, "dist/main"))
      .filter((name) => name.endsWith(".cjs.map"))
      .flatMap((name) => {
        const map = JSON.parse(readFileSync(join(root, "dist/main", name), "utf8")) as { sources: string[] };
        return map.sources;
      }),
  );
  const inPage = packagesIn(await pageModules());
  record(
    context,
    `${Object.keys(all).length} exact versions; ${onNode.size} packages in what runs on Node, ${inPage.size} in the sandboxed page, none beside the bundles`,
  );
  // Those that certainly are there: what is counted is what is shipped.
  expect([...onNode]).toEqual(expect.arrayContaining(["ssh2", "ws", "zod"]));
  expect([...inPage]).toEqual(expect.arrayContaining(["react", "zustand"]));
  expect(onNode.size).toBeLessThanOrEqual(40);
  expect(readFileSync(join(root, "electron-builder.yml"), "utf8")).toContain('- "!node_modules"');
});
