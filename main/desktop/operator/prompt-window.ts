/**
 * A small window of Shunt's own that asks the operator something. Its page comes from the main process, has no script and
 * no preload, lives in a session of its own, and answers by one form: no other page can see or send what is typed.
 */
import { BrowserWindow, session as sessions, type Session } from "electron";
import { governElsewhere } from "../hardening.ts";
import { windowPreferences } from "../window-preferences.ts";
import { promptDocument, promptPage, type PromptPage } from "./prompt-page.ts";

interface PromptOptions {
  /** The window stays before this one, where there is one. */
  readonly parent: BrowserWindow | null;
  /** Nothing else can be done in the parent meanwhile. */
  readonly modal: boolean;
  readonly page: PromptPage;
  readonly isPackaged: boolean;
}

export interface Prompt {
  /** What the form says; null where the window was closed or the answer is `cancel`. */
  readonly answer: Promise<URLSearchParams | null>;
  /** Brings the window forward. */
  show(): void;
  /** Closes it without an answer. */
  close(): void;
}

const width = 460;
const leastHeight = 160;
const mostHeight = 640;
let prompts = 0;

export function openPrompt(options: PromptOptions): Prompt {
  const { parent, modal, page, isPackaged } = options;
  prompts += 1;
  const session = sessions.fromPartition(`prompt-${prompts}`, { cache: false });
  governElsewhere(session);
  const window = new BrowserWindow({
    ...(parent && { parent, modal }),
    width,
    height: leastHeight * 2,
    useContentSize: true,
    show: false,
    resizable: false,
    minimizable: false,
    maximizable: false,
    fullscreenable: false,
    title: page.title,
    webPreferences: { ...windowPreferences(isPackaged), session },
  });
  guard(window);
  // Screen sharing and recordings leave it out, where the system can.
  if (page.hidesInput) window.setContentProtection(true);
  const answer = new Promise<URLSearchParams | null>((resolve) => {
    answerForm(session, page, (form) => {
      resolve(form.get("answer") === "cancel" ? null : form);
      // The page is still waiting for its answer.
      setImmediate(() => window.destroy());
    });
    window.on("closed", () => resolve(null));
  });
  void window
    .loadURL(promptPage)
    .then(() => fitAndShow(window))
    .catch(() => window.isDestroyed() || window.destroy());
  return {
    answer,
    show() {
      if (window.isDestroyed()) return;
      window.show();
      window.focus();
    },
    close: () => window.isDestroyed() || window.destroy(),
  };
}

function guard(window: BrowserWindow): void {
  const { webContents } = window;
  governElsewhere(webContents);
  window.setMenu(null);
  const stay = (event: { url: string; preventDefault(): void }) => {
    if (!event.url.startsWith(promptPage)) event.preventDefault();
  };
  webContents.on("will-navigate", stay);
  webContents.on("will-redirect", stay);
  window.on("page-title-updated", (event) => event.preventDefault());
  webContents.on("before-input-event", (event, { key, type }) => {
    if (key !== "Escape" || type !== "keyDown") return;
    event.preventDefault();
    window.close();
  });
}

async function fitAndShow(window: BrowserWindow): Promise<void> {
  const wanted: unknown = await window.webContents.executeJavaScript("document.body.scrollHeight");
  if (window.isDestroyed()) return;
  const height = Math.min(mostHeight, Math.max(leastHeight, Number(wanted) || leastHeight));
  window.setContentSize(width, height);
  // Whoever types elsewhere just now must not find the words in a password field.
  if (BrowserWindow.getFocusedWindow()) return window.show();
  window.showInactive();
  window.flashFrame(true);
  window.once("focus", () => window.flashFrame(false));
}

const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action shunt:; base-uri 'none'; frame-ancestors 'none'",
};

function answerForm(session: Session, page: PromptPage, done: (form: URLSearchParams) => void): void {
  session.protocol.handle("shunt", async (request) => {
    if (request.method !== "POST") return new Response(promptDocument(page), { headers });
    done(new URLSearchParams(await request.text()));
    return new Response(null, { status: 204 });
  });
}
