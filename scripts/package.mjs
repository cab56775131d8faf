/** `npm run package`: builds and packs the app with electron-builder. Arguments go to electron-builder (`--linux dir`). */
import { join } from "node:path";
import { resolveElectron } from "./electron-runtime.mjs";
import { isUnpackedOnly, packageArguments } from "./package-arguments.mjs";
import { standInFor } from "./setup/child.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { SetupFailure, runScript } from "./setup/report.mjs";

await runScript(async () => {
  const extra = process.argv.slice(2);
  await prepare();
  // What is handed to others is never made with the old Electron, unless someone says so by SHUNT_ELECTRON=registry.
  const runtime = await resolveElectron({ allowRegistry: isUnpackedOnly(extra) });
  if ("missing" in runtime) throw new SetupFailure(`cannot pack without an Electron: ${runtime.missing}`);
  const builder = join(root, "node_modules/electron-builder/cli.js");
  const { code } = await standInFor(process.execPath, [builder, ...packageArguments({ extra, runtime })], {
    cwd: root,
  });
  return code;
});
