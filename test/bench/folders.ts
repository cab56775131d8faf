/** Temporary folders that are gone when the bench is, however it ends. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders = new Set<string>();

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "shunt-bench-"));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  // Chromium's helper processes write for a moment longer than their killed parent lives.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  folders.delete(folder);
}

export function removeFolders(): void {
  for (const folder of folders) removeFolder(folder);
}
