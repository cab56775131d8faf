/** Takes the engine's questions: answers from what is kept, else puts them to the operator, one window at a time. */
import type { Answer, HostKeyAnswer, Question, SecretQuestion } from "../../../app/contract/questions.ts";
import type { EngineHandle } from "../../../app/engine/engine-handle.ts";
import type { OperatorDesk } from "../../../app/service/operator-desk.ts";
import type { PromptPage } from "./prompt-page.ts";
import type { Prompt } from "./prompt-window.ts";
import { hostKeyPage, secretPage } from "./question-pages.ts";
import type { SecretVault } from "./secret-vault.ts";

interface AskOperatorOptions {
  readonly engine: Pick<EngineHandle, "onEvent" | "answerQuestion">;
  readonly vault: SecretVault;
  readonly open: (page: PromptPage) => Prompt;
  readonly log: (message: string) => void;
}

export function askOperator(options: AskOperatorOptions): OperatorDesk {
  return new Desk(options);
}

class Desk implements OperatorDesk {
  readonly #options: AskOperatorOptions;
  readonly #known = new Set<string>();
  #open: readonly Question[] = [];
  #shown: { readonly id: string; readonly prompt: Prompt } | null = null;
  /** Windows come one after another. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: AskOperatorOptions) {
    this.#options = options;
    options.engine.onEvent((event) => {
      if (event.type === "questions") this.#take(event.questions);
      if (event.type === "changes")
        for (const { id, state } of event.changes.tunnels?.set ?? [])
          if (state === "up") void options.vault.prove(id);
    });
  }

  #take(questions: readonly Question[]): void {
    this.#open = questions;
    if (this.#shown && !this.#isOpen(this.#shown.id)) this.#shown.prompt.close();
    for (const id of this.#known) if (!this.#isOpen(id)) this.#known.delete(id);
    for (const question of questions) {
      if (this.#known.has(question.id)) continue;
      this.#known.add(question.id);
      void this.#consider(question);
    }
  }

  #isOpen(id: string): boolean {
    return this.#open.some((question) => question.id === id);
  }

  /** What is kept needs no window; the rest waits for its turn. */
  async #consider(question: Question): Promise<void> {
    const { vault, engine, log } = this.#options;
    try {
      if (question.is === "secret" && question.kind !== "answer") {
        if (question.refused) vault.drop(question);
        const kept = question.refused ? null : await vault.read(question);
        if (kept !== null)
          return void (await engine.answerQuestion(question.id, { is: "secret", secret: kept }));
      }
      this.#turn = this.#turn
        .then(() => this.#ask(question))
        .catch((error: unknown) => log(`a question: ${String(error)}`));
      await this.#turn;
    } catch (error) {
      log(`a question of the engine: ${String(error)}`);
    }
  }

  async #ask(question: Question): Promise<void> {
    const { vault, engine, open } = this.#options;
    const page =
      question.is === "secret" ? secretPage(question, await vault.keeping()) : hostKeyPage(question);
    if (!this.#isOpen(question.id)) return;
    const prompt = open(page);
    this.#shown = { id: question.id, prompt };
    const form = await prompt.answer;
    this.#shown = null;
    // Withdrawn meanwhile: the window was closed by us.
    if (!this.#isOpen(question.id)) return;
    await engine.answerQuestion(question.id, this.#answerOf(question, form));
  }

  #answerOf(question: Question, form: URLSearchParams | null): Answer {
    if (question.is === "host-key")
      return { is: "host-key", answer: hostKeyAnswer(form?.get("answer") ?? null) };
    const secret = form?.get("secret") ?? null;
    if (secret !== null && question.kind !== "answer")
      this.#offer(question, secret, form?.get("keep") === "yes");
    return { is: "secret", secret };
  }

  #offer({ tunnel, kind, account }: SecretQuestion, secret: string, keep: boolean): void {
    this.#options.vault.offer({ tunnel, kind, account }, secret, keep);
  }

  kept() {
    return this.#options.vault.kept();
  }

  forget(tunnel: string): Promise<void> {
    this.#options.vault.forget(tunnel);
    return Promise.resolve();
  }

  onKept(listener: Parameters<OperatorDesk["onKept"]>[0]): void {
    this.#options.vault.onKept(listener);
  }

  show(): boolean {
    this.#shown?.prompt.show();
    return this.#open.length > 0;
  }
}

/** Anything but a plain yes is a no. */
function hostKeyAnswer(text: string | null): HostKeyAnswer {
  return text === "once" || text === "remember" ? text : "refuse";
}
