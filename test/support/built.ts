import { ensureBuild } from "../../scripts/setup/ensure-build.mjs";
import { withSetupLock } from "../../scripts/setup/lock.mjs";

/** The app as it stands in dist/: built by `npm test`, and by a test that runs alone only where it is stale. */
export function ensureBuilt(): Promise<void> {
  return withSetupLock(() => ensureBuild());
}
