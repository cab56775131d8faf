import type { Bridge } from "../../../app/contract/bridge.ts";
import { changesBetween } from "../edit/config-changes.ts";
import { type Saved, tellSaved } from "../edit/tell-saved.ts";
import { sentenceOf } from "./count-rows.ts";

/** Says what an import has done: `Added 1 backend and 1 route.` */
export function tellImported(bridge: Bridge, saved: Saved): void {
  const changes = changesBetween(saved.before, saved.after);
  const kinds = ["added", "changed", "removed"] as const;
  const said = sentenceOf(
    kinds.map((kind) => [kind, changes.filter((one) => one.kind === kind).map(({ noun }) => noun)]),
  );
  tellSaved(bridge, said ?? "Nothing was imported that was not there already.", saved);
}
