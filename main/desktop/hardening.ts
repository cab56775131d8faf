/** App-wide rules for whatever the Chromium side tries: everything is denied that the UI does not need. */
import { app, protocol, type Session, type WebContents } from "electron";
import { isOwnUrl } from "./sender.ts";

type Log = (message: string) => void;

/**
 * What no page of Shunt's and no monitor needs: it is not there to be asked for, in any window. Blink's names for them
 * (runtime_enabled_features.json5). MIDI and sensors have none there, they are denied when asked for.
 */
const withheldFeatures = [
  "WebUSB",
  "WebHID",
  "Serial",
  "WebBluetooth",
  "WebXR",
  "PaymentRequest",
  "IdleDetection",
];

/** Before `ready`: the sandbox for every renderer, and the `app` scheme as a standard, secure origin. */
export function hardenBeforeReady(): void {
  // As root Chromium runs only with --no-sandbox, and its helper processes die when told both. Every window still asks
  // for a sandboxed page, so none of them has Node.
  if (!app.commandLine.hasSwitch("no-sandbox")) app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    { scheme: "app", privileges: { standard: true, secure: true } },
    // Shunt's own pages in the sessions of Galvanometer windows.
    { scheme: "shunt", privileges: { standard: true, secure: true } },
  ]);
  // Chromium looks no name up: Shunt's own pages have none, and a Galvanometer's are for the tunnel to resolve.
  app.commandLine.appendSwitch(
    "host-resolver-rules",
    "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
  );
  app.commandLine.appendSwitch("disable-blink-features", withheldFeatures.join(","));
}

const governed = new WeakSet<Session | WebContents>();

/** Leaves navigation and downloads of a session or page to rules of its own. */
export function governElsewhere(target: Session | WebContents): void {
  governed.add(target);
}

/** From `ready` on: every session and every page, present and future. */
export function hardenPages(log: Log): void {
  app.on("session-created", (session) => denySession(session, log));
  app.on("web-contents-created", (_event, contents) => fenceContents(contents, log));
  app.on("certificate-error", (event, _contents, url, error, _certificate, callback) => {
    event.preventDefault();
    log(`certificate of ${hostOf(url)} refused: ${error}`);
    callback(false);
  });
  app.on("select-client-certificate", (event, _contents, _url, _list, callback) => {
    event.preventDefault();
    callback();
  });
}

const denied = new WeakSet<Session>();

/** Electron grants every permission that nobody denies; the UI needs none. */
export function denySession(session: Session, log: Log): void {
  if (denied.has(session)) return;
  denied.add(session);
  session.setPermissionRequestHandler((_contents, permission, callback) => {
    log(`permission ${permission} denied`);
    callback(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  // Every fresh session otherwise asks the internet for a dictionary, `spellcheck: false` or not.
  session.setSpellCheckerLanguages([]);
  session.on("will-download", (event, item) => {
    if (governed.has(session)) return;
    event.preventDefault();
    log(`download from ${hostOf(item.getURL())} prevented`);
  });
}

function fenceContents(contents: WebContents, log: Log): void {
  const keepAtHome = (details: { url: string; preventDefault(): void }) => {
    if (isOwnUrl(details.url) || governed.has(contents)) return;
    details.preventDefault();
    log(`navigation to ${hostOf(details.url)} prevented`);
  };
  contents.on("will-navigate", keepAtHome);
  contents.on("will-redirect", keepAtHome);
  contents.on("will-frame-navigate", keepAtHome);
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    log(`window for ${hostOf(url)} denied`);
    return { action: "deny" };
  });
}

/** Scheme and host: the rest of a URL may hold what does not belong in a log. */
function hostOf(url: string): string {
  try {
    const { protocol: scheme, host } = new URL(url);
    return `${scheme}//${host}`;
  } catch {
    return "an unreadable address";
  }
}
