/** A bridge to an engine that is made up: for work on the UI and its tests. Never part of the shipped build. */
import type { LiveBridge } from "../../app/contract/bridge.ts";
import type { CommandName } from "../../app/contract/commands.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { fakeCommands } from "./fake-commands.ts";
import { createFakeExaminations } from "./fake-examination.ts";
import { type FakeShell, fakeShell } from "./fake-shell.ts";
import { createFakeWorld, type FakeWorld, type FakeWorldOptions } from "./fake-world.ts";

interface FakeBridgeOptions extends FakeWorldOptions {
  readonly tickMs: number;
  /** With what only a desktop can do. */
  readonly desktop?: boolean;
}

/** A fake, and what a test may do to it from outside. */
export interface FakeBridge extends LiveBridge {
  readonly shell: FakeShell | null;
  /** Saves a change as if another window had made it. */
  changeElsewhere(edit: (config: ShuntConfig) => ShuntConfig): void;
  /** Keeps the hops of tests silent, or lets them answer again. */
  holdExaminations(on: boolean): void;
  /** Lets exports take until they are stopped, or end again. */
  holdExports(on: boolean): void;
  carry: FakeWorld["carry"];
  /** Stops its clock. */
  end(): void;
}

declare global {
  interface Window {
    /** The fake behind the page, for tests. */
    fake?: FakeBridge;
  }
}

export function createFakeBridge(options: FakeBridgeOptions): FakeBridge {
  const world = createFakeWorld(options);
  const examinations = createFakeExaminations(world.emit);
  const handlers = fakeCommands(world, examinations);
  const clock = setInterval(() => world.pass(), options.tickMs);
  return {
    shell: options.desktop ? fakeShell() : null,
    // The engine is at least a thread away.
    call: (name: CommandName, argument: unknown) =>
      new Promise((resolve) => setTimeout(() => resolve(structuredClone(argument)), 5)).then((copy) =>
        (handlers[name] as (a: unknown) => Promise<never>)(copy),
      ),
    onEvent: (listener) => world.onEvent(listener),
    onLink(listener) {
      listener("live");
      return () => undefined;
    },
    listConnections: () => Promise.resolve(),
    changeElsewhere: (edit) => void world.put(edit(world.facts().saved.config)),
    holdExaminations: examinations.hold,
    holdExports: (on) => world.holdExports(on),
    carry: world.carry,
    end: () => clearInterval(clock),
  };
}
