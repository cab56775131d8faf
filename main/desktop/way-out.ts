/** Every way in which the system or the operator ends Shunt or calls it back leads through here. */
import { app, powerMonitor } from "electron";
import type { MainWindow } from "./main-window.ts";
import type { Quitting } from "./quitting.ts";

export function guardLifetime(main: MainWindow, quitting: Quitting): void {
  app.on("before-quit", (event) => {
    event.preventDefault();
    void quitting.ask();
  });
  // The window hides or asks; when it is gone all the same, Shunt goes on in the tray until it is told to quit.
  app.on("window-all-closed", () => undefined);
  app.on("activate", () => main.show());
  const endNow = () => void quitting.now();
  // Somebody logs out or shuts down: nobody is there to answer a question.
  powerMonitor.on("shutdown", endNow);
  main.window.on("session-end", endNow);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    // electron-store's writer listens from the start on, and Electron's own handler, installed after that, turns the
    // signal into an ordinary quit. Only a first listener makes Node take the signal back.
    process.removeAllListeners(signal);
    process.on(signal, endNow);
  }
}
