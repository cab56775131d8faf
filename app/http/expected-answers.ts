/**
 * The last good answer to an upgrade of each backend, and what it would be for another client, byte for byte:
 *
 *     answer judged ─▶ note    for ─▶ the same bytes, and where in them each client's own accept stands
 *
 * What differs in anything else was not foreseen, and is judged when it comes.
 */
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import type { AnswerHead } from "./answer-head.ts";
import type { AnswerStart } from "./backend-answer.ts";

/** Of whom an upgrade is asked, and with what Sec-WebSocket-Key. */
export interface AskedUpgrade {
  readonly backend: BackendConfig;
  readonly kind: EndpointKind;
  readonly key: string | undefined;
}

export interface ExpectedAnswer {
  readonly bytes: Buffer;
  /** Where in the bytes a Sec-WebSocket-Accept begins; -1: nowhere. */
  readonly acceptAt: number;
  /** Of the answer that was judged: another client's accept is in it. */
  readonly head: AnswerHead;
}

/** 20 bytes in base64 (RFC 6455, section 4.2.2). */
const acceptForm = /^[A-Za-z0-9+/]{27}=$/;

/** One for each endpoint, as long as its configuration lives. */
export class ExpectedAnswers {
  readonly #known = new WeakMap<BackendConfig, Map<EndpointKind, ExpectedAnswer>>();

  /** `start`: a 101 that was judged to be good. */
  note({ backend, kind, key }: AskedUpgrade, { head, bytes }: AnswerStart): void {
    const ofBackend = this.#known.get(backend) ?? new Map<EndpointKind, ExpectedAnswer>();
    this.#known.set(backend, ofBackend);
    const acceptAt = findAccept(head, bytes, key);
    if (acceptAt === null) ofBackend.delete(kind);
    else ofBackend.set(kind, { head, bytes: Buffer.from(bytes), acceptAt });
  }

  /** Null where nothing can be expected. */
  for({ backend, kind, key }: AskedUpgrade): ExpectedAnswer | null {
    const known = this.#known.get(backend)?.get(kind);
    return !known || (known.acceptAt >= 0 && key === undefined) ? null : known;
  }
}

/** Null where it is none, or cannot be told from something else. */
function findAccept({ headers }: AnswerHead, bytes: Buffer, key: string | undefined): number | null {
  const accept = headers["sec-websocket-accept"];
  if (accept === undefined) return -1;
  if (key === undefined || !acceptForm.test(accept)) return null;
  const at = bytes.indexOf(accept);
  return at === bytes.lastIndexOf(accept) ? at : null;
}
