/** How the engine's questions look in a prompt window. */
import type { HostKeyQuestion, KnownKey, SecretQuestion } from "../../../app/contract/questions.ts";
import { html, nothing, type Html, type PromptPage } from "./prompt-page.ts";

/** Whether a secret can be kept beyond this run, and in what or why not. */
export type Keeping =
  { readonly can: true; readonly place: string } | { readonly can: false; readonly why: string };

const titles = {
  password: "Password for",
  passphrase: "Passphrase of",
  answer: "A question from",
} as const;

export function secretPage(question: SecretQuestion, keeping: Keeping): PromptPage {
  const { tunnel, kind, account, prompt, shown, refused } = question;
  const label = kind === "answer" ? "Answer" : kind === "password" ? "Password" : "Passphrase";
  return {
    title: `${titles[kind]} ${account}`,
    hidesInput: !shown,
    body: [
      html`<p class="soft">Tunnel <strong>${tunnel}</strong> needs it to log on. ${whereItGoes(kind)}</p>`,
      prompt === null
        ? nothing
        : html`<p>The server says:</p>
            <blockquote>${prompt}</blockquote>`,
      refused ? html`<p class="bad">▲ The last one was not accepted.</p>` : nothing,
      html`<label
        >${label}<input
          name="secret"
          type="${shown ? "text" : "password"}"
          autofocus
          autocomplete="off"
          spellcheck="false"
          ${{ html: kind === "answer" ? "" : " required" }}
      /></label>`,
      keepingChoice(kind, keeping),
    ],
    buttons: [
      { value: "give", label: kind === "passphrase" ? "Unlock" : "Log on", primary: true },
      { value: "cancel", label: "Cancel" },
    ],
  };
}

function whereItGoes(kind: SecretQuestion["kind"]): string {
  if (kind === "passphrase") return "It opens the key on this machine and is sent nowhere.";
  return kind === "password" ? "It is shown to that server alone." : "The answer holds once and is not kept.";
}

function keepingChoice(kind: SecretQuestion["kind"], keeping: Keeping): Html {
  if (kind === "answer") return nothing;
  if (!keeping.can)
    return html`<p class="soft">
      ○ ${keeping.why} It is kept in memory until Shunt ends, and written nowhere.
    </p>`;
  return html`<label class="check"
    ><input type="checkbox" name="keep" value="yes" /><span
      >Keep it, encrypted by ${keeping.place}. Otherwise it is kept in memory until Shunt ends.</span
    ></label
  >`;
}

export function hostKeyPage({ tunnel, hostKey }: HostKeyQuestion): PromptPage {
  const { host, keyType, fingerprint, known } = hostKey;
  return {
    title: `Is this really ${host}?`,
    hidesInput: false,
    body: [
      html`<p>
        Tunnel <strong>${tunnel}</strong> reached a server whose host key is not known. Nothing has been sent
        to it. Compare the fingerprint with one that you got from whoever runs the server.
      </p>`,
      html`<dl>
        <dt>Shown by the server: ${keyType}</dt>
        <dd class="mono">${fingerprint}</dd>
        ${{ html: known.map(knownRow).join("") }}
      </dl>`,
      known.length === 0
        ? nothing
        : html`<p class="warn">
            ▲ Another key is known for this host. It may have got a new kind of key, or it is another machine.
          </p>`,
    ],
    buttons: [
      // Enter must not trust anybody.
      { value: "refuse", label: "Refuse", primary: true },
      { value: "once", label: "Accept until Shunt ends" },
      { value: "remember", label: "Trust this key" },
    ],
  };
}

function knownRow({ keyType, fingerprint, where }: KnownKey): string {
  return html`<dt>Known: ${keyType}${where === "" ? "" : `, ${where}`}</dt>
    <dd class="mono">${fingerprint}</dd>`.html;
}

interface CredentialQuestion {
  /** `amps-prod-1:8085`. */
  readonly authority: string;
  readonly realm: string;
  /** The answer may serve other backends of the realm too. */
  readonly isBackend: boolean;
  /** The last answer was not taken. */
  readonly refused: boolean;
}

export function credentialPage({ authority, realm, isBackend, refused }: CredentialQuestion): PromptPage {
  return {
    title: `Sign in to ${authority}`,
    hidesInput: true,
    body: [
      html`<p class="soft">
        This AMPS admin endpoint asks for a user${realm === "" ? "" : ` (${realm})`}. Kept until its window is
        closed.
      </p>`,
      refused ? html`<p class="bad">▲ The last answer was not accepted.</p>` : nothing,
      html`<label>User<input name="user" autofocus autocomplete="off" spellcheck="false" /></label>`,
      html`<label>Password<input name="password" type="password" autocomplete="off" /></label>`,
      isBackend
        ? html`<label class="check"
            ><input name="shared" type="checkbox" /><span>Also for other backends of this realm</span></label
          >`
        : nothing,
    ],
    buttons: [
      { value: "sign-in", label: "Sign in", primary: true },
      { value: "cancel", label: "Cancel" },
    ],
  };
}
