/** What one SSH tunnel was told, so that a reconnection does not ask again, and what it is asking just now. */
import { describeSecret, type SecretRequest } from "../secret-source.ts";
import { SharedQuestions } from "../shared-questions.ts";

export class SecretMemory {
  readonly #kept = new Map<string, string>();
  readonly #refused = new Set<string>();
  readonly #questions = new SharedQuestions<string | null>();
  readonly #open = new Map<Promise<string | null>, { readonly words: string; readonly lasts: boolean }>();
  readonly #onChange: () => void;

  /** `onChange`: another question is open than before. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get(key: string): string | undefined {
    return this.#kept.get(key);
  }

  refuse(key: string): void {
    this.#kept.delete(key);
    this.#refused.add(key);
  }

  wasRefused(key: string): boolean {
    return this.#refused.has(key);
  }

  forget(): void {
    this.#kept.clear();
    this.#refused.clear();
  }

  /** Asks for what is kept under `key`. A connection that comes while it is asked waits for the same answer. */
  ask(
    key: string,
    what: Pick<SecretRequest, "kind" | "account">,
    signal: AbortSignal,
    put: (signal: AbortSignal) => Promise<string | null>,
  ): Promise<string | null> {
    const kept = async (over: AbortSignal): Promise<string | null> => {
      const secret = await put(over);
      if (secret !== null) this.#kept.set(key, secret);
      return secret;
    };
    return this.asking(what, this.#questions.ask(key, signal, null, kept), true);
  }

  /** Notes what is asked until it is answered. `lasts`: the answer is of use to the next connection too. */
  asking(
    what: Pick<SecretRequest, "kind" | "account">,
    answer: Promise<string | null>,
    lasts: boolean,
  ): Promise<string | null> {
    this.#open.set(answer, { words: describeSecret(what), lasts });
    this.#onChange();
    return answer.finally(() => {
      this.#open.delete(answer);
      this.#onChange();
    });
  }

  /** What is being asked, in words; null where nothing is. */
  get question(): string | null {
    const [first] = this.#open.values();
    return first?.words ?? null;
  }

  /** Waits for the open questions whose answers last: whether there were any, and each was answered. */
  async answered(): Promise<"none" | "given" | "declined"> {
    const lasting = [...this.#open].filter(([, { lasts }]) => lasts);
    if (lasting.length === 0) return "none";
    const answers = await Promise.all(lasting.map(([answer]) => answer));
    return answers.includes(null) ? "declined" : "given";
  }
}
