/** All Galvanometer windows: one a backend, opened, kept up to date, and ended with everything that they had. */
import { app } from "electron";
import type { LinkState } from "../../../app/contract/bridge.ts";
import type { Reply } from "../../../app/contract/commands.ts";
import type { EngineHandle } from "../../../app/engine/engine-handle.ts";
import { accept, errorText, refuse } from "../../../app/failures.ts";
import type { GalvanometerTls, OpenedGalvanometer } from "../../../app/galvanometer/galvanometers.ts";
import type { ShowGalvanometer } from "../../../app/service/galvanometer.ts";
import type { LiveMirror } from "../live-mirror.ts";
import type { Remembered, TlsChoices } from "../small-stores.ts";
import type { Watched } from "../watched.ts";
import { askCredential } from "./admin-login.ts";
import { LoginDesk } from "./login-desk.ts";
import { showGalvanometer, type Around, type ShownGalvanometer } from "./shown-galvanometer.ts";
import { windowBasis } from "./window-basis.ts";
import type { WindowQuestion } from "./window-login.ts";

interface GalvanometerWindowsOptions {
  readonly engine: EngineHandle;
  readonly tlsChoices: Remembered<TlsChoices>;
  readonly log: (message: string) => void;
}

/** What the windows follow once the desktop is there. */
interface Followed {
  readonly mirror: Pick<LiveMirror, "current" | "onChange">;
  /** `lost` while the engine is dead; then it knows no scope any more. */
  readonly link: Pick<Watched<LinkState>, "get" | "onChange">;
}

interface Entry {
  readonly shown: ShownGalvanometer;
  /** What of the configuration it was opened with: see `windowBasis`. */
  basis: string | null;
}

export class GalvanometerWindows {
  readonly #options: GalvanometerWindowsOptions;
  /** By backend. */
  readonly #entries = new Map<string, Entry>();
  readonly #opening = new Map<string, ReturnType<ShowGalvanometer>>();
  readonly #desk = new LoginDesk<WindowQuestion>((question, refused) =>
    askCredential({ parent: question.parent, question, refused, isPackaged: app.isPackaged }),
  );
  #around: Around = { config: null, snapshot: null, engineAlive: true };

  constructor(options: GalvanometerWindowsOptions) {
    this.#options = options;
    app.on("login", (event, contents, { url }, authInfo, callback) => {
      const entry = [...this.#entries.values()].find(({ shown }) => shown.view.page === contents);
      event.preventDefault();
      if (entry) entry.shown.answer(url, authInfo, callback);
      else callback();
    });
  }

  readonly show: ShowGalvanometer = async (backend) => {
    const entry = this.#entries.get(backend);
    if (entry) {
      const { view, opened } = entry.shown;
      view.show();
      return accept({ address: opened.address, uncovered: opened.uncovered });
    }
    const running =
      this.#opening.get(backend) ?? this.#open(backend).finally(() => this.#opening.delete(backend));
    this.#opening.set(backend, running);
    return running;
  };

  /** From now on every window shows what is known of its backend, and outlives the engine. */
  follow({ mirror, link }: Followed): void {
    const update = (): void => {
      this.#around = { ...mirror.current(), engineAlive: link.get() !== "lost" };
      this.#update();
    };
    mirror.onChange(update);
    link.onChange((state) => {
      update();
      if (state !== "live") return;
      this.#renew().catch((error: unknown) => this.#options.log(`Galvanometer windows: ${errorText(error)}`));
    });
  }

  /** Chromium takes client certificates from the operating system only, so with one in a file Shunt speaks TLS. */
  #begin(id: string): Promise<Reply<OpenedGalvanometer>> {
    const { engine, tlsChoices } = this.#options;
    const { tls } = this.#around.config?.backends.find((backend) => backend.id === id) ?? {};
    const usual = tls?.clientCertFile === undefined ? "passthrough" : "originate";
    return engine.openGalvanometer(id, { fenced: true, tls: tlsChoices.get()[id] ?? usual });
  }

  async #open(backend: string): ReturnType<ShowGalvanometer> {
    const { engine, log } = this.#options;
    const reply = await this.#begin(backend);
    if (!reply.ok) return reply;
    const opened = reply.value;
    try {
      const shown = await this.#showWindow(opened);
      this.#entries.set(backend, { shown, basis: windowBasis(this.#around.config, backend) });
    } catch (error) {
      log(`the Galvanometer of ${backend} could not be opened: ${errorText(error)}`);
      await engine.closeGalvanometer(opened.id);
      return refuse(
        "INTERNAL",
        `The Galvanometer window of ${backend} could not be opened: ${errorText(error)}.`,
      );
    }
    return accept({ address: opened.address, uncovered: opened.uncovered });
  }

  #showWindow(opened: OpenedGalvanometer): Promise<ShownGalvanometer> {
    const { engine, log } = this.#options;
    const { id } = opened.backend;
    return showGalvanometer(opened, {
      engine,
      log,
      desk: this.#desk,
      around: () => this.#around,
      chooseTls: (tls) => this.#chooseTls(id, tls),
      showOther: async (other) => (await this.show(other)).ok,
      onClosed: (shown) => {
        if (this.#entries.get(id)?.shown === shown) this.#entries.delete(id);
        if (this.#entries.size === 0) this.#desk.forget();
      },
    });
  }

  #chooseTls(backend: string, tls: GalvanometerTls): void {
    const { tlsChoices } = this.#options;
    tlsChoices.set({ ...tlsChoices.get(), [backend]: tls });
    void this.#reopen(backend);
  }

  /** Closes a window and opens it anew in its place: another trust or another address needs another session. */
  async #reopen(backend: string): Promise<void> {
    const entry = this.#entries.get(backend);
    if (!entry) return;
    const { window } = entry.shown.view;
    const bounds = window.getBounds();
    const stillThere = this.#around.config?.backends.some(
      ({ id, admin }) => id === backend && admin !== undefined,
    );
    if (stillThere) {
      this.#entries.delete(backend);
      const reply = await this.show(backend);
      if (!reply.ok)
        this.#options.log(
          `the Galvanometer of ${backend} could not be opened anew: ${reply.failure.message}`,
        );
      this.#entries.get(backend)?.shown.view.window.setBounds(bounds);
    }
    window.destroy();
  }

  #update(): void {
    const { config } = this.#around;
    for (const [backend, entry] of this.#entries) {
      entry.shown.view.update();
      const basis = windowBasis(config, backend);
      if (config === null || basis === entry.basis) continue;
      const isNew = entry.basis === null;
      entry.basis = basis;
      if (!isNew) void this.#reopen(backend);
    }
  }

  /** The engine was started again. */
  async #renew(): Promise<void> {
    for (const [backend, { shown }] of this.#entries) {
      const reply = await this.#begin(backend);
      if (reply.ok && !shown.view.window.isDestroyed()) await shown.renew(reply.value);
    }
  }
}
