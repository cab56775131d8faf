/** A screen for this process and what it starts, where there is none. */
import { hasDisplay, startVirtualDisplay } from "../../scripts/setup/display.mjs";

/** Resolves with how to end it; undefined where there is a screen already, or none can be had. */
export async function giveDisplay(): Promise<(() => void) | undefined> {
  if (hasDisplay()) return undefined;
  const screen = await startVirtualDisplay();
  if (!screen) return undefined;
  process.env["DISPLAY"] = screen.display;
  return screen.stop;
}
