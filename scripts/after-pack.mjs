/** electron-builder's afterPack hook: takes away what a distribution copied from a folder leaves behind. */
import { rmSync } from "node:fs";
import { join } from "node:path";

/** @param {import("electron-builder").AfterPackContext} context */
export default function removeDefaultApp({ appOutDir, packager }) {
  rmSync(join(packager.getResourcesDir(appOutDir), "default_app.asar"), { force: true });
  rmSync(join(appOutDir, "version"), { force: true });
}
