/** Renders the committed icons from build/icon.svg and the tray drawings below, with Chromium: `node scripts/make-icons.mjs`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./setup/needs.mjs";
import { root } from "./setup/paths.mjs";
import { SetupFailure, runScript, say } from "./setup/report.mjs";

const appSizes = [16, 24, 32, 48, 64, 128, 256, 512];

/** The state is told by shape: an empty dial, a dial with its needle, a warning triangle. `ink` is the line's colour. */
const trayDrawings = {
  idle: (/** @type {string} */ ink) =>
    `<circle cx="8" cy="8" r="6" fill="none" stroke="${ink}" stroke-width="2"/>`,
  ok: (/** @type {string} */ ink) =>
    `<circle cx="8" cy="8" r="6" fill="none" stroke="${ink}" stroke-width="2"/>
     <path d="M6.5 10L10.5 5" stroke="${ink}" stroke-width="2.4" stroke-linecap="round"/>`,
  warn: (/** @type {string} */ ink) =>
    `<path d="M8 2L14.5 13.500H1.500Z" fill="none" stroke="${ink}" stroke-width="2" stroke-linejoin="round"/>
     <path d="M8 6.500v3M8 11.300v.4" stroke="${ink}" stroke-width="1.8" stroke-linecap="round"/>`,
};

/** Readable on light and dark panels alike; macOS tints the black "Template" images itself. */
const trayInks = { idle: "#8a979c", ok: "#2fa393", warn: "#d97706" };

await runScript(async () => {
  const executablePath = findProgram("chromium") ?? findProgram("google-chrome");
  if (!executablePath) throw new SetupFailure("the icons are drawn with Chromium, which is not installed");
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage();
  /** @param {string} svg @param {number} size @param {string} file */
  const draw = async (svg, size, file) => {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(
      `<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
    );
    writeFileSync(join(root, "build", file), await page.screenshot({ omitBackground: true }));
  };
  mkdirSync(join(root, "build/icons"), { recursive: true });
  const icon = readFileSync(join(root, "build/icon.svg"), "utf8");
  for (const size of appSizes) await draw(icon, size, `icons/${size}x${size}.png`);
  await draw(icon, 1024, "icon.png");
  for (const [name, drawing] of Object.entries(trayDrawings)) {
    const ink = trayInks[/** @type {keyof typeof trayInks} */ (name)];
    for (const [suffix, colour] of [
      ["", ink],
      ["Template", "#000000"],
    ]) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${drawing(String(colour))}</svg>`;
      await draw(svg, 16, `tray-${name}${suffix}.png`);
      await draw(svg, 32, `tray-${name}${suffix}@2x.png`);
    }
  }
  await browser.close();
  say("drew build/icon.png, build/icons/ and build/tray-*.png");
  return 0;
});
