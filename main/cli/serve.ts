/** `shunt serve`: the routes without Electron, the UI in a browser. */
import { join, resolve } from "node:path";
import { startApiServer, type ApiServer } from "../../app/api/api-server.ts";
import { makeToken } from "../../app/api/api-guard.ts";
import { openUiFiles } from "../../app/api/ui-files.ts";
import { parseListen, type HostPort } from "../../app/config/address.ts";
import { createFileStore, createMemoryStore } from "../../app/config/config-file.ts";
import { lockFile, withLock } from "../../app/config/file-lock.ts";
import { isPassing } from "../../app/config/passing-file.ts";
import type { PatientConfigStore } from "../../app/config/config-store.ts";
import { emptyConfig } from "../../app/config/empty-config.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { Failure } from "../../app/contract/failures.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import type { About, Reply } from "../../app/contract/commands.ts";
import { createEngine } from "../../app/engine/engine.ts";
import { loadNativeAddon } from "../../app/forward/native-addon.ts";
import { createFileGuardStore, guardFileOf } from "../../app/guard/guard-store.ts";
import { defaultGraceMs } from "../../app/service/configuration.ts";
import { createService, type ShuntService } from "../../app/service/service.ts";
import { nativeAddonFile } from "../native-addon-file.ts";
import { exportOnThread } from "../threads/export-client.ts";
import { savedOnThread } from "../threads/save-client.ts";
import { startSandboxThread } from "../threads/sandbox-client.ts";
import { printProblems, readConfig } from "./read-config.ts";
import { createReporter, type Reporter } from "./serve-report.ts";
import { untilSignal } from "./until-signal.ts";
import { version } from "./version.ts";
import { watchFile } from "./watch-file.ts";

export interface ServeFlags {
  readonly config?: string;
  readonly sandbox?: boolean;
  /** `host:port`; false with --no-ui; absent or true: the default. */
  readonly ui?: string | boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export async function runServe(flags: ServeFlags): Promise<void> {
  const signal = untilSignal();
  const reporter = createReporter(flags.json === true);
  process.on("exit", reporter.close);
  const store = openStore(flags);
  const uiAddress = flags.ui === false ? null : uiAddressOf(flags.ui);
  if (!store || uiAddress === "unreadable") {
    const isWrongUsage = uiAddress === "unreadable" || flags.config === undefined;
    process.exitCode = isWrongUsage ? 2 : 1;
    return;
  }
  const service = createService({
    store,
    engine: createEngine({
      native: loadNativeAddon(nativeAddonFile),
      ...(flags.config !== undefined && {
        guardStore: createFileGuardStore(guardFileOf(resolve(flags.config))),
      }),
    }),
    sandbox: startSandboxThread(join(__dirname, "sandbox-thread.cjs")),
    startExport: exportOnThread(join(__dirname, "export-thread.cjs")),
    about: {
      version,
      runtime: "headless",
      engine: `Node.js ${process.versions.node}`,
      platform: process.platform,
    },
  });
  service.onEvent((event) => {
    if (event.type === "activity") reporter.activity(event.entries);
  });
  await service.start();
  if (flags.sandbox) await startSandbox(service);
  const token = process.env["SHUNT_TOKEN"] || makeToken();
  const api =
    uiAddress === null
      ? null
      : await startApiServer({
          service,
          address: uiAddress,
          token,
          ui: openUiFiles(join(__dirname, "..", "renderer")),
        });
  if (api && !api.ok) return fail(service, api.failure);
  const watching = flags.watch && flags.config !== undefined ? followFile(flags.config, service) : null;
  await report(service, reporter, api?.value ?? null, token);
  await signal;
  watching?.close();
  reporter.stopping();
  await api?.value.close();
  await service.close(defaultGraceMs);
}

function openStore(flags: ServeFlags): PatientConfigStore | null {
  if (flags.config === undefined) {
    if (flags.sandbox) return createMemoryStore(emptyConfig);
    process.stderr.write("shunt: serve needs --config FILE, or --sandbox to try it without one.\n");
    return null;
  }
  if (isPassing(flags.config)) {
    process.stderr.write(
      `shunt: ${flags.config} is a pipe or a device; serve reads its file again and saves to it, so name a file.\n`,
    );
    return null;
  }
  const read = readConfig(flags.config);
  if (!read.ok) {
    printProblems(read.problems);
    return null;
  }
  const store = createFileStore(resolve(flags.config), process.env);
  const lock = lockFile(store.file, "shunt serve");
  if (lock.ok) return withLock(savedOnThread(store, join(__dirname, "save-thread.cjs")), lock.value);
  const { code, message, advice } = lock.failure;
  process.stderr.write(`shunt: ${message} ${code === "CONFIG_NOT_SAVED" ? besideAdvice : advice}\n`);
  return null;
}

/** A folder such as /etc/shunt or a mounted ConfigMap. */
const besideAdvice =
  "serve keeps a lock, older copies and the guard's memory beside its configuration: put that in a folder which it may write to.";

function uiAddressOf(flag: string | boolean | undefined): HostPort | "unreadable" {
  if (typeof flag !== "string") return { host: "localhost", port: 0 };
  const address = parseListen(flag);
  if (address) return address;
  process.stderr.write(`shunt: --ui ${flag} is not an address; write host:port or a port.\n`);
  return "unreadable";
}

async function startSandbox(service: ShuntService): Promise<void> {
  const reply = await service.handle("sandbox.start", null);
  if (!reply.ok) process.stderr.write(`shunt: the sandbox did not start: ${reply.failure.message}\n`);
}

async function fail(service: ShuntService, reason: Failure): Promise<void> {
  process.stderr.write(`shunt: the UI cannot listen: ${reason.message} ${reason.advice}\n`);
  process.exitCode = 1;
  await service.close(0);
}

async function report(
  service: ShuntService,
  reporter: Reporter,
  api: ApiServer | null,
  token: string,
): Promise<void> {
  const snapshot = (await service.handle("snapshot.get", { connections: false })) as Reply<Snapshot>;
  const about = (await service.handle("about.get", null)) as Reply<About>;
  reporter.ready({
    snapshot: snapshot.ok ? snapshot.value : null,
    api: api?.url ?? null,
    token,
    forwarding: about.ok ? about.value.forwarding : null,
    isInMemory: about.ok && about.value.configFile === null,
  });
}

/** Applies the file again whenever it changes. */
function followFile(file: string, service: ShuntService): { close(): void } {
  const path = resolve(file);
  /** What is in the file where it is not in force. */
  const changed = (): ShuntConfig | null => {
    const read = readConfig(path);
    if (read.ok) {
      const { document } = read.value;
      return JSON.stringify(document) === JSON.stringify(service.current().config) ? null : document;
    }
    process.stderr.write(`shunt: ${file} was changed and is not applied:\n`);
    printProblems(read.problems);
    void service.refuseChange(read.problems);
    return null;
  };
  return watchFile(path, {
    onChange: () => void service.adopt(changed),
    onLost: (reason) => process.stderr.write(`shunt: ${file} is no longer watched: ${reason}\n`),
  });
}
