import { expect, test } from "vitest";
import type { LiveEvent } from "../../app/contract/live.ts";
import { createLiveMirror, withChanges, type MirroredService } from "../../main/desktop/live-mirror.ts";
import { config, route, routeStatus, snapshot } from "./facts.ts";

/** A service that answers with what the test put in, and speaks when the test does. */
function fakeService() {
  const state = { snapshot: snapshot(), config: config() };
  let listener: (event: LiveEvent) => void = () => {};
  const service: MirroredService = {
    handle: async (name) => ({
      ok: true,
      value: name === "snapshot.get" ? state.snapshot : { revision: 1, config: state.config, notice: null },
    }),
    onEvent(next) {
      listener = next;
      return () => {};
    },
  };
  return { state, service, say: (event: LiveEvent) => listener(event) };
}

test("the mirror follows changes and ignores what is older than it has", async () => {
  const { state, service, say } = fakeService();
  state.snapshot = snapshot({ revision: 5, routes: [routeStatus("a"), routeStatus("b")] });
  const mirror = createLiveMirror(service);
  await mirror.refresh();
  say({ type: "changes", changes: { revision: 5, time: "t", routes: { removed: ["a"] } } });
  expect(mirror.current().snapshot?.routes.map((row) => row.id)).toEqual(["a", "b"]);
  say({
    type: "changes",
    changes: { revision: 6, time: "t", routes: { set: [routeStatus("a", { state: "failed" })] } },
  });
  expect(mirror.current().snapshot?.routes.map((row) => row.state)).toEqual(["failed", "listening"]);
});

test("a saved configuration is fetched again", async () => {
  const { state, service, say } = fakeService();
  const mirror = createLiveMirror(service);
  await mirror.refresh();
  state.config = config({ routes: [route("new")] });
  const told = new Promise<void>((resolve) => mirror.onChange(resolve));
  say({ type: "config", revision: 2 });
  await told;
  expect(mirror.current().config?.routes.map((row) => row.id)).toEqual(["new"]);
});

test("rows are set, removed and put in their new order", () => {
  const before = snapshot({ routes: [routeStatus("a"), routeStatus("b")] });
  const after = withChanges(before, {
    revision: 2,
    time: "t",
    routes: { set: [routeStatus("c")], removed: ["a"], order: ["c", "b"] },
  });
  expect(after.routes.map((row) => row.id)).toEqual(["c", "b"]);
  expect(before.routes.map((row) => row.id)).toEqual(["a", "b"]);
});
