/** Every forwarder that can be measured here, and why the others cannot. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveElectron } from "../../../scripts/electron-runtime.mjs";
import { hasDisplay, startVirtualDisplay } from "../../../scripts/setup/display.mjs";
import { needs } from "../../../scripts/setup/needs.mjs";
import { root } from "../../../scripts/setup/paths.mjs";
import { startBareNode } from "./bare-node.ts";
import type { Forwarder, Watching } from "./forwarder.ts";
import { startHaproxy } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";
import { startShuntDesktop, startShuntServe, watchShuntDesktop, watchShuntServe } from "./shunt.ts";
import { startSocat } from "./socat.ts";
import { startSsh } from "./ssh.ts";

interface ForwarderTable {
  readonly forwarders: readonly Forwarder[];
  readonly missing: readonly { readonly name: string; readonly why: string }[];
  /** Whether this build carries the native addon; without it there are no `-js` variants: all are. */
  readonly hasNative: boolean;
}

type Entry = Forwarder | { readonly name: string; readonly why: string };

/** Forwards nothing: clients reach the backend itself. The ceiling of what the generator can do. */
const direct: Forwarder = {
  name: "direct",
  label: "direct, no forwarder",
  version: "",
  goals: null,
  hasPaths: true,
  start: async ({ backendPort }) => ({
    rawPort: backendPort,
    httpPort: backendPort,
    pids: [],
    stop: async () => undefined,
  }),
};

/** The first line that has a version in it; programs say theirs on either output. */
function versionOf(program: string, flag: string): string {
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: "utf8", timeout: 10_000 });
  return /\d+\.\d+[\w.]*/.exec(`${stdout}\n${stderr}`.replace(/^socat by.*$/m, ""))?.[0] ?? "unknown";
}

function hasNativeAddon(): boolean {
  return readdirSync(join(root, "dist"), { recursive: true }).some((name) => String(name).endsWith(".node"));
}

interface ShuntKind extends Pick<Forwarder, "name" | "label" | "version"> {
  readonly start: (env: Readonly<Record<string, string>>) => Forwarder["start"];
  readonly watching: (env: Readonly<Record<string, string>>) => Watching;
}

/** The same program with and without the addon, which `SHUNT_NATIVE=0` leaves aside. */
function shuntVariants(kind: ShuntKind, hasNative: boolean): readonly Forwarder[] {
  const { name, label, version, start, watching } = kind;
  const variant = (env: Readonly<Record<string, string>>) => ({
    ...{ version, hasPaths: true, start: start(env), watching: watching(env) },
  });
  const goals = hasNative ? "native" : "javascript";
  const plain: Forwarder = { ...variant({}), name, label, goals };
  if (!hasNative) return [plain];
  const without = { name: `${name}-js`, label: `${label}, without the addon`, goals: "javascript" } as const;
  return [plain, { ...variant({ SHUNT_NATIVE: "0" }), ...without }];
}

async function electronVariants(shuntVersion: string, hasNative: boolean): Promise<readonly Entry[]> {
  const runtime = await resolveElectron({ allowRegistry: true });
  const nothing = (why: string) => [{ name: "electron", why }];
  if ("missing" in runtime) return nothing(runtime.missing);
  if (!needs.electronLibraries.find()) return nothing("Electron's libraries are not installed");
  const screen = hasDisplay() ? { display: process.env["DISPLAY"] } : await startVirtualDisplay();
  if (!screen) return nothing("there is no display, and Xvfb cannot run");
  const electron = { path: runtime.path, argument: runtime.appArgument(root), display: screen.display };
  return shuntVariants(
    {
      name: "electron",
      label: "Shunt in Electron",
      version: `${shuntVersion}, Electron ${runtime.version}`,
      start: (env) => (setting) => startShuntDesktop(electron, setting, env),
      watching: (env) => watchShuntDesktop(electron, env),
    },
    hasNative,
  );
}

function peers(): readonly Entry[] {
  const [nginx, streamModule, haproxy] = [needs.nginx.find(), needs.nginxStream.find(), needs.haproxy.find()];
  const [socat, sshd] = [needs.socat.find(), needs.sshd.find()];
  const absent = (name: string) => ({ name, why: "not installed" });
  const peer = { goals: null, hasPaths: false } as const;
  return [
    nginx && streamModule
      ? {
          ...peer,
          ...{ name: "nginx", label: "NGINX, 1 worker", version: versionOf(nginx, "-v"), hasPaths: true },
          start: (setting) => startNginx({ nginx, streamModule }, setting),
        }
      : absent("nginx"),
    haproxy
      ? {
          ...peer,
          ...{
            name: "haproxy",
            label: "HAProxy, 1 thread",
            version: versionOf(haproxy, "-v"),
            hasPaths: true,
          },
          start: (setting) => startHaproxy(haproxy, setting),
        }
      : absent("haproxy"),
    {
      ...peer,
      ...{ name: "node", label: "Node.js, two bare sockets", version: process.versions.node },
      start: startBareNode,
    },
    socat
      ? {
          ...peer,
          ...{ name: "socat", label: "socat", version: versionOf(socat, "-V") },
          start: (setting) => startSocat(socat, setting),
        }
      : absent("socat"),
    sshd
      ? {
          ...peer,
          ...{ name: "ssh", label: "ssh -L and its sshd", version: versionOf("ssh", "-V") },
          start: (setting) => startSsh(sshd, setting),
        }
      : absent("ssh"),
  ];
}

/** `wanted`: names, a variant belonging to its base; null: all. */
export async function findForwarders(wanted: readonly string[] | null): Promise<ForwarderTable> {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const hasNative = hasNativeAddon();
  const isWanted = (name: string) => wanted === null || wanted.includes(name);
  const serve = shuntVariants(
    {
      name: "shunt",
      label: "Shunt headless",
      version: `${version}, Node.js ${process.versions.node}`,
      start: (env) => (setting) => startShuntServe(setting, env),
      watching: watchShuntServe,
    },
    hasNative,
  );
  const desktop = ["electron", "electron-js"].some(isWanted)
    ? await electronVariants(version, hasNative)
    : [];
  const known = [direct, ...serve, ...desktop, ...peers()];
  const unknown = (wanted ?? []).filter((name) => !known.some((entry) => entry.name === name));
  const entries: readonly Entry[] = [
    ...known.filter(({ name }) => isWanted(name)),
    ...unknown.map((name) => ({ name, why: "there is no such forwarder in this build" })),
  ];
  return {
    forwarders: entries.filter((entry) => "start" in entry),
    missing: entries.filter((entry) => "why" in entry),
    hasNative,
  };
}
