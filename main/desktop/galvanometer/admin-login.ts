/** Asks the operator for the user name and password that an AMPS admin endpoint wants. A page of ours, without script. */
import { BrowserWindow, session as sessions, type Session } from "electron";
import { governElsewhere } from "../hardening.ts";
import { windowPreferences } from "../window-preferences.ts";

export interface Credential {
  readonly user: string;
  readonly password: string;
}

export interface LoginQuestion {
  /** `amps-prod-1:8085`. */
  readonly authority: string;
  readonly realm: string;
  /** The last answer was not taken. */
  readonly refused: boolean;
}

const page = "shunt://login/";
let prompts = 0;

/** Null where the operator cancels. */
export function askCredential(
  parent: BrowserWindow,
  question: LoginQuestion,
  isPackaged: boolean,
): Promise<Credential | null> {
  prompts += 1;
  const session = sessions.fromPartition(`galvanometer-login-${prompts}`, { cache: false });
  governElsewhere(session);
  return new Promise((resolve) => {
    const window = new BrowserWindow({
      parent,
      modal: true,
      width: 420,
      height: 320,
      resizable: false,
      minimizable: false,
      maximizable: false,
      fullscreenable: false,
      title: `Sign in to ${question.authority}`,
      webPreferences: { ...windowPreferences(isPackaged), session },
    });
    governElsewhere(window.webContents);
    window.setMenu(null);
    answerPrompt(session, question, (credential) => {
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

function answerPrompt(
  session: Session,
  question: LoginQuestion,
  done: (credential: Credential | null) => void,
): void {
  session.protocol.handle("shunt", async (request) => {
    if (request.method !== "POST") return new Response(promptPage(question), { headers });
    const form = new URLSearchParams(await request.text());
    const user = form.get("user") ?? "";
    done(form.get("answer") === "cancel" ? null : { user, password: form.get("password") ?? "" });
    return new Response("", { status: 204 });
  });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

// Enter presses the first button of a form, so that is Sign in; the style puts Cancel before it.
function promptPage({ authority, realm, refused }: LoginQuestion): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Sign in</title>
<style>
body{font:14px/1.5 system-ui,sans-serif;margin:0;padding:20px 24px;background:Canvas;color:CanvasText}
h1{font-size:16px;margin:0 0 4px;overflow-wrap:anywhere}p{margin:0 0 14px}.soft{opacity:.75}.bad{color:#c3342b;font-weight:600}
label{display:block;margin:0 0 10px}input{display:block;width:100%;box-sizing:border-box;margin-top:2px;padding:6px 8px;font:inherit}
.buttons{display:flex;flex-direction:row-reverse;gap:8px;margin-top:14px}button{font:inherit;padding:6px 14px}
</style>
<h1>${escapeHtml(authority)}</h1>
<p class="soft">This AMPS admin endpoint asks for a user${realm === "" ? "" : ` (${escapeHtml(realm)})`}. Kept until its window is closed.</p>
${refused ? '<p class="bad">▲ The last answer was not accepted.</p>' : ""}
<form method="post" action="${page}">
<label>User<input name="user" autofocus autocomplete="off" spellcheck="false"></label>
<label>Password<input name="password" type="password" autocomplete="off"></label>
<div class="buttons"><button name="answer" value="sign-in">Sign in</button><button name="answer" value="cancel">Cancel</button></div>
</form></html>`;
}
