/** The UI's entry: over `window.shunt` in the desktop app, over the local API in a browser. */
import { openDesktopBridge } from "./bridge/desktop-bridge.ts";
import { openHttpBridge } from "./bridge/http-bridge.ts";
import { dropToken, takeToken } from "./bridge/http-token.ts";
import { pageRoot, showNoAccess, startUi } from "./start.tsx";

const root = pageRoot();
if (window.shunt) startUi(root, openDesktopBridge(window.shunt));
else startInBrowser();

function startInBrowser(): void {
  const token = takeToken(window);
  if (token === null) {
    showNoAccess(root, false);
    // The right address may be pasted over this one, which changes nothing but the part behind the #.
    window.addEventListener("hashchange", () => window.location.reload());
    return;
  }
  const onRefused = (): void => {
    dropToken(window);
    showNoAccess(root, true);
    window.addEventListener("hashchange", () => window.location.reload());
  };
  startUi(root, openHttpBridge({ base: window.location.origin, token, onRefused, wake: window }));
}
