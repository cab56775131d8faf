/** The command line from a checkout: `npm run -s shunt -- COMMAND …`. Setup speaks on standard error only. */
import { join } from "node:path";
import { standInFor } from "./setup/child.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runScript } from "./setup/report.mjs";

await runScript(async () => {
  await prepare();
  // npm runs scripts in the checkout; paths in the arguments are meant from where the user stands.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const { code } = await standInFor(
    process.execPath,
    [join(root, "dist/main/shunt.cjs"), ...process.argv.slice(2)],
    { cwd },
  );
  return code;
});
