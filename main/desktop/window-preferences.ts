import type { WebPreferences } from "electron";

/** What every window of ours is opened with, spelled out, since a default may change between Electron's versions. */
export function windowPreferences(isPackaged: boolean): WebPreferences {
  return {
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    contextIsolation: true,
    sandbox: true,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    safeDialogs: true,
    devTools: !isPackaged,
  };
}
