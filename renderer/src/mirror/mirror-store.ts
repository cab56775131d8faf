import { create } from "zustand";
import type { ActivityEntry } from "../../../app/contract/activity.ts";
import type { LinkState } from "../../../app/contract/bridge.ts";
import type { About, SavedConfig } from "../../../app/contract/commands.ts";
import type { Failure } from "../../../app/contract/failures.ts";
import type { KeptSecret } from "../../../app/contract/questions.ts";
import type { SandboxStatus } from "../../../app/contract/sandbox.ts";
import type { UpdateStatus } from "../../../app/contract/update.ts";
import type { MirroredRows } from "./apply-changes.ts";

/** What the engine says, as last heard. Written by `bridge/connect.ts` alone. */
export interface Mirror extends MirroredRows {
  readonly link: LinkState;
  /** True once a first snapshot and configuration have arrived. */
  readonly ready: boolean;
  /** Why the last fetch failed, while nothing could be shown at all. */
  readonly loadFailure: Failure | null;
  readonly saved: SavedConfig | null;
  /** Oldest first. */
  readonly activity: readonly ActivityEntry[];
  readonly sandbox: SandboxStatus | null;
  /** Which secrets are kept; never a secret itself. */
  readonly secrets: readonly KeptSecret[];
  readonly about: About | null;
  /** Null where this Shunt asks for no updates. */
  readonly update: UpdateStatus | null;
}

export const emptyMirror: Mirror = {
  link: "connecting",
  ready: false,
  loadFailure: null,
  revision: -1,
  time: "",
  routes: [],
  backends: [],
  pools: [],
  tunnels: [],
  connections: null,
  openConnections: 0,
  saved: null,
  activity: [],
  sandbox: null,
  secrets: [],
  about: null,
  update: null,
};

/** The engine mirror. */
export const useMirror = create<Mirror>()(() => emptyMirror);
