/** The Electron main process: settles, hardens, starts the service on its threads, and shows the window. */
import "../threads/thread-pool.ts";
import os from "node:os";
import path from "node:path";
import { app, dialog, ipcMain, powerMonitor, protocol, session } from "electron";
import type { LinkState } from "../../app/contract/bridge.ts";
import { lockFile, withLock } from "../../app/config/file-lock.ts";
import { guardFileOf } from "../../app/guard/guard-store.ts";
import { createService } from "../../app/service/service.ts";
import { withdrawSecrets } from "../../app/tunnels/secret-source.ts";
import { startEngineThread } from "../threads/engine-client.ts";
import { exportOnThread } from "../threads/export-client.ts";
import { startSandboxThread } from "../threads/sandbox-client.ts";
import { answerFrom } from "./app-scheme.ts";
import { openConfigStore } from "./config-store-electron.ts";
import { startDesktop } from "./desktop.ts";
import { GalvanometerWindows } from "./galvanometer/galvanometer-windows.ts";
import { denySession, hardenBeforeReady, hardenPages } from "./hardening.ts";
import { openLogFile } from "./log-file.ts";
import { catchLinks, registerLinks, startMessageOf } from "./open-links.ts";
import { openOperatorDesk } from "./operator/operator-windows.ts";
import { builtFiles, settleUserData } from "./places.ts";
import { openTlsChoices } from "./small-stores.ts";
import { findTrayVisible } from "./tray-presence.ts";
import { openUpdates } from "./updates.ts";
import { watched } from "./watched.ts";

app.setName("Shunt");
app.setAppUserModelId("com.shunt.desktop");
const engineEnvironment = withdrawSecrets(process.env);
const environment = { ...process.env };
// Electron hands what this process's environment itself has to every preload script, and so to the pages' processes: nothing
// any more. What runs here, and the programs started from here, find the same in it as before, by inheritance.
process.env = Object.create(process.env) as NodeJS.ProcessEnv;
const directory = settleUserData();
const log = openLogFile(path.join(directory, "logs"));
hardenBeforeReady();
hardenPages(log.write);

const startMessage = startMessageOf(process.argv);
if (app.requestSingleInstanceLock(startMessage)) {
  surviveDefects();
  catchLinks(startMessage);
  run().catch(failToStart);
} else {
  console.log("Shunt is already running; its window has been brought forward.");
  app.exit(0);
}

async function run(): Promise<void> {
  const trayVisible = findTrayVisible(process.platform);
  await app.whenReady();
  denySession(session.defaultSession, log.write);
  registerLinks(log.write);
  protocol.handle("app", answerFrom(builtFiles.renderer));
  const opened = openConfigStore(directory, environment);
  const lock = lockFile(opened.file, "the desktop app");
  if (!lock.ok) throw new Error(`${lock.failure.message} ${lock.failure.advice}`);
  const store = withLock(opened, lock.value);
  const link = watched<LinkState>("connecting");
  const engine = startEngineThread(
    builtFiles.engineThread,
    {
      guardFile: guardFileOf(store.file),
      ownKnownHosts: path.join(directory, "known_hosts"),
      env: engineEnvironment,
    },
    (alive) => {
      log.write(alive ? "the engine thread runs again" : "the engine thread has ended");
      link.set(alive ? "live" : "lost");
    },
  );
  const galvanometers = new GalvanometerWindows({
    engine,
    tlsChoices: openTlsChoices({ directory, log: log.write }),
    log: log.write,
  });
  const operator = openOperatorDesk({ engine, directory, log: log.write });
  const updates = openUpdates({ directory, log: log.write });
  const service = createService({
    store,
    env: environment,
    engine,
    showGalvanometer: galvanometers.show,
    operator,
    updates,
    sandbox: startSandboxThread(builtFiles.sandboxThread),
    startExport: exportOnThread(builtFiles.exportThread),
    about: {
      version: app.getVersion(),
      runtime: "desktop",
      engine: `Electron ${process.versions.electron}`,
      platform: `${process.platform} ${process.arch} ${os.release()}`,
    },
  });
  operator.followConfig(service);
  // Node's own clocks notice a sleep a moment later, and on some systems not at all.
  powerMonitor.on("resume", () => void engine.wake());
  await startDesktop({
    directory,
    log,
    ipcMain,
    service,
    updates,
    galvanometers,
    configFile: store.file,
    trayVisible: await trayVisible,
    cut: async () => {
      // The service closes once; only the engine itself can be told to cut a drain short.
      await engine.close(0);
      await service.close(0);
    },
    link,
  });
}

/** A defect in one corner must not end the connections of all routes: it is logged, and Shunt goes on. */
function surviveDefects(): void {
  process.on("uncaughtException", (error) =>
    log.write(`uncaught exception: ${error.stack ?? String(error)}`),
  );
  process.on("unhandledRejection", (reason) => log.write(`unhandled rejection: ${describe(reason)}`));
  app.on("child-process-gone", (_event, details) =>
    log.write(`${details.type} process ended: ${details.reason}`),
  );
}

function failToStart(error: unknown): void {
  log.write(`start: ${describe(error)}`);
  const reason = error instanceof Error ? error.message : String(error);
  dialog.showErrorBox("Shunt could not start", `${reason}\n\nThe log in ${log.directory} says more.`);
  app.exit(1);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
