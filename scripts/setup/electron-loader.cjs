// The default app of the registry-shipped Electron, which comes without one: runs the app folder named on the
// command line (`electron DIR`, or `--app=DIR`), as Electron's own default app does.
const { app } = require("electron");
const { Module } = require("node:module");
const fs = require("node:fs");
const path = require("node:path");

function namedFolder(args) {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at];
    if (arg.startsWith("--app=")) return arg.slice("--app=".length);
    if (arg === "-r" || arg === "--require") at++;
    else if (!arg.startsWith("-")) return arg;
  }
  return undefined;
}

function start(folder) {
  const description = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  Object.defineProperty(process, "defaultApp", { value: true, enumerable: true });
  if (description.version) app.setVersion(description.version);
  app.setName(description.productName || description.name);
  app.setPath("userData", path.join(app.getPath("appData"), app.getName()));
  app.setAppPath(folder);
  Module._load(path.resolve(folder, description.main || "index.js"), module, true);
}

const folder = namedFolder(process.argv.slice(1));
try {
  if (folder === undefined) throw new Error("name the app's folder: electron DIR");
  start(path.resolve(folder));
} catch (error) {
  process.stderr.write(`electron: ${error.stack}\n`);
  process.exit(1);
}
