import { expect, test } from "vitest";
import type { LiveEvent } from "../../app/contract/live.ts";
import { openFollowers } from "../../app/service/followers.ts";
import type { Following } from "../../app/engine/snapshot-feed.ts";

function engine() {
  const told: Following[] = [];
  const waiting: (() => void)[] = [];
  const follow = openFollowers((wanted) => {
    told.push(wanted);
    return new Promise((resolve) => waiting.push(resolve));
  });
  return { told, follow, answer: () => waiting.splice(0).forEach((resolve) => resolve()) };
}

test("the engine hears what all followers together want, and only when that is something else", () => {
  const { told, follow } = engine();
  const [one, other] = [follow(), follow()];
  expect(told).toEqual([{ often: true, connections: false }]);
  void one.listConnections(true);
  void other.listConnections(true);
  expect(told.slice(1)).toEqual([{ often: true, connections: true }]);
  one.stop();
  void other.listConnections(false);
  expect(told.slice(2)).toEqual([{ often: true, connections: false }]);
  other.stop();
  other.stop();
  expect(told.slice(3)).toEqual([{ often: false, connections: false }]);
});

test("who is gone lists nothing any more", () => {
  const { told, follow } = engine();
  const gone = follow();
  gone.stop();
  void gone.listConnections(true);
  expect(told.at(-1)).toEqual({ often: false, connections: false });
});

test("listing has begun once the engine says so, for the second who wants it too", async () => {
  const { follow, answer } = engine();
  const begun: string[] = [];
  const [one, other] = [follow(), follow()];
  const all = Promise.all([
    one.listConnections(true).then(() => begun.push("one")),
    other.listConnections(true).then(() => begun.push("other")),
  ]);
  await Promise.resolve();
  expect(begun).toEqual([]);
  answer();
  await all;
  expect(begun).toEqual(["one", "other"]);
});

test("an engine that does not answer keeps nobody waiting", async () => {
  const follow = openFollowers(() => Promise.reject(new Error("The thread has ended.")));
  await expect(follow().listConnections(true)).resolves.toBeUndefined();
});

test("rows of connections are heard by who lists them alone, and all else by everybody", () => {
  const { follow } = engine();
  const [lists, other] = [follow(), follow()];
  void lists.listConnections(true);
  const event: LiveEvent = {
    type: "changes",
    changes: { revision: 2, time: "t", connections: { removed: ["c1"] }, openConnections: 4 },
  };
  expect(lists.heard(event)).toBe(event);
  expect(other.heard(event)).toEqual({
    type: "changes",
    changes: { revision: 2, time: "t", openConnections: 4 },
  });
  const config: LiveEvent = { type: "config", revision: 3 };
  expect(other.heard(config)).toBe(config);
});
