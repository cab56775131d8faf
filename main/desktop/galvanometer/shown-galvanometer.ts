/** One Galvanometer on the screen: its session, its logins, its window, and what of it changes while it is open. */
import { app, type AuthInfo, type Session } from "electron";
import { authorityKey, parseAuthority } from "../../../app/galvanometer/authority.ts";
import { parseEndpoint } from "../../../app/config/address.ts";
import type { BackendConfig } from "../../../app/contract/config.ts";
import type { EngineHandle } from "../../../app/engine/engine-handle.ts";
import type { GalvanometerTls, OpenedGalvanometer } from "../../../app/galvanometer/galvanometers.ts";
import type { LiveMirror } from "../live-mirror.ts";
import { prepareSession } from "./galvanometer-session.ts";
import { openGalvanometerWindow, type GalvanometerWindow, type WindowNeeds } from "./galvanometer-window.ts";
import type { LoginDesk } from "./login-desk.ts";
import { signInToPeers } from "./peer-login.ts";
import { sendThroughProxy } from "./proxy-barrier.ts";
import { createWindowLogin, type WindowLogin, type WindowQuestion } from "./window-login.ts";
import { windowState } from "./window-state.ts";

/** What is known of configuration and engine. */
export type Around = ReturnType<LiveMirror["current"]> & { readonly engineAlive: boolean };

interface ShownNeeds {
  readonly engine: EngineHandle;
  readonly desk: LoginDesk<WindowQuestion>;
  readonly log: (message: string) => void;
  readonly around: () => Around;
  /** The operator wants the window anew, with the other end speaking TLS. */
  readonly chooseTls: (tls: GalvanometerTls) => void;
  /** Shows another backend's Galvanometer; false where it cannot. */
  readonly showOther: (backend: string) => Promise<boolean>;
  readonly onClosed: (shown: ShownGalvanometer) => void;
}

/** What changes with a new engine, or as the operator unlocks. */
interface Held {
  opened: OpenedGalvanometer;
  unlockedUntil: string | null;
}

/** A credential that the proxy did not take so often is not the one it wants. */
const mostProxyAnswers = 3;

/** Rejects where the session or the window cannot be made. */
export async function showGalvanometer(
  opened: OpenedGalvanometer,
  needs: ShownNeeds,
): Promise<ShownGalvanometer> {
  const held: Held = { opened, unlockedUntil: null };
  const stopped = new Map<string, string>();
  const session = await prepareSession(opened, {
    judge: (asked) => needs.engine.judgeGalvanometer(held.opened.id, asked),
    onStopped: (key, reason) => {
      if (stopped.size > 200) stopped.clear();
      stopped.set(key, reason);
    },
    log: needs.log,
  });
  return new ShownGalvanometer({ held, session, stopped, needs });
}

interface Parts {
  readonly held: Held;
  readonly session: Session;
  readonly stopped: ReadonlyMap<string, string>;
  readonly needs: ShownNeeds;
}

export class ShownGalvanometer {
  readonly view: GalvanometerWindow;
  readonly #held: Held;
  readonly #session: Session;
  readonly #needs: ShownNeeds;
  readonly #login: WindowLogin;
  /** How often each URL was answered by the proxy's credential. */
  readonly #proxyAnswers = new Map<string, number>();

  constructor({ held, session, stopped, needs }: Parts) {
    this.#held = held;
    this.#session = session;
    this.#needs = needs;
    const { opened } = held;
    this.#login = createWindowLogin({
      backend: opened.backend,
      desk: needs.desk,
      parent: () => this.view.window,
      isBackend: (authority) => backendAt(`http://${authority}`, opened.backends) !== null,
    });
    const peers = signInToPeers(session, {
      home: new URL(opened.address).origin,
      answer: this.#login.peer,
      onUnanswerable: (authority, scheme) => this.#tellUnanswerable(authority, scheme),
    });
    this.view = openGalvanometerWindow(opened, session, { ...this.#windowNeeds(), stopped });
    this.view.page.on("did-navigate", () => peers.reset());
    this.view.window.on("closed", () => this.#end());
  }

  get opened(): OpenedGalvanometer {
    return this.#held.opened;
  }

  /** Answers the proxy with the window's credential, and its instance with what the operator says. */
  answer(url: string, authInfo: AuthInfo, callback: (user?: string, password?: string) => void): void {
    const { opened } = this.#held;
    if (!authInfo.isProxy) return this.#login.page(url, authInfo, callback);
    const ours = authInfo.host === "127.0.0.1" && authInfo.port === opened.proxyPort;
    const answered = this.#proxyAnswers.get(url) ?? 0;
    if (!ours || answered >= mostProxyAnswers) return callback();
    this.#proxyAnswers.set(url, answered + 1);
    callback(opened.user, opened.password);
  }

  /** The engine was started again: the window gets a scope of its new forward proxy. */
  async renew(opened: OpenedGalvanometer): Promise<void> {
    this.#held.opened = opened;
    this.#held.unlockedUntil = null;
    this.#proxyAnswers.clear();
    await this.#session.clearAuthCache();
    await sendThroughProxy(this.#session, opened);
    this.view.reload();
  }

  #windowNeeds(): Omit<WindowNeeds, "stopped"> {
    const { log, around, chooseTls, showOther } = this.#needs;
    const { tls } = this.#held.opened;
    return {
      isPackaged: app.isPackaged,
      log,
      state: () => this.#state(),
      isUnlocked: () => this.#held.unlockedUntil !== null,
      unlock: (durationMs) => this.#unlock(durationMs),
      tls,
      chooseTls,
      openBackendAt: async (url) => {
        const other = backendAt(url, around().config?.backends ?? []);
        return other !== null && (await showOther(other));
      },
    };
  }

  #state() {
    const { opened, unlockedUntil } = this.#held;
    const { config, snapshot, engineAlive } = this.#needs.around();
    return windowState({
      backend: opened.backend,
      address: opened.address,
      readOnly: opened.readOnly,
      tls: opened.tls,
      mixed: opened.mixed,
      unlockedUntil: clockOf(unlockedUntil),
      tunnels: config?.tunnels ?? [],
      snapshot,
      engineAlive,
    });
  }

  async #unlock(durationMs: number): Promise<void> {
    const reply = await this.#needs.engine.unlockGalvanometer(this.#held.opened.id, durationMs);
    if (!reply.ok) return;
    const { until } = reply.value;
    this.#held.unlockedUntil = until;
    if (until !== null) setTimeout(() => this.#relock(), Date.parse(until) - Date.now() + 100).unref();
  }

  #relock(): void {
    const until = this.#held.unlockedUntil;
    if (until === null || Date.parse(until) > Date.now()) return;
    this.#held.unlockedUntil = null;
    this.view.update();
  }

  #tellUnanswerable(authority: string, scheme: string): void {
    void this.#needs.engine.note({
      event: "galvanometer-refused",
      severity: "warning",
      backend: this.#held.opened.backend.id,
      message: `${authority} asks for ${scheme || "a login"}, which no browser sends to another instance: its Admin needs <AnonymousPaths>^/amps/instance/replication</AnonymousPaths>.`,
    });
  }

  #end(): void {
    this.#needs.onClosed(this);
    void this.#needs.engine.closeGalvanometer(this.#held.opened.id).catch(() => undefined);
    void this.#session.clearAuthCache();
    void this.#session.clearStorageData();
  }
}

/** The backend whose admin endpoint a URL belongs to. */
function backendAt(url: string, backends: readonly BackendConfig[]): string | null {
  const { protocol, host } = new URL(url);
  const wanted = parseAuthority(host, protocol === "https:" ? 443 : 80);
  if (!wanted) return null;
  const found = backends.find(({ admin }) => {
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
