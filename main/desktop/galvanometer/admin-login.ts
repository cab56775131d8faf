/** Asks the operator for the user name and password that an AMPS admin endpoint wants. */
import type { BrowserWindow } from "electron";
import { openPrompt } from "../operator/prompt-window.ts";
import { credentialPage } from "../operator/question-pages.ts";
import type { Credential, LoginQuestion } from "./login-desk.ts";

interface Prompt {
  readonly parent: BrowserWindow;
  readonly question: Pick<LoginQuestion, "authority" | "realm" | "isBackend">;
  /** The last answer was not taken. */
  readonly refused: boolean;
  readonly isPackaged: boolean;
}

/** Null where the operator cancels. */
export async function askCredential(prompt: Prompt): Promise<Credential | null> {
  const { parent, question, refused, isPackaged } = prompt;
  if (parent.isDestroyed()) return null;
  const page = credentialPage({ ...question, refused });
  const form = await openPrompt({ parent, modal: true, page, isPackaged }).answer;
  if (!form) return null;
  const [user = "", password = ""] = ["user", "password"].map((name) => form.get(name) ?? "");
  return { user, password, shared: question.isBackend && form.get("shared") === "on" };
}
