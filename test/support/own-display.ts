/** Each file of the end-to-end suite has a screen of its own: two run at a time, and one window has the focus of a screen. */
import { afterAll } from "vitest";
import { giveDisplay } from "./virtual-display.ts";

const endDisplay = await giveDisplay();
afterAll(() => endDisplay?.());
