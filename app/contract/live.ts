/** What is pushed to a UI. Facts of the past; the snapshot is the truth, so a UI subscribes first and then fetches one. */
import type { ActivityEntry } from "./activity.ts";
import type { ExaminationEvent } from "./examination.ts";
import type { KeptSecret } from "./questions.ts";
import type { SandboxStatus } from "./sandbox.ts";
import type { SnapshotChanges } from "./snapshot.ts";
import type { UpdateStatus } from "./update.ts";

export type LiveEvent =
  | { readonly type: "changes"; readonly changes: SnapshotChanges }
  | { readonly type: "activity"; readonly entries: readonly ActivityEntry[] }
  /** The saved configuration has a new revision: fetch it. */
  | { readonly type: "config"; readonly revision: number }
  | { readonly type: "sandbox"; readonly status: SandboxStatus }
  | ExaminationEvent
  /** At most four a second while a package arrives. */
  | { readonly type: "update"; readonly status: UpdateStatus }
  /** Which secrets are kept: all of them, whenever they are others than before. */
  | { readonly type: "secrets"; readonly kept: readonly KeptSecret[] };
