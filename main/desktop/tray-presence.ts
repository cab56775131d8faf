/** Whether a tray icon would be seen. Electron cannot tell on Linux: its tray has no bounds there, seen or not. */
import { execFile } from "node:child_process";

const queries: readonly (readonly [command: string, ...args: string[]])[] = [
  [
    "dbus-send",
    "--session",
    "--print-reply",
    "--reply-timeout=1000",
    "--dest=org.kde.StatusNotifierWatcher",
    "/StatusNotifierWatcher",
    "org.freedesktop.DBus.Properties.Get",
    "string:org.kde.StatusNotifierWatcher",
    "string:IsStatusNotifierHostRegistered",
  ],
  [
    "gdbus",
    "call",
    "--session",
    "--timeout",
    "1",
    "--dest",
    "org.kde.StatusNotifierWatcher",
    "--object-path",
    "/StatusNotifierWatcher",
    "--method",
    "org.freedesktop.DBus.Properties.Get",
    "org.kde.StatusNotifierWatcher",
    "IsStatusNotifierHostRegistered",
  ],
];

/**
 * True on macOS and Windows, and on a Linux desktop that says over D-Bus that it shows status icons. Plain GNOME does
 * not, and then the tray must not be the only way back.
 */
export async function findTrayVisible(platform: NodeJS.Platform): Promise<boolean> {
  if (platform === "darwin" || platform === "win32") return true;
  for (const [command, ...args] of queries) {
    const answer = await run(command, args);
    if (answer !== null) return /\btrue\b/.test(answer);
  }
  return false;
}

/** What the command printed; an empty string when it failed, null when there is no such command. */
function run(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 2_000 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else resolve(error.code === "ENOENT" ? null : "");
    });
  });
}
