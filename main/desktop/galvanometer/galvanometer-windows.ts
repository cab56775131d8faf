/** All Galvanometer windows: one a backend, opened, kept up to date, and ended with everything that they had. */
import { app } from "electron";
import { authorityKey, parseAuthority } from "../../../app/galvanometer/authority.ts";
import { parseEndpoint } from "../../../app/config/address.ts";
import type { LinkState } from "../../../app/contract/bridge.ts";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import type { EngineHandle } from "../../../app/engine/engine-handle.ts";
import { accept, errorText, refuse } from "../../../app/failures.ts";
import type { OpenedGalvanometer } from "../../../app/galvanometer/galvanometers.ts";
import type { ShowGalvanometer } from "../../../app/service/galvanometer.ts";
import type { LiveMirror } from "../live-mirror.ts";
import type { Watched } from "../watched.ts";
import { prepareSession } from "./galvanometer-session.ts";
import { openGalvanometerWindow, type GalvanometerWindow } from "./galvanometer-window.ts";
import { sendThroughProxy } from "./proxy-barrier.ts";
import { windowState } from "./window-state.ts";

export interface GalvanometerWindowsOptions {
  readonly engine: EngineHandle;
  readonly log: (message: string) => void;
}

/** What the windows follow once the desktop is there. */
export interface Followed {
  readonly mirror: Pick<LiveMirror, "current" | "onChange">;
  /** `lost` while the engine is dead; then it knows no scope any more. */
  readonly link: Pick<Watched<LinkState>, "get" | "onChange">;
}

export interface GalvanometerWindows {
  readonly show: ShowGalvanometer;
  /** From now on every window shows what is known of its backend, and outlives the engine. */
  follow(followed: Followed): void;
}

interface Shown {
  opened: OpenedGalvanometer;
  unlockedUntil: string | null;
  readonly view: GalvanometerWindow;
}

export function createGalvanometerWindows({ engine, log }: GalvanometerWindowsOptions): GalvanometerWindows {
  const shown = new Map<string, Shown>();
  const opening = new Map<string, ReturnType<ShowGalvanometer>>();
  let around: ReturnType<LiveMirror["current"]> & { readonly engineAlive: boolean } = {
    config: null,
    snapshot: null,
    engineAlive: true,
  };

  const open: ShowGalvanometer = async (backend) => {
    const reply = await engine.openGalvanometer(backend, { fenced: true });
    if (!reply.ok) return reply;
    const opened = reply.value;
    try {
      shown.set(backend, await showWindow(opened));
    } catch (error) {
      log(`the Galvanometer of ${backend} could not be opened: ${errorText(error)}`);
      await engine.closeGalvanometer(opened.id);
      return refuse(
        "INTERNAL",
        `The Galvanometer window of ${backend} could not be opened: ${errorText(error)}.`,
      );
    }
    return accept({ address: opened.address, uncovered: opened.uncovered });
  };

  const showWindow = async (opened: OpenedGalvanometer): Promise<Shown> => {
    const { id: backend } = opened.backend;
    const stopped = new Map<string, string>();
    const current = () => shown.get(backend)?.opened ?? opened;
    const session = await prepareSession(opened, {
      judge: (asked) => engine.judgeGalvanometer(current().id, asked),
      onStopped: (key, reason) => {
        if (stopped.size > 200) stopped.clear();
        stopped.set(key, reason);
      },
      log,
    });
    const view = openGalvanometerWindow(opened, session, {
      isPackaged: app.isPackaged,
      stopped,
      log,
      state: () =>
        windowState({
          backend: opened.backend,
          address: opened.address,
          readOnly: opened.readOnly,
          unlockedUntil: clockOf(shown.get(backend)?.unlockedUntil ?? null),
          tunnels: around.config?.tunnels ?? [],
          snapshot: around.snapshot,
          engineAlive: around.engineAlive,
        }),
      isUnlocked: () => (shown.get(backend)?.unlockedUntil ?? null) !== null,
      unlock: async (durationMs) => {
        const reply = await engine.unlockGalvanometer(current().id, durationMs);
        const one = shown.get(backend);
        if (!one || !reply.ok) return;
        one.unlockedUntil = reply.value.until;
        if (reply.value.until === null) return;
        setTimeout(() => relock(backend), Date.parse(reply.value.until) - Date.now() + 100).unref();
      },
      openBackendAt: async (url) => {
        const other = backendAt(url, around.config);
        return other !== null && (await show(other)).ok;
      },
    });
    view.window.on("closed", () => {
      const id = current().id;
      shown.delete(backend);
      void engine.closeGalvanometer(id).catch(() => undefined);
      void session.clearAuthCache();
      void session.clearStorageData();
    });
    return { opened, unlockedUntil: null, view };
  };

  const relock = (backend: string): void => {
    const one = shown.get(backend);
    if (!one || one.unlockedUntil === null || Date.parse(one.unlockedUntil) > Date.now()) return;
    one.unlockedUntil = null;
    one.view.update();
  };

  const show: ShowGalvanometer = async (backend) => {
    const one = shown.get(backend);
    if (one) {
      one.view.show();
      return accept({ address: one.opened.address, uncovered: one.opened.uncovered });
    }
    const running = opening.get(backend) ?? open(backend).finally(() => opening.delete(backend));
    opening.set(backend, running);
    return running;
  };

  app.on("login", (event, contents, _details, authInfo, callback) => {
    const one = [...shown.values()].find(({ view }) => view.window.webContents === contents);
    event.preventDefault();
    if (!one) return callback();
    const { opened, view } = one;
    if (!authInfo.isProxy) return view.login(authInfo, callback);
    const ours = authInfo.host === "127.0.0.1" && authInfo.port === opened.proxyPort;
    if (ours) callback(opened.user, opened.password);
    else callback();
  });

  /** The engine was started again: every window gets a scope of its new forward proxy. */
  const renew = async (): Promise<void> => {
    for (const [backend, one] of shown) {
      const reply = await engine.openGalvanometer(backend, { fenced: true });
      if (!reply.ok || one.view.window.isDestroyed()) continue;
      one.opened = reply.value;
      one.unlockedUntil = null;
      const { session } = one.view.window.webContents;
      await session.clearAuthCache();
      await sendThroughProxy(session, reply.value);
      one.view.reload();
    }
  };

  return {
    show,
    follow({ mirror, link }) {
      const update = () => {
        around = { ...mirror.current(), engineAlive: link.get() !== "lost" };
        for (const { view } of shown.values()) view.update();
      };
      mirror.onChange(update);
      link.onChange((state) => {
        update();
        if (state === "live")
          renew().catch((error: unknown) => log(`Galvanometer windows: ${errorText(error)}`));
      });
    },
  };
}

/** The backend whose admin endpoint a URL belongs to. */
function backendAt(url: string, config: ShuntConfig | null): string | null {
  const { protocol, host } = new URL(url);
  const wanted = parseAuthority(host, protocol === "https:" ? 443 : 80);
  if (!wanted) return null;
  const found = config?.backends.find(({ admin }) => {
    const address = admin === undefined ? null : parseEndpoint("admin", admin);
    return address !== null && authorityKey(address) === authorityKey(wanted);
  });
  return found?.id ?? null;
}

/** `14:05`, on this machine's clock. */
function clockOf(time: string | null): string | null {
  if (time === null) return null;
  const date = new Date(time);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}
