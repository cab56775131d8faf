/** The native mover (native/): loaded where it was built for this system, done without where not. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { errorText } from "../failures.ts";

/** See native/mover.h for what each call promises. */
export interface NativeAddon {
  readonly slotsPerBlock: number;
  start(listener: NativeListener): boolean;
  addSlots(counters: Float64Array): number;
  join(slot: number, token: number, clientFd: number, backendFd: number): number;
  cut(slot: number, token: number): boolean;
}

/** `side`: 0 for the client, 1 for the backend. `error`: an errno. */
export type NativeListener = (slot: number, token: number, what: number, side: number, error: number) => void;

export type LoadedAddon = { readonly addon: NativeAddon } | { readonly missing: string };

/** `file`: the built addon. SHUNT_NATIVE=0 does without it. Never throws. */
export function loadNativeAddon(file: string, env: NodeJS.ProcessEnv = process.env): LoadedAddon {
  if (env["SHUNT_NATIVE"] === "0") return { missing: "switched off by SHUNT_NATIVE=0" };
  if (process.platform !== "linux") return { missing: "there is none for this system" };
  if (!existsSync(file)) return { missing: "it was not built: no C compiler, or no headers of Node.js" };
  try {
    return { addon: createRequire(file)(file) as NativeAddon };
  } catch (error) {
    return { missing: `it cannot be loaded: ${errorText(error)}` };
  }
}
