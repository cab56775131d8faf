/** What the UI holds in its hand: the contract's commands and events, whatever carries them (IPC or HTTP). */
import type { Argument, CommandName, Reply, Result } from "./commands.ts";
import type { LiveEvent } from "./live.ts";

/** A wish that the desktop shell (menu, tray, notification) puts to the UI. */
export type ShellWish =
  | {
      readonly do: "show";
      readonly screen: "routes" | "backends" | "pools" | "connections" | "activity" | "settings";
      readonly id?: string;
    }
  | { readonly do: "new-route" }
  | { readonly do: "focus-filter" };

export type Theme = "system" | "light" | "dark";

/** What the desktop app keeps for itself, apart from the configuration. */
export interface ShellSettings {
  readonly theme: Theme;
  /** Ids of the routes of whose outages the system's notifications say nothing. */
  readonly mutedRoutes: readonly string[];
}

export interface FileToSave {
  /** Without a folder. */
  readonly name: string;
  readonly text: string;
}

/** What only a desktop can do. Absent in a browser, where the UI leaves it out. */
export interface Shell {
  readonly platform: string;
  copyText(text: string): Promise<void>;
  /** Tells the settings at once, and again whenever they change, wherever that was done. Returns how to stop. */
  onSettings(listener: (settings: ShellSettings) => void): () => void;
  setTheme(theme: Theme): Promise<void>;
  setRouteMuted(id: string, muted: boolean): Promise<void>;
  /**
   * Asks the operator where, and writes the files there: one under the name that they choose, several into a folder.
   * Resolves with where they are; null where the operator cancelled; EXPORT_NOT_SAVED where the disk refused.
   */
  saveFiles(files: readonly FileToSave[]): Promise<Reply<string | null>>;
  /** Opens a route's own address in the system's browser; NOT_FOUND, NOT_POSSIBLE_HERE where it has no page on this machine. */
  openRoute(id: string): Promise<Reply<null>>;
  getStartAtLogin(): Promise<boolean>;
  /** Resolves with what the system has it at afterwards: it may refuse. */
  setStartAtLogin(on: boolean): Promise<boolean>;
  onWish(listener: (wish: ShellWish) => void): () => void;
}

/** Whether events still arrive; `lost` means that what the UI shows may be old. */
export type LinkState = "connecting" | "live" | "lost";

export interface Bridge {
  call<N extends CommandName>(name: N, argument: Argument<N>): Promise<Reply<Result<N>>>;
  onEvent(listener: (event: LiveEvent) => void): () => void;
  onLink(listener: (state: LinkState) => void): () => void;
  readonly shell: Shell | null;
}

/** A bridge as its carrier opens it. */
export interface LiveBridge extends Bridge {
  /**
   * Whether change sets tell of connections; at first they do not, since there may be thousands of which no screen shows one.
   * Resolves once those to come do: a snapshot that is fetched then has the rows that they change.
   */
  listConnections(isListed: boolean): Promise<void>;
}

/**
 * The bridge as the desktop's preload script exposes it: each event as JSON. What passes from its world into the page's is
 * copied there value by value, which for the rows of a busy engine was half of what the window cost; a string is one value.
 */
export interface ExposedBridge extends Omit<LiveBridge, "onEvent"> {
  onEvent(listener: (json: string) => void): () => void;
}

declare global {
  interface Window {
    /** Set by the preload script in the desktop app; absent in a browser. */
    readonly shunt?: ExposedBridge;
  }
}
