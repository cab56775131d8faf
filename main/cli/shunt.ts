/** The command line: `shunt serve | check | export | doctor | galvanometer | import | sandbox`. Codes: 0 done, 1 a problem that the output names, 2 wrong usage. */
import "../threads/thread-pool.ts";
import { Argument, Command, InvalidArgumentError } from "commander";
import type { ExportFormat } from "../../app/contract/export.ts";
import { errorCode, errorText } from "../../app/failures.ts";
import { isPublicHost } from "../../app/export/public-host.ts";
import { runCheck } from "./check.ts";
import { runDoctor } from "./doctor.ts";
import { exportFormats, runExport, type ExportFlags } from "./export.ts";
import { runGalvanometer, type GalvanometerFlags } from "./galvanometer.ts";
import { runImport, type ImportFlags, type ImportFormat } from "./import.ts";
import { runSandbox } from "./sandbox.ts";
import { runServe, type ServeFlags } from "./serve.ts";
import { versionLines } from "./version.ts";

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

function hostName(text: string): string {
  if (!isPublicHost(text)) throw new InvalidArgumentError("Write a host name or an address, without a port.");
  return text;
}

const program = new Command("shunt")
  .description(
    "Desktop proxy manager for AMPS: forwarding, path routing and Galvanometer, without its window",
  )
  .option("-V, --version", "print the version, and what moves bytes here: the native addon or JavaScript")
  .on("option:version", () => {
    process.stdout.write(versionLines());
    process.exit(0);
  })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command("serve")
  .description("run the routes of a configuration, with the UI in a browser")
  .option("--config <file>", "configuration file (version 1)")
  .option("--sandbox", "start the sandbox; without --config its own routes run")
  .option(
    "--ui <host:port>",
    "where the UI and the local API listen (default localhost, a port the system chooses)",
  )
  .option("--no-ui", "no UI and no local API")
  .option("--watch", "apply the file again whenever it changes")
  .option("--json", "one JSON object a line on standard output")
  .action(async (flags: ServeFlags) => runServe(flags));

program
  .command("check")
  .description("validate a configuration file; prints each problem as `path: message`")
  .requiredOption("--config <file>", "configuration file (version 1)")
  .action((flags: { config: string }) => runCheck(flags.config));

program
  .command("export")
  .description("write the routes as the files of another engine, of AMPS or of clients")
  .addArgument(new Argument("<format>", "for what").choices(exportFormats))
  .requiredOption("--config <file>", "configuration file (version 1)")
  .option(
    "--public-host <name>",
    "the name under which clients reach the engine's machine (default: loopback)",
    hostName,
  )
  .option("--out <file>", "a file, or a folder for everything (default: standard output)")
  .option(
    "--annotate",
    "leave out what the format cannot express, with comments and companion files in its place",
  )
  .action((format: ExportFormat, flags: ExportFlags) => runExport(format, flags));

program
  .command("doctor")
  .description("walk each hop to the backends; say where it breaks and what to do")
  .requiredOption("--config <file>", "configuration file (version 1)")
  .argument("[backend]", "only this one")
  .action(async (backend: string | undefined, flags: { config: string }) => runDoctor(flags.config, backend));

program
  .command("galvanometer")
  .description("open a backend's Galvanometer in a browser profile of its own, through Shunt")
  .argument("<backend>", "id of a backend with an admin endpoint")
  .requiredOption("--config <file>", "configuration file (version 1)")
  .option("--browser <path>", "a Chromium-family browser (default: the first that is found)")
  .option("--no-browser", "open none; print what any browser needs")
  .option("--browser-argument <argument...>", "passed on to the browser")
  .action(async (backend: string, flags: GalvanometerFlags) => runGalvanometer(backend, flags));

program
  .command("import")
  .description("turn another program's file into a configuration")
  .addArgument(
    new Argument("<format>", "what the file is").choices(["ssh-config", "amps-config", "nginx", "haproxy"]),
  )
  .requiredOption("--in <file>", "the file to read")
  .option("--out <file>", "write here; an existing file is left alone (default: standard output)")
  .option("--config <file>", "add to this configuration; what it has already is not added again")
  .option("--host <host>", "amps-config: the host that the file came from")
  .option("--via <tunnel>", "amps-config: the tunnel of --config that leads to that host")
  .action((format: ImportFormat, flags: ImportFlags) => runImport(format, flags));

program
  .command("sandbox")
  .description("run simulated AMPS instances that replicate to one another")
  .option("--base-port <n>", "first port (0: the system chooses)", wholeNumber(0, 60_000), 19_000)
  .option("--instances <n>", "how many", wholeNumber(1, 8), 2)
  .option("--config-out <file>", "write a configuration for them")
  .action(async (flags: { basePort: number; instances: number; configOut?: string }) => runSandbox(flags));

let isOutputLost = false;
/** Of a command whose output is not its outcome, a lost line is no failure. */
let runsUntilStopped = false;
program.hook("preAction", (_program, command) => {
  runsUntilStopped = ["serve", "sandbox", "galvanometer"].includes(command.name());
});

// Whoever read the output may leave (`… | head -1`), and a disk may fill; the routes go on.
process.stdout.on("error", (error) => {
  if (errorCode(error) === "EPIPE" || isOutputLost) return;
  isOutputLost = true;
  process.stderr.write(`shunt: the output cannot be written (${errorCode(error) ?? errorText(error)})\n`);
  if (!runsUntilStopped) process.exitCode = 1;
});
process.stderr.on("error", () => undefined);

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`shunt: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
