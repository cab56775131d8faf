/** What every command does first: packages, then build, one checkout at a time. */
import { ensureBuild } from "./ensure-build.mjs";
import { withSetupLock } from "./lock.mjs";
import { ensurePackages } from "./packages.mjs";

/** Leaves a checkout that can run. */
export async function prepare() {
  await withSetupLock(async () => {
    await ensurePackages();
    await ensureBuild();
  });
}
