/** What only a desktop can do, made up. */
import type { Shell, ShellSettings, ShellWish } from "../../app/contract/bridge.ts";

export interface FakeShell extends Shell {
  /** Wishes for something as the menu, the tray or a notification does. */
  readonly wish: (wish: ShellWish) => void;
}

export function fakeShell(): FakeShell {
  const wishListeners = new Set<(wish: ShellWish) => void>();
  const listeners = new Set<(settings: ShellSettings) => void>();
  let settings: ShellSettings = { theme: "system", mutedRoutes: [] };
  const change = async (next: Partial<ShellSettings>): Promise<void> => {
    settings = { ...settings, ...next };
    listeners.forEach((listener) => listener(settings));
  };
  return {
    platform: "linux",
    copyText: (text) => navigator.clipboard.writeText(text),
    onSettings(listener) {
      listener(settings);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setTheme: (theme) => change({ theme }),
    setRouteMuted: (id, muted) =>
      change({
        mutedRoutes: [...settings.mutedRoutes.filter((other) => other !== id), ...(muted ? [id] : [])],
      }),
    saveFiles: async (files) => ({ ok: true, value: `/home/ops/${files[0]?.name ?? ""}` }),
    openRoute: async () => ({ ok: true, value: null }),
    getStartAtLogin: async () => false,
    setStartAtLogin: async (on) => on,
    onWish(listener) {
      wishListeners.add(listener);
      return () => wishListeners.delete(listener);
    },
    wish: (wish) => wishListeners.forEach((listener) => listener(wish)),
  };
}
