/** All Galvanometer windows: one a backend, opened, kept up to date, and ended with everything that they had. */
import { app } from "electron";
import { authorityKey, parseAuthority } from "../../../app/galvanometer/authority.ts";
import { parseEndpoint } from "../../../app/config/address.ts";
import type { LinkState } from "../../../app/contract/bridge.ts";
import type { Reply } from "../../../app/contract/commands.ts";
import type { BackendConfig } from "../../../app/contract/config.ts";
import type { EngineHandle } from "../../../app/engine/engine-handle.ts";
import { accept, errorText, refuse } from "../../../app/failures.ts";
import type { OpenedGalvanometer } from "../../../app/galvanometer/galvanometers.ts";
import type { ShowGalvanometer } from "../../../app/service/galvanometer.ts";
import type { LiveMirror } from "../live-mirror.ts";
import type { Remembered, TlsChoices } from "../small-stores.ts";
import type { Watched } from "../watched.ts";
import { askCredential } from "./admin-login.ts";
import { prepareSession } from "./galvanometer-session.ts";
import { openGalvanometerWindow, type GalvanometerWindow } from "./galvanometer-window.ts";
import { LoginDesk } from "./login-desk.ts";
import { signInToPeers } from "./peer-login.ts";
import { sendThroughProxy } from "./proxy-barrier.ts";
import { windowBasis } from "./window-basis.ts";
import { createWindowLogin, type WindowLogin, type WindowQuestion } from "./window-login.ts";
import { windowState } from "./window-state.ts";

export interface GalvanometerWindowsOptions {
  readonly engine: EngineHandle;
  readonly tlsChoices: Remembered<TlsChoices>;
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

/** What changes while a window is open. */
interface Held {
  opened: OpenedGalvanometer;
  unlockedUntil: string | null;
}

interface Shown {
  readonly held: Held;
  /** What of the configuration it was opened with: see `windowBasis`. */
  basis: string | null;
  /** How often each URL was answered by the proxy's credential. */
  readonly proxyAnswers: Map<string, number>;
  readonly view: GalvanometerWindow;
  readonly login: WindowLogin;
}

/** A credential that the proxy did not take so often is not the one it wants. */
const mostProxyAnswers = 3;

export function createGalvanometerWindows(options: GalvanometerWindowsOptions): GalvanometerWindows {
  const { engine, tlsChoices, log } = options;
  const shown = new Map<string, Shown>();
  const desk = new LoginDesk<WindowQuestion>((question, refused) =>
    askCredential({ parent: question.parent, question, refused, isPackaged: app.isPackaged }),
  );
  const opening = new Map<string, ReturnType<ShowGalvanometer>>();
  let around: ReturnType<LiveMirror["current"]> & { readonly engineAlive: boolean } = {
    config: null,
    snapshot: null,
    engineAlive: true,
  };

  /** Chromium takes client certificates from the operating system only, so with one in a file Shunt speaks TLS. */
  const begin = (id: string): Promise<Reply<OpenedGalvanometer>> => {
    const { tls } = around.config?.backends.find((backend) => backend.id === id) ?? {};
    const usual = tls?.clientCertFile === undefined ? "passthrough" : "originate";
    return engine.openGalvanometer(id, { fenced: true, tls: tlsChoices.get()[id] ?? usual });
  };

  const open: ShowGalvanometer = async (backend) => {
    const reply = await begin(backend);
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
    const held: Held = { opened, unlockedUntil: null };
    const session = await prepareSession(opened, {
      judge: (asked) => engine.judgeGalvanometer(held.opened.id, asked),
      onStopped: (key, reason) => {
        if (stopped.size > 200) stopped.clear();
        stopped.set(key, reason);
      },
      log,
    });
    const login = createWindowLogin({
      backend: opened.backend,
      desk,
      parent: () => view.window,
      isBackend: (authority) => backendAt(`http://${authority}`, opened.backends) !== null,
    });
    const peers = signInToPeers(session, {
      home: new URL(opened.address).origin,
      answer: login.peer,
      onUnanswerable: (authority, scheme) =>
        void engine.note({
          event: "galvanometer-refused",
          severity: "warning",
          backend,
          message: `${authority} asks for ${scheme || "a login"}, which no browser sends to another instance: its Admin needs <AnonymousPaths>^/amps/instance/replication</AnonymousPaths>.`,
        }),
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
          tls: opened.tls,
          mixed: opened.mixed,
          unlockedUntil: clockOf(held.unlockedUntil),
          tunnels: around.config?.tunnels ?? [],
          snapshot: around.snapshot,
          engineAlive: around.engineAlive,
        }),
      isUnlocked: () => held.unlockedUntil !== null,
      unlock: async (durationMs) => {
        const reply = await engine.unlockGalvanometer(held.opened.id, durationMs);
        if (!reply.ok) return;
        held.unlockedUntil = reply.value.until;
        if (reply.value.until === null) return;
        setTimeout(() => relock(backend), Date.parse(reply.value.until) - Date.now() + 100).unref();
      },
      tls: opened.tls,
      chooseTls: (tls) => {
        tlsChoices.set({ ...tlsChoices.get(), [backend]: tls });
        void reopen(backend);
      },
      openBackendAt: async (url) => {
        const other = backendAt(url, around.config?.backends ?? []);
        return other !== null && (await show(other)).ok;
      },
    });
    view.page.on("did-navigate", () => peers.reset());
    view.window.on("closed", () => {
      const { id } = held.opened;
      if (shown.get(backend)?.view === view) shown.delete(backend);
      if (shown.size === 0) desk.forget();
      void engine.closeGalvanometer(id).catch(() => undefined);
      void session.clearAuthCache();
      void session.clearStorageData();
    });
    const basis = windowBasis(around.config, backend);
    return { held, basis, proxyAnswers: new Map(), view, login };
  };

  /** Closes a window and opens it anew in its place: another trust or another address needs another session. */
  const reopen = async (backend: string): Promise<void> => {
    const one = shown.get(backend);
    if (!one) return;
    const { window } = one.view;
    const bounds = window.getBounds();
    const stillThere = around.config?.backends.some(({ id, admin }) => id === backend && admin !== undefined);
    if (stillThere) {
      shown.delete(backend);
      const reply = await show(backend);
      if (!reply.ok) log(`the Galvanometer of ${backend} could not be opened anew: ${reply.failure.message}`);
      shown.get(backend)?.view.window.setBounds(bounds);
    }
    window.destroy();
  };

  const relock = (backend: string): void => {
    const one = shown.get(backend);
    const until = one?.held.unlockedUntil ?? null;
    if (!one || until === null || Date.parse(until) > Date.now()) return;
    one.held.unlockedUntil = null;
    one.view.update();
  };

  const show: ShowGalvanometer = async (backend) => {
    const one = shown.get(backend);
    if (one) {
      one.view.show();
      return accept({ address: one.held.opened.address, uncovered: one.held.opened.uncovered });
    }
    const running = opening.get(backend) ?? open(backend).finally(() => opening.delete(backend));
    opening.set(backend, running);
    return running;
  };

  app.on("login", (event, contents, { url }, authInfo, callback) => {
    const one = [...shown.values()].find(({ view }) => view.page === contents);
    event.preventDefault();
    if (!one) return callback();
    const { held, login, proxyAnswers } = one;
    if (!authInfo.isProxy) return login.page(url, authInfo, callback);
    const ours = authInfo.host === "127.0.0.1" && authInfo.port === held.opened.proxyPort;
    const answered = proxyAnswers.get(url) ?? 0;
    if (!ours || answered >= mostProxyAnswers) return callback();
    proxyAnswers.set(url, answered + 1);
    callback(held.opened.user, held.opened.password);
  });

  /** The engine was started again: every window gets a scope of its new forward proxy. */
  const renew = async (): Promise<void> => {
    for (const [backend, one] of shown) {
      const reply = await begin(backend);
      if (!reply.ok || one.view.window.isDestroyed()) continue;
      one.held.opened = reply.value;
      one.held.unlockedUntil = null;
      one.proxyAnswers.clear();
      const { session } = one.view.page;
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
        for (const [backend, one] of shown) {
          one.view.update();
          const basis = windowBasis(around.config, backend);
          if (around.config === null || basis === one.basis) continue;
          const isNew = one.basis === null;
          one.basis = basis;
          if (!isNew) void reopen(backend);
        }
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
