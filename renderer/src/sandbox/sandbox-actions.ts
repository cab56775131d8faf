import type { Bridge } from "../../../app/contract/bridge.ts";
import type { SandboxAction } from "../../../app/contract/sandbox.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { showFailure, showToast } from "../view/toasts.ts";
import { showScreen, useView } from "../view/view-store.ts";

/** Starts the sandbox and shows its routes. */
export async function startSandbox(bridge: Bridge): Promise<void> {
  const reply = await bridge.call("sandbox.start", null);
  if (!reply.ok) return showFailure(reply.failure);
  // Its backends and routes were added to the configuration.
  await bridge.call("config.get", null);
  showScreen("routes");
  useView.setState({ routeText: "", routeState: "all" });
}

/** Stops the sandbox; with `remove`, its backends and routes go out of the configuration too. */
export async function stopSandbox(bridge: Bridge, remove: boolean): Promise<void> {
  const reply = await bridge.call("sandbox.stop", { remove });
  if (!reply.ok) return showFailure(reply.failure);
  await bridge.call("config.get", null);
  showToast({
    tone: "ok",
    text: remove ? "Sandbox stopped and removed." : "Sandbox stopped; its routes are kept.",
  });
  if (useView.getState().screen === "sandbox") showScreen("routes");
}

/** Does something to one instance. */
export async function actOnInstance(bridge: Bridge, instance: string, action: SandboxAction): Promise<void> {
  const reply = await bridge.call("sandbox.act", { instance, action });
  if (!reply.ok) showFailure(reply.failure);
}

/** Whether the sandbox runs, as last heard. */
export function useSandboxRunning(): boolean {
  return useMirror((mirror) => mirror.sandbox?.running ?? false);
}
