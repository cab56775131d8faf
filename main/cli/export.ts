/** `shunt export`: writes the routes of a configuration as the files of another program. */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ExportedFile, ExportFormat, NotExpressed } from "../../app/contract/export.ts";
import { exportConfig } from "../../app/export/export-config.ts";
import { errorText } from "../../app/failures.ts";
import { printProblems, readConfig } from "./read-config.ts";
import { isSameFile } from "./same-file.ts";

export const exportFormats = [
  "nginx",
  "haproxy",
  "envoy",
  "amps",
  "clients",
  "json",
] as const satisfies readonly ExportFormat[];

export interface ExportFlags {
  readonly config: string;
  readonly publicHost?: string;
  readonly out?: string;
  readonly annotate?: boolean;
}

/** 0 with the files, 1 where something cannot be expressed and `--annotate` was not given. */
export function runExport(format: ExportFormat, flags: ExportFlags): void {
  const read = readConfig(flags.config);
  if (!read.ok) {
    printProblems(read.problems);
    process.exitCode = 1;
    return;
  }
  const { publicHost, annotate = false } = flags;
  const { files, notExpressed } = exportConfig(read.value, {
    format,
    annotate,
    ...(publicHost !== undefined && { publicHost }),
  });
  for (const remark of notExpressed) process.stderr.write(`${tell(remark)}\n`);
  if (notExpressed.some(({ outcome }) => outcome === "refused")) {
    process.stderr.write(
      "shunt: nothing is exported; --annotate leaves these out, with comments in their place\n",
    );
    process.exitCode = 1;
    return;
  }
  if (files.length === 0) process.stderr.write(`shunt: there is nothing to export as ${format}\n`);
  try {
    write(files, flags);
  } catch (error) {
    process.stderr.write(`shunt: ${errorText(error)}\n`);
    process.exitCode = 1;
  }
}

function tell({ outcome, code, route, pool, backend, reason }: NotExpressed): string {
  const where = [route && `route ${route}`, pool && `pool ${pool}`, backend && `backend ${backend}`].filter(
    Boolean,
  );
  return `${outcome} ${code}${where.length === 0 ? "" : ` (${where.join(", ")})`}: ${reason}`;
}

/**
 * To a folder (one that is there, or a name that ends in a slash), to one file with the others beside it, or to standard
 * output; never over the configuration that it is made of.
 */
function write(files: readonly ExportedFile[], { out, config }: ExportFlags): void {
  if (out === undefined) {
    process.stdout.write(files.map((file) => withName(file, files.length > 1)).join("\n"));
    return;
  }
  const isFolder = out.endsWith("/") || isExistingFolder(out);
  const folder = isFolder ? out : dirname(out);
  const placed = files.map(({ name, text }, at) => ({
    place: at === 0 && !isFolder ? out : join(folder, name),
    text,
  }));
  const own = placed.find(({ place }) => isSameFile(place, config));
  if (own) throw new Error(`${own.place} is the configuration itself; name another file with --out.`);
  mkdirSync(folder, { recursive: true });
  for (const { place, text } of placed) writeFileSync(place, text);
}

function isExistingFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function withName({ name, language, text }: ExportedFile, isOneOfMany: boolean): string {
  if (!isOneOfMany) return text;
  return language === "xml" ? `<!-- file: ${name} -->\n${text}` : `# file: ${name}\n${text}`;
}
