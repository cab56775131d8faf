/** The closed table of IPC channels between the preload script and the main process. */
import type { FileToSave, Theme } from "../../app/contract/bridge.ts";

/** Asked by the renderer, answered by the main process. */
export const requests = { call: "shunt:call", shell: "shunt:shell" } as const;

/** Pushed by the main process to the renderer. */
export const pushes = {
  /** A `LiveEvent` as JSON. */
  event: "shunt:event",
  link: "shunt:link",
  wish: "shunt:wish",
  settings: "shunt:settings",
} as const;

/** What travels on `shunt:shell`: the methods of the contract's `Shell`, and four questions of the preload's own. */
export type ShellRequest =
  | { readonly do: "copy-text"; readonly text: string }
  | { readonly do: "get-settings" }
  | { readonly do: "set-theme"; readonly theme: Theme }
  | { readonly do: "set-route-muted"; readonly id: string; readonly muted: boolean }
  | { readonly do: "save-files"; readonly files: readonly FileToSave[] }
  /** By its id: no URL of the page's making is opened. */
  | { readonly do: "open-route"; readonly id: string }
  | { readonly do: "get-start-at-login" }
  | { readonly do: "set-start-at-login"; readonly on: boolean }
  /** The UI listens for wishes from now on: send those that waited. */
  | { readonly do: "take-wishes" }
  /** Whether the engine is alive; answers with a `LinkState`. */
  | { readonly do: "get-link" }
  /** Answered once what is pushed is so: the contract's `listConnections`. */
  | { readonly do: "list-connections"; readonly listed: boolean };
