import { StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import type { LiveBridge } from "../../app/contract/bridge.ts";
import { BridgeContext } from "./bridge/bridge-context.ts";
import { connectMirror } from "./bridge/connect.ts";
import { App } from "./frame/App.tsx";
import { NoAccess } from "./frame/NoAccess.tsx";
import { useMirror } from "./mirror/mirror-store.ts";
import { useRateHistory } from "./mirror/rate-history.ts";
import { useShellSettings } from "./settings/shell-settings.ts";
import { showTheme } from "./settings/theme.ts";
import { useView } from "./view/view-store.ts";
import "./styles.ts";

/** Brings the UI up over a bridge. */
export function startUi(root: Root, bridge: LiveBridge): void {
  // The desktop's shell keeps the theme, for its menu too, and tells the page by prefers-color-scheme.
  if (!bridge.shell) showTheme(useView.getState().theme);
  bridge.shell?.onSettings((settings) => useShellSettings.setState(settings));
  const connected = connectMirror({ bridge, mirror: useMirror, history: useRateHistory });
  // A hidden page's timers are slowed down, so its samples have holes.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") connected.refresh();
  });
  root.render(
    <StrictMode>
      <BridgeContext value={connected}>
        <App />
      </BridgeContext>
    </StrictMode>,
  );
}

/** Says that the page was opened without a valid token. */
export function showNoAccess(root: Root, refused: boolean): void {
  showTheme(useView.getState().theme);
  root.render(<NoAccess refused={refused} />);
}

/** The page's root. */
export function pageRoot(): Root {
  const element = document.getElementById("app");
  if (!element) throw new Error("index.html has no element #app.");
  return createRoot(element);
}
