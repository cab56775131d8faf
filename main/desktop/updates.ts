/** New versions on a desktop: where this build asks, what it runs as, and the clock that asks where the operator wants it. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { app, shell } from "electron";
import type { UpdateDesk } from "../../app/service/updates.ts";
import { readUpdateSource } from "../../app/update/update-source.ts";
import { createUpdates } from "../../app/update/updates.ts";
import { showNotification } from "./notifications.ts";
import { openUpdateMemory, type StoreOptions } from "./small-stores.ts";

/** Undefined where the build's package.json names no feed (`npm run package -- --updates FILE` puts it there), or none that is right. */
export function openUpdates({ directory, log }: StoreOptions): UpdateDesk | undefined {
  const facts = buildFacts();
  if (facts === undefined) return undefined;
  const read = readUpdateSource(facts);
  if (!read.ok) {
    log(`this build asks for no updates: ${read.problem}`);
    return undefined;
  }
  const updates = createUpdates({
    source: read.source,
    running: {
      version: app.getVersion(),
      platform: process.platform,
      arch: process.arch,
      packaging: packagingOf(process.platform),
    },
    memory: openUpdateMemory({ directory, log }),
    folder: () => app.getPath("downloads"),
  });
  let before = updates.status().stage;
  updates.onChange(({ stage }) => {
    if (stage.is !== before.is)
      log(`updates: ${stage.is === "failed" ? `${stage.failure.code}: ${stage.failure.message}` : stage.is}`);
    before = stage;
  });
  const reveal = (file: string): boolean => {
    if (!existsSync(file)) return false;
    shell.showItemInFolder(file);
    return true;
  };
  return { updates, reveal };
}

/** In a packed app package.json is inside the archive, and as trustworthy as the program. */
function buildFacts(): unknown {
  const manifest: unknown = JSON.parse(readFileSync(path.join(app.getAppPath(), "package.json"), "utf8"));
  return typeof manifest === "object" && manifest !== null && "updates" in manifest
    ? manifest.updates
    : undefined;
}

function packagingOf(platform: NodeJS.Platform): string {
  if (platform === "win32") return ".exe";
  if (platform === "darwin") return ".dmg";
  return process.env["APPIMAGE"] === undefined ? ".deb" : ".AppImage";
}

interface DailyAsking {
  readonly desk: UpdateDesk;
  readonly show: () => void;
  readonly log: (message: string) => void;
}

const lookEveryMs = 3_600_000;

/** Asks once a day where the operator has turned that on, and tells of a newer version by the system's notification. */
export function askDaily({ desk: { updates }, show, log }: DailyAsking): void {
  const look = async (): Promise<void> => {
    if (!updates.isCheckDue()) return;
    await updates.check();
    const { stage } = updates.status();
    if (stage.is !== "newer") return;
    const body = `Version ${stage.release.version} of ${stage.release.released} can be downloaded.`;
    showNotification({ title: "A newer Shunt", body, onClick: show, log });
  };
  updates.onChange(() => void look());
  setInterval(() => void look(), lookEveryMs).unref();
  void look();
}
