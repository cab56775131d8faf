/** Gives the end-to-end suite a screen where there is none. */
import { hasDisplay, startVirtualDisplay } from "../../scripts/setup/display.mjs";

export default async function setup(): Promise<(() => void) | undefined> {
  if (hasDisplay()) return undefined;
  const screen = await startVirtualDisplay();
  if (!screen) return undefined;
  process.env["DISPLAY"] = screen.display;
  return screen.stop;
}
