/** Finds a Chromium-family browser: the kind that takes a proxy for everything, loopback included. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
  "microsoft-edge-stable",
  "brave-browser",
  "vivaldi",
];

const macApplications = [
  "Google Chrome.app/Contents/MacOS/Google Chrome",
  "Chromium.app/Contents/MacOS/Chromium",
  "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  "Brave Browser.app/Contents/MacOS/Brave Browser",
];

const windowsPrograms = [
  "Google\\Chrome\\Application\\chrome.exe",
  "Chromium\\Application\\chrome.exe",
  "Microsoft\\Edge\\Application\\msedge.exe",
  "BraveSoftware\\Brave-Browser\\Application\\brave.exe",
];

interface BrowserPlaces {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isProgram: (path: string) => boolean;
}

const here: BrowserPlaces = {
  platform: process.platform,
  env: process.env,
  isProgram(path) {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
};

/** The path of the first that is there, or null. */
export function findBrowser({ platform, env, isProgram }: BrowserPlaces = here): string | null {
  const places =
    platform === "win32"
      ? [env["PROGRAMFILES"], env["PROGRAMFILES(X86)"], env["LOCALAPPDATA"]].flatMap((folder) =>
          folder === undefined ? [] : windowsPrograms.map((program) => `${folder}\\${program}`),
        )
      : platform === "darwin"
        ? macApplications.map((application) => `/Applications/${application}`)
        : (env["PATH"] ?? "")
            .split(delimiter)
            .filter((folder) => folder !== "")
            .flatMap((folder) => names.map((name) => join(folder, name)));
  return places.find(isProgram) ?? null;
}
