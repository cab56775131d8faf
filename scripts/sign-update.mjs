/**
 * `node scripts/sign-update.mjs --updates updates.json --update-key key.pem [--folder release]`: writes and signs the feed for
 * the packages of this version in a folder, gathered from every machine that packed one. The key is read from its file alone.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./setup/paths.mjs";
import { SetupFailure, runScript, say } from "./setup/report.mjs";
import { writeUpdateFeed } from "./update-feed.mjs";

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      updates: { type: "string" },
      "update-key": { type: "string" },
      folder: { type: "string", default: join(root, "release") },
    },
  });
  const { updates, "update-key": keyFile, folder } = values;
  if (!updates || !keyFile) throw new SetupFailure("name --updates FILE and --update-key FILE");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const released = new Date().toISOString().slice(0, 10);
  const file = await writeUpdateFeed({ folder, updatesFile: updates, keyFile, version, released });
  say(`wrote ${file}; serve it and the packages from the same folder, over https`);
  return 0;
});
