/** Captions over the page, written by the tour and not by the UI. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import type { TourGuide } from "./tour.ts";

interface CaptionOptions {
  readonly page: Page;
  /** How long a caption stands. */
  readonly readMs: number;
  /** Where a picture of each caption goes, numbered from 01. */
  readonly pictures: string;
}

/** Set through the style object, which the page's policy allows. */
const look = {
  position: "fixed",
  left: "50%",
  bottom: "3.25rem",
  transform: "translateX(-50%)",
  width: "max-content",
  maxWidth: "60rem",
  padding: "0.75rem 1.25rem",
  borderRadius: "6px",
  background: "#10181c",
  color: "#ffffff",
  font: "600 1.0625rem/1.4 system-ui, sans-serif",
  boxShadow: "0 6px 24px #0006",
  zIndex: "2147483647",
  pointerEvents: "none",
};

async function show(page: Page, caption: string): Promise<void> {
  await page.evaluate(
    ([text, style]) => {
      const box = document.querySelector<HTMLElement>("#tour-caption") ?? document.createElement("div");
      box.id = "tour-caption";
      box.textContent = text;
      Object.assign(box.style, style);
      document.body.append(box);
    },
    [caption, look] as const,
  );
}

export function withCaptions({ page, readMs, pictures }: CaptionOptions): TourGuide & { told: string[] } {
  const told: string[] = [];
  mkdirSync(pictures, { recursive: true });
  return {
    told,
    async tell(caption) {
      told.push(caption);
      await show(page, caption);
      await page.waitForTimeout(readMs);
      const number = String(told.length).padStart(2, "0");
      await page.screenshot({ path: path.join(pictures, `${number}.png`) });
      await page.evaluate(() => document.querySelector("#tour-caption")?.remove());
    },
  };
}
