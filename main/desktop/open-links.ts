/** Follows `shunt://` links: from this start, from a second start, and from macOS's own event. */
import { app } from "electron";
import { z } from "zod";
import { linkAmong, wishOfLink } from "./deep-link.ts";
import type { MainWindow } from "./main-window.ts";

/** What a second start hands to the first: its own arguments arrive mixed with Chromium's. */
const startMessage = z.object({ link: z.string().max(2_000).nullable() });
type StartMessage = z.output<typeof startMessage>;

export function startMessageOf(programArguments: readonly string[]): StartMessage {
  const link = linkAmong(programArguments);
  return { link: link !== null && link.length <= 2_000 ? link : null };
}

let waiting: string | null = null;
let open = (link: string): void => void (waiting = link);

/** Before `ready`, since macOS tells of the link that started the app early. */
export function catchLinks(first: StartMessage): void {
  waiting = first.link;
  app.on("open-url", (event, url) => {
    event.preventDefault();
    open(url);
  });
}

/** The packed app's installer registers the scheme on Linux; elsewhere the app itself may. */
export function registerLinks(log: (message: string) => void): void {
  if (app.isPackaged && !app.setAsDefaultProtocolClient("shunt"))
    log("shunt:// links could not be registered with the system");
}

/** From now on links are shown in the window, the one that waited first. */
export function followLinks(main: MainWindow, log: (message: string) => void): void {
  open = (link) => {
    const wish = wishOfLink(link);
    if (wish) return main.wish(wish);
    log("a shunt:// link was not understood");
    main.show();
  };
  if (waiting !== null) open(waiting);
  waiting = null;
  app.on("second-instance", (_event, _arguments, _directory, data) => {
    const { link } = startMessage.safeParse(data).data ?? { link: null };
    if (link === null) main.show();
    else open(link);
  });
}
