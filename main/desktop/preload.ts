/** The sandboxed bridge: `window.shunt`, the contract's `ExposedBridge`, and nothing else. */
import { contextBridge, ipcRenderer } from "electron";
import type { ExposedBridge, LinkState, ShellSettings, ShellWish } from "../../app/contract/bridge.ts";
import type { Reply } from "../../app/contract/commands.ts";
import type { Failure } from "../../app/contract/failures.ts";
import { pushes, requests, type ShellRequest } from "./channels.ts";

const noAnswer: Failure = {
  code: "INTERNAL",
  hop: "shunt",
  message: "Shunt did not answer this command.",
  advice: "Try again; if it happens again, the log (Help, Open log folder) says why.",
};

function listen<T>(channel: string, listener: (value: T) => void): () => void {
  const forward = (_event: unknown, value: T) => listener(value);
  ipcRenderer.on(channel, forward);
  return () => void ipcRenderer.removeListener(channel, forward);
}

const ask = (request: ShellRequest): Promise<unknown> => ipcRenderer.invoke(requests.shell, request);

const bridge: ExposedBridge = {
  call: (name, argument) =>
    ipcRenderer.invoke(requests.call, { name, argument }).catch(() => ({ ok: false, failure: noAnswer })),
  onEvent: (listener) => listen<string>(pushes.event, listener),
  onLink: (listener) => {
    let told = false;
    const stop = listen<LinkState>(pushes.link, (state) => {
      told = true;
      listener(state);
    });
    listener("connecting");
    ask({ do: "get-link" }).then(
      (state) => told || listener(state as LinkState),
      () => told || listener("lost"),
    );
    return stop;
  },
  // A wish that gets lost is put again with the next fetch of everything.
  listConnections: (listed) =>
    ask({ do: "list-connections", listed }).then(
      () => undefined,
      () => undefined,
    ),
  shell: {
    platform: process.platform,
    copyText: async (text) => void (await ask({ do: "copy-text", text })),
    onSettings: (listener) => {
      let told = false;
      const stop = listen<ShellSettings>(pushes.settings, (settings) => {
        told = true;
        listener(settings);
      });
      ask({ do: "get-settings" }).then(
        (settings) => told || listener(settings as ShellSettings),
        () => undefined,
      );
      return stop;
    },
    setTheme: async (theme) => void (await ask({ do: "set-theme", theme })),
    setRouteMuted: async (id, muted) => void (await ask({ do: "set-route-muted", id, muted })),
    saveFiles: (files) =>
      ask({ do: "save-files", files: [...files] }).catch(() => ({ ok: false, failure: noAnswer })) as Promise<
        Reply<string | null>
      >,
    openRoute: (id) =>
      ask({ do: "open-route", id }).catch(() => ({ ok: false, failure: noAnswer })) as Promise<Reply<null>>,
    getStartAtLogin: async () => (await ask({ do: "get-start-at-login" })) === true,
    setStartAtLogin: async (on) => (await ask({ do: "set-start-at-login", on })) === true,
    onWish: (listener) => {
      const stop = listen<ShellWish>(pushes.wish, listener);
      void ask({ do: "take-wishes" }).catch(() => undefined);
      return stop;
    },
  },
};

contextBridge.exposeInMainWorld("shunt", bridge);
