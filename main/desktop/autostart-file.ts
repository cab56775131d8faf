/** XDG Autostart: a desktop entry in a folder is what a Linux desktop starts at login. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

export interface LoginItem {
  isOn(): boolean;
  /** Throws where the system refuses. */
  set(on: boolean): void;
}

export function autostartFile(
  file: string,
  { program, args }: { readonly program: string; readonly args: readonly string[] },
): LoginItem {
  return {
    isOn() {
      const lines = linesOf(file);
      // Desktops switch an entry off in place.
      return lines !== null && !lines.some((line) => switchedOff.includes(line));
    },
    set(on) {
      if (!on) return rmSync(file, { force: true });
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, desktopEntry([program, ...args]), { mode: 0o600 });
    },
  };
}

const switchedOff: readonly string[] = ["Hidden=true", "X-GNOME-Autostart-enabled=false"];

/** Null where there is no such file. */
function linesOf(file: string): readonly string[] | null {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return null;
  }
}

function desktopEntry(command: readonly string[]): string {
  return [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Shunt",
    "Comment=Proxy manager for AMPS",
    `Exec=${command.map(quoted).join(" ")}`,
    "Terminal=false",
    "",
  ].join("\n");
}

/** Desktop Entry Specification, "The Exec key": quotes around, a backslash before what the shell would read, %% for %. */
function quoted(argument: string): string {
  const escaped = argument.replace(/["`$\\]/g, "\\$&").replace(/%/g, "%%");
  // The value itself is a string with escapes of its own: its backslashes are doubled once more.
  return `"${escaped.replace(/\\/g, "\\\\")}"`;
}
