/** The command line from a checkout: `npm run -s shunt -- COMMAND …`. Setup speaks on standard error only. */
import { join } from "node:path";
import { standInFor } from "./setup/child.mjs";
import { root, userFolder } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runScript } from "./setup/report.mjs";

await runScript(async () => {
  await prepare();
  const program = join(root, "dist/main/shunt.cjs");
  const { code } = await standInFor(process.execPath, [program, ...process.argv.slice(2)], {
    cwd: userFolder(),
  });
  return code;
});
