/** `npm run build`: builds everything, whether stale or not. */
import { ensureBuild } from "./setup/ensure-build.mjs";
import { withSetupLock } from "./setup/lock.mjs";
import { ensurePackages } from "./setup/packages.mjs";
import { runScript } from "./setup/report.mjs";

await runScript(async () => {
  await withSetupLock(async () => {
    await ensurePackages();
    await ensureBuild({ force: true });
  });
  return 0;
});
