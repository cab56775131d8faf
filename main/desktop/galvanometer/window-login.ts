/** How one Galvanometer window answers those who ask for a user: its own page through Chromium, and the peers it polls. */
import type { AuthInfo, BrowserWindow } from "electron";
import type { BackendConfig } from "../../../app/contract/config.ts";
import type { Credential, LoginDesk, LoginQuestion } from "./login-desk.ts";

export interface WindowQuestion extends LoginQuestion {
  readonly parent: BrowserWindow;
}

interface WindowLoginOptions {
  readonly backend: BackendConfig;
  readonly desk: LoginDesk<WindowQuestion>;
  readonly parent: () => BrowserWindow;
  /** Whether a configured backend has its admin endpoint there. */
  readonly isBackend: (authority: string) => boolean;
}

export interface WindowLogin {
  /** Chromium asks, for the page itself. No user: the endpoint's own refusal is shown. */
  page(url: string, authInfo: AuthInfo, answer: (user?: string, password?: string) => void): void;
  peer(
    asked: { readonly authority: string; readonly realm: string },
    refused: Credential | null,
  ): Promise<Credential | null>;
}

const mostUrls = 500;

export function createWindowLogin({ backend, desk, parent, isBackend }: WindowLoginOptions): WindowLogin {
  const way = JSON.stringify([backend.environment ?? "", backend.via ?? ""]);
  /** What each URL was answered with: one that asks again was not satisfied by it. */
  const given = new Map<string, Credential>();
  const question = (asked: Pick<LoginQuestion, "authority" | "realm" | "scheme">): WindowQuestion => ({
    ...asked,
    way,
    isBackend: isBackend(asked.authority),
    parent: parent(),
  });
  return {
    page(url, { host, port, realm, scheme }, answer) {
      const key = `${scheme} ${url}`;
      const asked = question({ authority: `${host}:${port}`, realm, scheme });
      void desk.answer(asked, given.get(key) ?? null).then((credential) => {
        if (!credential) return answer();
        if (given.size > mostUrls) given.clear();
        given.set(key, credential);
        answer(credential.user, credential.password);
      });
    },
    peer: (asked, refused) => desk.answer(question({ ...asked, scheme: "basic" }), refused),
  };
}
