/** A sandbox that ran when Shunt last quit starts again with it. */
import type { MirroredService } from "./live-mirror.ts";
import type { DesktopSettings, Remembered } from "./small-stores.ts";

/** Starts it if it ran, and remembers from now on. Returns how to stop remembering: quitting stops the sandbox too. */
export async function resumeSandbox(
  service: MirroredService,
  settings: Remembered<DesktopSettings>,
): Promise<() => void> {
  if (settings.get().sandboxRuns) await service.handle("sandbox.start", null);
  return service.onEvent((event) => {
    if (event.type !== "sandbox" || event.status.running === settings.get().sandboxRuns) return;
    settings.set({ ...settings.get(), sandboxRuns: event.status.running });
  });
}
