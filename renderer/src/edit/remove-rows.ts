import type { Bridge } from "../../../app/contract/bridge.ts";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { type CollectionName, usersOf, withoutRows } from "./config-edit.ts";
import { changeAndTell } from "./tell-saved.ts";

interface RemoveOptions {
  readonly bridge: Bridge;
  readonly collection: CollectionName;
  readonly ids: readonly string[];
  /** Backends that go along, unless something else uses them by now. */
  readonly backends?: readonly string[];
  /** What is said afterwards: `Route orders-in deleted.` */
  readonly said: string;
  readonly graceMs?: number | undefined;
}

/** Deletes rows and offers to put them back where they were; true when they are gone. */
export function removeRows(options: RemoveOptions): Promise<boolean> {
  const { bridge, collection, ids, backends = [], said, graceMs } = options;
  let along: readonly string[] = [];
  const edit = (config: ShuntConfig): ShuntConfig => {
    const rest = withoutRows(config, collection, new Set(ids));
    along = backends.filter((id) => usersOf(rest, id).length === 0);
    return withoutRows(rest, "backends", new Set(along));
  };
  const text = (): string => [said, ...along.map((id) => `Backend ${id} went along.`)].join(" ");
  return changeAndTell({ bridge, edit, said: text, graceMs });
}
