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

test("the window is a follower while it can be seen, and one only", () => {
  const window = new FakeWindow();
  const told: string[] = [];
  followWhileShown(window as unknown as ShownWindow, {
    follow() {
      told.push("follows");
      return () => told.push("leaves");
    },
  });
  expect(told).toEqual([]);
  window.become("show", { visible: true });
  window.become("restore", {});
  expect(told).toEqual(["follows"]);
  window.become("minimize", { minimized: true });
  window.become("hide", { visible: false });
  expect(told).toEqual(["follows", "leaves"]);
  window.become("show", { visible: true, minimized: false });
  window.become("closed", { destroyed: true });
  expect(told).toEqual(["follows", "leaves", "follows", "leaves"]);
});
