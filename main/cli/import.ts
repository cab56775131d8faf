/** `shunt import`: reads another program's file into a configuration. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Reply } from "../../app/contract/commands.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { ImportItem } from "../../app/contract/import.ts";
import { parseHostPort } from "../../app/config/address.ts";
import { emptyConfig } from "../../app/config/empty-config.ts";
import { parseConfig } from "../../app/config/parse-config.ts";
import { errorCode, errorText } from "../../app/failures.ts";
import { ampsConfigSource } from "../../app/import/amps-config-source.ts";
import { haproxySource } from "../../app/import/haproxy/haproxy-source.ts";
import { longestImportBytes, type Understood } from "../../app/import/import-source.ts";
import { nginxSource } from "../../app/import/nginx/nginx-source.ts";
import { planImport } from "../../app/import/plan-import.ts";
import { sshConfigSource } from "../../app/import/ssh-config-source.ts";
import { fileText } from "../../app/import/file-text.ts";
import { withItems } from "../../app/import/with-items.ts";
import { readSshConfigText } from "../../app/tunnels/ssh/ssh-config-file.ts";
import { sshSurroundings } from "../../app/tunnels/ssh/ssh-hops.ts";
import { printProblems, readConfig } from "./read-config.ts";
import { isSameFile } from "./same-file.ts";

export interface ImportFlags {
  readonly in: string;
  readonly out?: string;
  /** A configuration to add to; nothing that it has already comes twice. */
  readonly config?: string;
  /** AMPS: where the file came from. */
  readonly host?: string;
  /** AMPS: the tunnel of `config` that leads there. */
  readonly via?: string;
}

export type ImportFormat = "ssh-config" | "amps-config" | "nginx" | "haproxy";

/** 0 where something was understood and written, else 1; 2 for wrong usage. What was left out goes to standard error. */
export function runImport(format: ImportFormat, flags: ImportFlags): void {
  const base = readBase(flags);
  if (!base) return fail(null);
  if (
    flags.host !== undefined &&
    !parseHostPort(`${flags.host.includes(":") ? `[${flags.host}]` : flags.host}:1`)
  ) {
    process.exitCode = 2;
    return void process.stderr.write(`shunt: --host ${flags.host} is not a host name or address.\n`);
  }
  const understood = readSource(format, flags);
  if (!understood.ok) return fail(`${understood.failure.message} ${understood.failure.advice}`);
  const { additions, notUnderstood } = understood.value;
  for (const { where, what } of notUnderstood) process.stderr.write(`left out: ${where}: ${what}\n`);
  const items = planImport(additions, base);
  const chosen = items.filter(({ suggested, status }) => suggested && status !== "known");
  for (const item of items) process.stderr.write(describe(item));
  const config = withItems(base.config, chosen);
  const parsed = parseConfig(config, process.env);
  if (!parsed.ok) {
    printProblems(parsed.problems);
    return fail("the outcome has problems, so nothing was written.");
  }
  if (items.length === 0) return fail(`${flags.in} holds nothing that Shunt could take over.`);
  write(config, flags.out);
}

function readBase(
  flags: ImportFlags,
): { readonly config: ShuntConfig; readonly resolved: ShuntConfig } | null {
  if (flags.config === undefined) return { config: emptyConfig, resolved: emptyConfig };
  const read = readConfig(flags.config);
  if (!read.ok) {
    printProblems(read.problems);
    return null;
  }
  const { document: config, resolved } = read.value;
  if (flags.via === undefined || config.tunnels.some(({ id }) => id === flags.via))
    return { config, resolved };
  process.stderr.write(`shunt: ${flags.config} has no tunnel ${flags.via}.\n`);
  return null;
}

function readSource(format: ImportFormat, flags: ImportFlags): Reply<Understood> {
  const { host = null, via = null } = flags;
  if (format === "amps-config") return ampsConfigSource(readText(flags.in), { host, via });
  if (format === "nginx") return nginxSource(readText(flags.in), null);
  if (format === "haproxy") return haproxySource(readText(flags.in), null);
  const { configFile, home } = sshSurroundings();
  const own = isSameFile(flags.in, configFile);
  return sshConfigSource(own ? readSshConfigText(configFile, home) : readText(flags.in), { own });
}

/** Throws a sentence where the file cannot be read. */
function readText(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(`${file} cannot be read (${errorCode(error) ?? errorText(error)}).`, { cause: error });
  }
  if (bytes.length > longestImportBytes)
    throw new Error(`${file} is larger than ${longestImportBytes / 1024 / 1024} MB.`);
  return fileText(bytes);
}

function describe({ key, status, suggested, origin, note }: ImportItem): string {
  const what =
    status === "known" ? "there already" : !suggested ? "not taken" : status === "new" ? "added" : "changed";
  return `${what}: ${key} (${origin})${note === null ? "" : `. ${note}`}\n`;
}

function write(config: ShuntConfig, out: string | undefined): void {
  const text = `${JSON.stringify(config, null, 2)}\n`;
  if (out === undefined) return void process.stdout.write(text);
  try {
    writeFileSync(out, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const why =
      errorCode(error) === "EEXIST"
        ? "is there already"
        : `cannot be written (${errorCode(error) ?? errorText(error)})`;
    fail(`${out} ${why}; nothing was written.`);
  }
}

function fail(message: string | null): void {
  if (message !== null) process.stderr.write(`shunt: ${message}\n`);
  process.exitCode = 1;
}
