/** Exports of a document, and what the engines themselves say of the files. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../app/config/parse-config.ts";
import type { ExportedFile, ExportPreview, ExportRequest } from "../../app/contract/export.ts";
import { exportConfig } from "../../app/export/export-config.ts";
import { programs } from "../support/available.ts";
import { tempFolder } from "../tooling/temp-folder.ts";

/** Validates and exports; fails the test where the document is not valid. */
export function exported(
  document: object,
  request: ExportRequest,
  env: Readonly<Record<string, string>> = {},
): ExportPreview {
  const parsed = parseConfig({ version: 1, ...document }, env);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return exportConfig(parsed.value, request);
}

/** The first file of an export that was not refused. */
export function exportedText(document: object, request: ExportRequest): string {
  const { files, notExpressed } = exported(document, request);
  const [file] = files;
  if (!file) throw new Error(JSON.stringify(notExpressed));
  return file.text;
}

interface Verdict {
  readonly ok: boolean;
  readonly said: string;
}

function judge(program: string | null, args: readonly string[]): Verdict {
  if (program === null) throw new Error("the program is not here: skip the test by `available`");
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return { ok: status === 0, said: `${stdout}${stderr}` };
}

export function judgeNginx(text: string): Verdict {
  const folder = tempFolder({});
  const file = join(folder, "nginx.conf");
  writeFileSync(file, nginxIn(folder, text));
  return judge(programs.nginx, ["-t", "-e", "stderr", "-c", file]);
}

export function judgeHaproxy(text: string): Verdict {
  const file = join(tempFolder({}), "haproxy.cfg");
  writeFileSync(file, text);
  return judge(programs.haproxy, ["-c", "-f", file]);
}

/** The file as an ordinary user can run it: what NGINX keeps on disk goes to a folder. */
export function nginxIn(folder: string, text: string): string {
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((what) => `${what}_temp_path ${join(folder, what)};`)
    .join(" ");
  return `pid ${join(folder, "nginx.pid")};\n${text.replace(/^http \{/m, `http { ${kept}`)}`;
}

export function fileNamed(files: readonly ExportedFile[], name: string): ExportedFile {
  const found = files.find((file) => file.name === name);
  if (!found) throw new Error(`no ${name} in ${files.map((file) => file.name).join(", ")}`);
  return found;
}
