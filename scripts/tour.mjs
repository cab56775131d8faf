/** `npm run tour`: a minute through the UI on the sandbox, with captions (test/tour/main.ts). Set-up is that of the tests. */
import { join } from "node:path";
import { bundleForNode } from "./bundle-tests.mjs";
import { standInFor } from "./setup/child.mjs";
import { ensureDebian } from "./setup/debian.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runScript } from "./setup/report.mjs";

const program = join(root, "node_modules/.cache/shunt-tour/tour.mjs");

await runScript(async () => {
  await prepare();
  await ensureDebian("tour");
  await bundleForNode("test/tour/main.ts", program);
  const { code } = await standInFor(process.execPath, [program, ...process.argv.slice(2)], { cwd: root });
  return code;
});
