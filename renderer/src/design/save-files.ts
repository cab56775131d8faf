import type { Bridge, FileToSave } from "../../../app/contract/bridge.ts";
import { plural } from "./format.ts";
import { showFailure } from "../view/toasts.ts";

/** Saves files where the operator says, or into the browser's downloads; tells where, null where nothing was saved. */
export async function saveFiles(bridge: Bridge, files: readonly FileToSave[]): Promise<string | null> {
  if (!bridge.shell) {
    for (const file of files) download(file);
    return `${files.length === 1 ? files[0]?.name : plural(files.length, "file")} handed to the browser’s downloads.`;
  }
  const reply = await bridge.shell.saveFiles(files.map(({ name, text }) => ({ name, text })));
  if (!reply.ok) showFailure(reply.failure);
  return reply.ok && reply.value !== null ? `Saved ${reply.value}.` : null;
}

function download({ name, text }: FileToSave): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
