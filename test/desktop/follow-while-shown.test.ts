import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { followWhileShown, type ShownWindow } from "../../main/desktop/follow-while-shown.ts";

class FakeWindow extends EventEmitter {
  state = { visible: false, minimized: false, destroyed: false };
  isVisible = () => this.state.visible;
  isMinimized = () => this.state.minimized;
  isDestroyed = () => this.state.destroyed;

  become(event: string, state: Partial<typeof this.state>): void {
    this.state = { ...this.state, ...state };
    this.emit(event);
  }
}

function followed(window: FakeWindow) {
  const told: string[] = [];
  const follower = followWhileShown(window as unknown as ShownWindow, {
    follow() {
      told.push("follows");
      return {
        listConnections: async (lists) => void told.push(lists ? "lists" : "lists nothing"),
        heard: () => ({ type: "config", revision: 1 }),
        stop: () => void told.push("leaves"),
      };
    },
  });
  return { told, follower };
}

test("the window is a follower while it can be seen, and one only", () => {
  const window = new FakeWindow();
  const { told } = followed(window);
  expect(told).toEqual([]);
  window.become("show", { visible: true });
  window.become("restore", {});
  expect(told).toEqual(["follows", "lists nothing"]);
  window.become("minimize", { minimized: true });
  window.become("hide", { visible: false });
  expect(told).toEqual(["follows", "lists nothing", "leaves"]);
  window.become("show", { visible: true, minimized: false });
  window.become("closed", { destroyed: true });
  expect(told).toEqual(["follows", "lists nothing", "leaves", "follows", "lists nothing", "leaves"]);
});

test("what the page lists is listed while the window can be seen, also where it asked before that", async () => {
  const window = new FakeWindow();
  const { told, follower } = followed(window);
  await follower.listConnections(true);
  expect(told).toEqual([]);
  window.become("show", { visible: true });
  expect(told).toEqual(["follows", "lists"]);
  await follower.listConnections(false);
  expect(told.at(-1)).toBe("lists nothing");
});

test("a hidden window hears events as they are, a shown one as its follower does", () => {
  const window = new FakeWindow();
  const { follower } = followed(window);
  expect(follower.heard({ type: "secrets", kept: [] })).toEqual({ type: "secrets", kept: [] });
  window.become("show", { visible: true });
  expect(follower.heard({ type: "secrets", kept: [] })).toEqual({ type: "config", revision: 1 });
});
