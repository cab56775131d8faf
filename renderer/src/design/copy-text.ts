import type { Bridge } from "../../../app/contract/bridge.ts";

/** Puts text on the clipboard by whichever way there is; false when there is none. */
export async function copyText(bridge: Bridge, text: string): Promise<boolean> {
  try {
    if (bridge.shell) await bridge.shell.copyText(text);
    else await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https or loopback a browser has no navigator.clipboard.
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
