import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { withSetupLock } from "../../scripts/setup/lock.mjs";
import { tempFolder } from "./temp-folder.ts";

test("two setups of one checkout run one after the other", async () => {
  const file = join(tempFolder(), "lock");
  const order: string[] = [];
  const setup = (name: string) =>
    withSetupLock(async () => {
      order.push(`${name} begins`);
      await sleep(50);
      order.push(`${name} ends`);
    }, file);
  await Promise.all([setup("first"), setup("second")]);
  expect(order).toEqual(["first begins", "first ends", "second begins", "second ends"]);
  expect(existsSync(file)).toBe(false);
});

test("a lock is freed by a setup that fails", async () => {
  const file = join(tempFolder(), "lock");
  await expect(withSetupLock(() => Promise.reject(new Error("no")), file)).rejects.toThrow("no");
  expect(existsSync(file)).toBe(false);
});

test("a lock whose owner has died is taken over", async () => {
  const file = join(tempFolder(), "lock");
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  writeFileSync(file, String(dead));
  expect(await withSetupLock(() => Promise.resolve("done"), file)).toBe("done");
});
