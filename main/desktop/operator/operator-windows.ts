/** The operator's desk of the desktop app: its windows, its keychain, its file. */
import path from "node:path";
import { app, BrowserWindow, safeStorage } from "electron";
import type { EngineHandle } from "../../../app/engine/engine-handle.ts";
import type { OperatorDesk } from "../../../app/service/operator-desk.ts";
import type { ShuntService } from "../../../app/service/service.ts";
import { isOwnUrl } from "../sender.ts";
import { askOperator } from "./ask-operator.ts";
import { findKeychain } from "./keychain.ts";
import { openPrompt } from "./prompt-window.ts";
import { SecretVault } from "./secret-vault.ts";

interface OperatorWindowsOptions {
  readonly engine: Pick<EngineHandle, "onEvent" | "answerQuestion">;
  readonly directory: string;
  readonly log: (message: string) => void;
}

interface OperatorWindows extends OperatorDesk {
  /** Forgets the secrets of tunnels that are configured no longer. */
  followConfig(service: Pick<ShuntService, "onEvent" | "current">): void;
}

export function openOperatorDesk({ engine, directory, log }: OperatorWindowsOptions): OperatorWindows {
  const vault = new SecretVault({
    file: path.join(directory, "secrets.json"),
    keychain: () => findKeychain(safeStorage, process.platform),
    log,
  });
  const desk = askOperator({
    engine,
    vault,
    open: (page) => openPrompt({ parent: mainWindow(), modal: false, page, isPackaged: app.isPackaged }),
    log,
  });
  return {
    kept: () => desk.kept(),
    forget: (tunnel) => desk.forget(tunnel),
    onKept: (listener) => desk.onKept(listener),
    show: (tunnel) => desk.show(tunnel),
    followConfig(service) {
      service.onEvent((event) => {
        if (event.type === "config") vault.retain(service.current().config.tunnels.map(({ id }) => id));
      });
    },
  };
}

/** Only where it can be seen: a window before a hidden one would be hidden with it. */
function mainWindow(): BrowserWindow | null {
  const isMain = (one: BrowserWindow) => isOwnUrl(one.webContents.getURL());
  return (
    BrowserWindow.getAllWindows().find((one) => isMain(one) && one.isVisible() && !one.isMinimized()) ?? null
  );
}
