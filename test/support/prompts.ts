/** What a test does with the windows in which Shunt asks the operator. */
import { expect } from "vitest";
import type { Page } from "playwright-core";
import type { DesktopApp } from "./desktop-app.ts";
import { until } from "./running-engine.ts";

const isPrompt = (page: Page): boolean => !page.isClosed() && page.url() === "shunt://prompt/";

/** The prompt that is open, once it is. */
export async function nextPrompt(desktop: DesktopApp, words: RegExp): Promise<Page> {
  const page = await until(() => desktop.app.windows().find(isPrompt), `a prompt ${words.source}`);
  await expect.poll(() => page.locator("body").innerText(), { timeout: 10_000 }).toMatch(words);
  return page;
}

/** Types a secret into the prompt that asks for it, and waits until it is gone. */
export async function giveSecret(
  desktop: DesktopApp,
  words: RegExp,
  secret: string,
  keep = false,
): Promise<void> {
  const page = await nextPrompt(desktop, words);
  await page.locator("input[name=secret]").fill(secret);
  if (keep) await page.getByRole("checkbox").check();
  await pressIn(page, /^(Log on|Unlock)$/);
}

/** Presses a button, whose window closes behind it. */
export async function pressIn(page: Page, label: RegExp): Promise<void> {
  const closed = page.waitForEvent("close");
  await page.getByRole("button", { name: label }).click({ noWaitAfter: true });
  await closed;
}

export function promptCount(desktop: DesktopApp): number {
  return desktop.app.windows().filter(isPrompt).length;
}
