/** What the desktop shell remembers for itself, apart from the configuration: small electron-stores. */
import Store from "electron-store";
import { z } from "zod";
import type { Theme } from "../../app/contract/bridge.ts";
import type { UpdateMemory } from "../../app/update/updates.ts";
import type { GalvanometerTls } from "../../app/galvanometer/galvanometers.ts";
import { themeMessage } from "./ipc-messages.ts";
import type { WindowState } from "./window-bounds.ts";

export interface DesktopSettings {
  readonly theme: Theme;
  /** The sandbox ran when Shunt last quit, so it starts again. */
  readonly sandboxRuns: boolean;
  /** Ids of the routes that no notification speaks of. */
  readonly mutedRoutes: readonly string[];
  /** The operator has been told that closing the window leaves Shunt running. */
  readonly closeHintShown: boolean;
}

/** One value that outlives the program; what cannot be read is the default, what cannot be written is logged. */
export interface Remembered<Value> {
  get(): Value;
  set(value: Value): void;
}

export interface StoreOptions {
  readonly directory: string;
  readonly log: (message: string) => void;
}

const coordinate = z.number().int().min(-1_000_000).max(1_000_000);
const length = z.number().int().min(1).max(100_000);
const windowState = z.object({
  bounds: z.object({ x: coordinate, y: coordinate, width: length, height: length }),
  maximised: z.boolean(),
});

const desktopSettings = z.object({
  theme: themeMessage.catch("system"),
  sandboxRuns: z.boolean().catch(false),
  mutedRoutes: z.array(z.string()).catch([]),
  closeHintShown: z.boolean().catch(false),
});

export function openSettings(options: StoreOptions): Remembered<DesktopSettings> {
  return remember("settings", options, (stored) => desktopSettings.parse(stored));
}

/** Backends whose Galvanometer was last opened with the TLS spoken by Shunt, or by the window: id → which. */
export type TlsChoices = Readonly<Record<string, GalvanometerTls>>;

export function openTlsChoices(options: StoreOptions): Remembered<TlsChoices> {
  const choices = z.record(z.string(), z.enum(["passthrough", "originate"]));
  return remember("galvanometer-tls", options, (stored) => choices.safeParse(stored).data ?? {});
}

const updateMemory = z.object({
  daily: z.boolean().catch(false),
  askedAt: z.iso.datetime().nullable().catch(null),
});

export function openUpdateMemory(options: StoreOptions): Remembered<UpdateMemory> {
  return remember("updates", options, (stored) => updateMemory.parse(stored));
}

export function openWindowState(options: StoreOptions): Remembered<WindowState | null> {
  return remember("window-state", options, (stored) => windowState.safeParse(stored).data ?? null);
}

function remember<Value extends object | null>(
  name: string,
  { directory, log }: StoreOptions,
  read: (stored: unknown) => Value,
): Remembered<Value> {
  let store: Store | null = null;
  let value = read({});
  try {
    store = new Store({
      name,
      cwd: directory,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      // Worth less than starting: an unreadable one begins anew.
      clearInvalidConfig: true,
    });
    value = read(store.store);
  } catch (error) {
    log(`${name} could not be read: ${String(error)}`);
  }
  return {
    get: () => value,
    set(next) {
      value = next;
      try {
        if (store !== null) store.store = { ...next };
      } catch (error) {
        log(`${name} could not be written: ${String(error)}`);
      }
    },
  };
}
