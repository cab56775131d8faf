/** Asks the operator for the user name and password that an AMPS admin endpoint wants. A page of ours, without script. */
import { BrowserWindow, session as sessions, type Session } from "electron";
import { governElsewhere } from "../hardening.ts";
import { windowPreferences } from "../window-preferences.ts";
import type { Credential, LoginQuestion } from "./login-desk.ts";

export interface Prompt {
  readonly parent: BrowserWindow;
  readonly question: Pick<LoginQuestion, "authority" | "realm" | "isBackend">;
  /** The last answer was not taken. */
  readonly refused: boolean;
  readonly isPackaged: boolean;
}

const page = "shunt://login/";
let prompts = 0;

/** Null where the operator cancels. */
export function askCredential(prompt: Prompt): Promise<Credential | null> {
  const { parent, question, isPackaged } = prompt;
  if (parent.isDestroyed()) return Promise.resolve(null);
  prompts += 1;
  const session = sessions.fromPartition(`galvanometer-login-${prompts}`, { cache: false });
  governElsewhere(session);
  return new Promise((resolve) => {
    const window = new BrowserWindow({
      parent,
      modal: true,
      width: 440,
      height: 380,
      useContentSize: true,
      resizable: false,
      minimizable: false,
      maximizable: false,
      fullscreenable: false,
      title: `Sign in to ${question.authority}`,
      webPreferences: { ...windowPreferences(isPackaged), session },
    });
    governElsewhere(window.webContents);
    window.setMenu(null);
    answerPrompt(session, prompt, (credential) => {
      resolve(credential);
      // The page is still waiting for its answer.
      setImmediate(() => window.destroy());
    });
    const stay = (event: { url: string; preventDefault(): void }) => {
      if (!event.url.startsWith(page)) event.preventDefault();
    };
    window.webContents.on("will-navigate", stay);
    window.webContents.on("will-redirect", stay);
    window.on("page-title-updated", (event) => event.preventDefault());
    window.on("closed", () => resolve(null));
    void window.loadURL(page).catch(() => window.destroy());
  });
}

const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action shunt:",
};

function answerPrompt(session: Session, prompt: Prompt, done: (credential: Credential | null) => void): void {
  session.protocol.handle("shunt", async (request) => {
    if (request.method !== "POST") return new Response(promptPage(prompt), { headers });
    const form = new URLSearchParams(await request.text());
    const [user = "", password = ""] = ["user", "password"].map((name) => form.get(name) ?? "");
    const shared = prompt.question.isBackend && form.get("shared") === "on";
    done(form.get("answer") === "cancel" ? null : { user, password, shared });
    return new Response("", { status: 204 });
  });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

// Enter presses the first button of a form, so that is Sign in; the style puts Cancel before it.
function promptPage({ question: { authority, realm, isBackend }, refused }: Prompt): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Sign in</title>
<style>
body{font:14px/1.5 system-ui,sans-serif;margin:0;padding:20px 24px;background:Canvas;color:CanvasText}
h1{font-size:16px;margin:0 0 4px;overflow-wrap:anywhere}p{margin:0 0 14px}.soft{opacity:.75}.bad{font-weight:600}
label{display:block;margin:0 0 10px}input{display:block;width:100%;box-sizing:border-box;margin-top:2px;padding:6px 8px;font:inherit}
.line{display:flex;gap:8px;align-items:center}.line input{width:auto;margin:0}.bad{color:light-dark(#b3261e,#ff8a80)}
.buttons{display:flex;flex-direction:row-reverse;gap:8px;margin-top:14px}button{font:inherit;padding:6px 14px}
</style>
<h1>${escapeHtml(authority)}</h1>
<p class="soft">This AMPS admin endpoint asks for a user${realm === "" ? "" : ` (${escapeHtml(realm)})`}. Kept in memory until the last Galvanometer is closed.</p>
${refused ? '<p class="bad">▲ The last answer was not accepted.</p>' : ""}
<form method="post" action="${page}">
<label>User<input name="user" autofocus autocomplete="off" spellcheck="false"></label>
<label>Password<input name="password" type="password" autocomplete="off"></label>
${isBackend ? '<label class="line"><input name="shared" type="checkbox"> Also for other backends of this realm</label>' : ""}
<div class="buttons"><button name="answer" value="sign-in">Sign in</button><button name="answer" value="cancel">Cancel</button></div>
</form></html>`;
}
