/** Collects what an export cannot say, or says in another way than Shunt does it. */
import type { NotExpressed, NotExpressedCode } from "../contract/export.ts";

interface Where {
  readonly route?: string;
  readonly pool?: string;
  readonly backend?: string;
}

export class Remarks {
  readonly #annotate: boolean;
  readonly #found = new Map<string, NotExpressed>();

  constructor(annotate: boolean) {
    this.#annotate = annotate;
  }

  /** Something that the format does not have: refuses the export, or is left out with a comment. */
  leaveOut(code: NotExpressedCode, where: Where, reason: string): void {
    this.#add(code, this.#annotate ? "left-out" : "refused", where, reason);
  }

  /** Something that is carried, in another way than Shunt does it. */
  differ(code: NotExpressedCode, where: Where, reason: string): void {
    this.#add(code, "differs", where, reason);
  }

  #add(code: NotExpressedCode, outcome: NotExpressed["outcome"], where: Where, reason: string): void {
    const { route = null, pool = null, backend = null } = where;
    const remark = { code, outcome, route, pool, backend, reason };
    this.#found.set(JSON.stringify(remark), remark);
  }

  get isRefused(): boolean {
    return this.list().some((one) => one.outcome === "refused");
  }

  list(): readonly NotExpressed[] {
    return [...this.#found.values()];
  }
}
