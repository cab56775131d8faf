/** Downloads of a Galvanometer: only those that the operator began, from what the window may reach, and never unasked where to. */
import path from "node:path";
import { app, type Session } from "electron";

/** The first two have passed the allow-list as every request has; the others hold what the page has already. */
const known = new Set(["http:", "https:", "blob:", "data:"]);

export function governDownloads(session: Session, log: (message: string) => void): void {
  session.on("will-download", (event, item) => {
    const schemes = [item.getURL(), ...item.getURLChain()].map((url) => new URL(url).protocol);
    if (item.hasUserGesture() && schemes.every((scheme) => known.has(scheme)))
      return item.setSaveDialogOptions({ defaultPath: defaultPath(item.getFilename()) });
    event.preventDefault();
    log("a download that the operator did not begin was prevented");
  });
}

/** The name is the server's word, so no folder is taken from it. */
function defaultPath(name: string): string {
  return path.join(app.getPath("downloads"), path.basename(name));
}
