/** Tells when what a path leads to has changed, through links too. */
import { realpathSync, statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

/** Editors write a file in several steps; a change is told once they have settled. */
const settleMs = 150;

interface Watching {
  readonly onChange: () => void;
  /** Nothing more is told of a folder; the reason. */
  readonly onLost: (reason: string) => void;
}

/**
 * Watches the folders of the path and of the file that it leads to, since editors replace the file itself, and a mounted
 * ConfigMap turns a link beside it. The first change is told at once: what happened before has told nobody.
 */
export function watchFile(path: string, { onChange, onLost }: Watching): { close(): void } {
  const watchers = new Map<string, FSWatcher>();
  let settling: NodeJS.Timeout | null = null;
  let seen = "";

  const settle = (): void => {
    if (settling) clearTimeout(settling);
    settling = setTimeout(() => {
      follow();
      onChange();
    }, settleMs);
  };
  const look = (name: string | null): void => {
    const isNamed = name === null || name === basename(path);
    if (isNamed || (leadsElsewhere(path) && stampOf(path) !== seen)) settle();
  };
  const follow = (): void => {
    seen = stampOf(path);
    const folders = new Set([dirname(path), dirname(targetOf(path))]);
    for (const [folder, watcher] of watchers) if (!folders.has(folder)) forget(folder, watcher);
    for (const folder of folders) if (!watchers.has(folder)) begin(folder);
  };
  const begin = (folder: string): void => {
    try {
      const watcher = watch(folder, (_event, name) => look(name));
      watchers.set(folder, watcher);
      watcher.on("error", (error) => {
        forget(folder, watcher);
        onLost(error.message);
      });
    } catch (error) {
      onLost(error instanceof Error ? error.message : String(error));
    }
  };
  const forget = (folder: string, watcher: FSWatcher): void => {
    watchers.delete(folder);
    watcher.close();
  };

  follow();
  settle();
  return {
    close() {
      if (settling) clearTimeout(settling);
      for (const [folder, watcher] of watchers) forget(folder, watcher);
    },
  };
}

function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function leadsElsewhere(path: string): boolean {
  return targetOf(path) !== path;
}

/** Another one for another file, and for the same one once it is written. */
function stampOf(path: string): string {
  try {
    const { dev, ino, mtimeNs, size } = statSync(path, { bigint: true });
    return [dev, ino, mtimeNs, size].join(" ");
  } catch {
    return "";
  }
}
