/** Choosing items of an import. */
import { expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { ImportItem } from "../../app/contract/import.ts";
import {
  describeChosen,
  suggestedItems,
  toggleItem,
  withChosen,
} from "../../renderer/src/import/choose-items.ts";

const common = { origin: "x", suggested: true, note: null, status: "new" } as const;
const items: readonly ImportItem[] = [
  { ...common, kind: "tunnel", key: "tunnel t", row: { id: "t", type: "ssh", address: "t" }, needs: [] },
  {
    ...common,
    kind: "backend",
    key: "backend b",
    row: { id: "b", via: "t", amps: "tcp://b:1" },
    needs: ["tunnel t"],
  },
  {
    ...common,
    kind: "backend",
    key: "backend old",
    row: { id: "old", amps: "tcp://o:1", websocket: "ws://o:2" },
    status: "changed",
    needs: [],
  },
  {
    ...common,
    kind: "backend",
    key: "backend known",
    row: { id: "known", amps: "tcp://k:1" },
    status: "known",
    needs: [],
  },
  {
    ...common,
    kind: "route",
    key: "route r",
    row: { id: "r", listen: "1", transport: "amps", target: "b" },
    suggested: false,
    needs: ["backend b"],
  },
];
const config: ShuntConfig = {
  version: 1,
  tunnels: [],
  backends: [
    { id: "old", amps: "tcp://o:1" },
    { id: "known", amps: "tcp://k:1" },
  ],
  pools: [],
  routes: [{ id: "to-old", listen: "2", transport: "amps", target: "old" }],
};

test("what is suggested is chosen to begin with, what is known never", () => {
  const chosen = suggestedItems({ items, notUnderstood: [] });
  expect([...chosen]).toEqual(["tunnel t", "backend b", "backend old"]);
  expect(describeChosen(items, chosen)).toBe("Adds 1 tunnel and 1 backend, and changes 1 backend.");
});

test("an item comes with what it needs, and goes with what needed it", () => {
  const all = toggleItem(items, new Set(), "route r", true);
  expect([...all].sort()).toEqual(["backend b", "route r", "tunnel t"]);
  expect(describeChosen(items, all)).toBe("Adds 1 tunnel, 1 backend and 1 route.");
  const none = toggleItem(items, all, "tunnel t", false);
  expect([...none]).toEqual([]);
  expect(describeChosen(items, none)).toBe(null);
});

test("chosen rows are added, or take the place of the row with their id", () => {
  const chosen = new Set(["tunnel t", "backend b", "backend old", "backend known", "route r"]);
  expect(withChosen(config, items, chosen)).toEqual({
    version: 1,
    tunnels: [{ id: "t", type: "ssh", address: "t" }],
    backends: [
      { id: "old", amps: "tcp://o:1", websocket: "ws://o:2" },
      { id: "known", amps: "tcp://k:1" },
      { id: "b", via: "t", amps: "tcp://b:1" },
    ],
    pools: [],
    routes: [config.routes[0], { id: "r", listen: "1", transport: "amps", target: "b" }],
  });
});
