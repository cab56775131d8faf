import type { Bridge } from "../../../app/contract/bridge.ts";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { showFailure, showToast } from "../view/toasts.ts";
import { changeConfig } from "./change-config.ts";
import {
  type CollectionName,
  type Collections,
  type RemovedRows,
  usersOf,
  withRowsBack,
  withoutRows,
} from "./config-edit.ts";

export interface RemoveOptions<Name extends CollectionName> {
  readonly bridge: Bridge;
  readonly collection: Name;
  readonly ids: readonly string[];
  /** Backends that go along, unless something else uses them by now. */
  readonly backends?: readonly string[];
  /** What is said afterwards: `Route orders-in deleted.` */
  readonly said: string;
  readonly graceMs?: number;
}

/** Deletes rows and offers to put them back where they were. */
export async function removeRows<Name extends CollectionName>(
  options: RemoveOptions<Name>,
): Promise<boolean> {
  const { bridge, collection, ids, backends = [], said, graceMs } = options;
  let removed: RemovedRows<Collections[Name]>["removed"] = [];
  let along: RemovedRows<Collections["backends"]>["removed"] = [];
  const remove = (config: ShuntConfig): ShuntConfig => {
    const rest = withoutRows(config, collection, new Set(ids));
    const unused = backends.filter((id) => usersOf(rest.config, id).length === 0);
    const all = withoutRows(rest.config, "backends", new Set(unused));
    removed = rest.removed;
    along = all.removed;
    return all.config;
  };
  const reply = await changeConfig(bridge, remove, graceMs);
  if (!reply.ok) {
    showFailure(reply.failure);
    return false;
  }
  const undo = async (): Promise<void> => {
    const back = await changeConfig(bridge, (config) =>
      withRowsBack(withRowsBack(config, "backends", along), collection, removed),
    );
    if (!back.ok) showFailure(back.failure);
  };
  const text = [said, ...along.map(({ row }) => `Backend ${row.id} went along.`)].join(" ");
  if (removed.length > 0) showToast({ tone: "ok", text, action: { label: "Undo", run: () => void undo() } });
  return true;
}
