/**
 * The last good answer to an upgrade of each backend, and what it would be for another client, byte for byte:
 *
 *     answer judged ─▶ note    for ─▶ the same bytes with the accept of this client's key (RFC 6455, section 4.2.2)
 *
 * What differs in anything else was not foreseen, and is judged when it comes.
 */
import { createHash } from "node:crypto";
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
  /** Until the next one is asked for. */
  readonly bytes: Buffer;
  /** Of the answer that was judged: another client's accept is in it. */
  readonly head: AnswerHead;
}

/** `acceptAt`: where in the bytes the accept begins; -1: nowhere. */
interface KnownAnswer extends ExpectedAnswer {
  readonly acceptAt: number;
}

const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}${acceptSuffix}`, "latin1").digest("base64");
}

/** One for each endpoint, as long as its configuration lives. */
export class ExpectedAnswers {
  readonly #known = new WeakMap<BackendConfig, Map<EndpointKind, KnownAnswer>>();

  /** `start`: a 101 that was judged to be good. */
  note({ backend, kind, key }: AskedUpgrade, { head, bytes }: AnswerStart): void {
    const ofBackend = this.#known.get(backend) ?? new Map<EndpointKind, KnownAnswer>();
    this.#known.set(backend, ofBackend);
    const acceptAt = findAccept(head, bytes, key);
    if (acceptAt === null) ofBackend.delete(kind);
    else ofBackend.set(kind, { head, bytes: Buffer.from(bytes), acceptAt });
  }

  /** Null where nothing can be expected. */
  for({ backend, kind, key }: AskedUpgrade): ExpectedAnswer | null {
    const known = this.#known.get(backend)?.get(kind);
    if (!known || (known.acceptAt >= 0 && key === undefined)) return null;
    if (known.acceptAt >= 0) known.bytes.write(acceptOf(key ?? ""), known.acceptAt, "latin1");
    return known;
  }
}

/** Null where it is not this key's, or cannot be told from something else. */
function findAccept({ headers }: AnswerHead, bytes: Buffer, key: string | undefined): number | null {
  const accept = headers["sec-websocket-accept"];
  if (accept === undefined) return -1;
  if (key === undefined || accept !== acceptOf(key)) return null;
  const at = bytes.indexOf(accept);
  return at === bytes.lastIndexOf(accept) ? at : null;
}
