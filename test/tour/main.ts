/** `npm run tour`: the tour in a browser, on an application of its own; `--pictures` renews docs/tour.md, its pictures and its video. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { hasDisplay } from "../../scripts/setup/display.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { programs } from "../support/available.ts";
import { serveHeadless } from "../support/headless-app.ts";
import { withCaptions } from "./captions.ts";
import { record } from "./record.ts";
import { takeTour } from "./tour.ts";

const renew = process.argv.includes("--pictures");
const pictures = path.join(root, renew ? "docs/screens/tour" : "test-results/tour");

const headless = await serveHeadless({ version: 1 });
const browser = await chromium.launch({
  executablePath: programs.chromium ?? "chromium",
  // Whoever has a screen watches it; without one there are the pictures.
  headless: renew || !hasDisplay(),
  args: [
    "--no-first-run",
    "--disable-background-networking",
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(headless.ready.ui);
  const recording = renew && programs.ffmpeg !== null ? await record(page) : null;
  const guide = withCaptions({ page, readMs: 5_500, pictures });
  await takeTour(page, guide);
  if (recording !== null && programs.ffmpeg !== null)
    await recording.save(path.join(root, "docs/tour.webm"), programs.ffmpeg);
  if (renew) writeFileSync(path.join(root, "docs/tour.md"), documentOf(guide.told));
  console.log(`${guide.told.length} captions; a picture of each is in ${path.relative(root, pictures)}`);
} finally {
  await browser.close();
  await headless.stop();
}

function documentOf(captions: readonly string[]): string {
  const parts = captions.map(
    (caption, index) =>
      `## ${index + 1}. ${caption}\n\n![${caption}](screens/tour/${String(index + 1).padStart(2, "0")}.png)\n`,
  );
  return `# A minute with Shunt\n\n\`npm run tour\` shows this live, on the sandbox; \`npm run tour -- --pictures\` renews this page and [the video](tour.webm).\n\n${parts.join("\n")}`;
}
