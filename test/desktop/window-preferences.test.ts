import { expect, test } from "vitest";
import { windowPreferences } from "../../main/desktop/window-preferences.ts";

test.each([
  ["installed", true],
  ["in development", false],
])(
  "%s, a window has the settings of the security plan, developer tools only in development",
  (_title, isPackaged) => {
    expect(windowPreferences(isPackaged)).toEqual({
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
    });
  },
);
