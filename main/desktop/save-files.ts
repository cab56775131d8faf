/** Writes exported files where the operator says. */
import { dialog, type BrowserWindow } from "electron";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { FileToSave } from "../../app/contract/bridge.ts";
import type { Reply } from "../../app/contract/commands.ts";
import { accept, refuse } from "../../app/failures.ts";

/** Asked of the operator: where the files go, each with its path; null when they would rather not. */
async function askWhere(
  files: readonly FileToSave[],
  window: BrowserWindow,
): Promise<readonly string[] | null> {
  const [first] = files;
  if (first !== undefined && files.length === 1) {
    // The system's own dialog asks before it lets a file be overwritten.
    const { canceled, filePath } = await dialog.showSaveDialog(window, {
      title: "Export",
      defaultPath: first.name,
    });
    return canceled || !filePath ? null : [filePath];
  }
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: "Export into a folder",
    buttonLabel: "Save here",
    properties: ["openDirectory", "createDirectory"],
  });
  const [folder] = filePaths;
  if (canceled || folder === undefined) return null;
  const paths = files.map(({ name }) => path.join(folder, name));
  const there = paths.filter((file) => existsSync(file)).map((file) => path.basename(file));
  if (there.length === 0) return paths;
  const { response } = await dialog.showMessageBox(window, {
    type: "warning",
    title: "Export",
    message: `${there.join(", ")} ${there.length === 1 ? "is" : "are"} in that folder already`,
    buttons: ["Overwrite", "Cancel"],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  return response === 0 ? paths : null;
}

export async function saveFiles(
  files: readonly FileToSave[],
  window: BrowserWindow,
): Promise<Reply<string | null>> {
  const paths = await askWhere(files, window);
  if (paths === null) return accept(null);
  try {
    for (const [index, file] of files.entries()) await writeFile(paths[index] ?? file.name, file.text);
  } catch (error) {
    return refuse(
      "EXPORT_NOT_SAVED",
      `The export could not be saved: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  return accept(
    paths.length === 1 ? (paths[0] ?? null) : `${paths.length} files in ${path.dirname(paths[0] ?? "")}`,
  );
}
