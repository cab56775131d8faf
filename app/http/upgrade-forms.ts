/**
 * What was judged of an upgrade, and done for it, as a form by which a native door serves the next client that says the same:
 *
 *     head judged, request written, answer judged ─▶ teach ─▶ the addon compares, dials, asks, compares ─▶ of
 *
 * It is JavaScript's judgement that is used again, for a second at most (native/forms.c), and not beyond a change of what was
 * judged by. Only the key of a WebSocket handshake, its accept and the client's address may differ.
 */
import type { EndpointKind } from "../contract/config.ts";
import type { Service } from "../forward/door-connection.ts";
import type { Errand, Form } from "../forward/native-addon.ts";
import type { ReadingDoor } from "../forward/native-door.ts";
import type { DialOrder } from "../forward/ordered-connection.ts";
import type { ExpectedAnswer } from "./expected-answers.ts";
import type { MatchedRequest } from "./matched-request.ts";
import { switchingProtocols } from "./request-head.ts";

export interface JudgedUpgrade {
  readonly matched: MatchedRequest;
  readonly kind: EndpointKind;
  readonly service: Service;
  readonly order: DialOrder;
  /** As the client said it, and its address without a port. */
  readonly head: Buffer;
  readonly client: string;
  /** As the backend gets it; null where Shunt itself answers. */
  readonly request: Buffer | null;
  /** What it was judged in; see `UpgradeForms`. */
  readonly era: object;
}

interface TaughtUpgrade {
  readonly upgrade: JudgedUpgrade;
  readonly expected: ExpectedAnswer | null;
}

/** So many are kept for clients that JavaScript has not heard of yet. */
const mostTaught = 256;

/** 16 bytes in base64 (RFC 6455, section 4.1). */
const keyForm = /^[A-Za-z0-9+/]{22}==$/;
const nothing = new Uint8Array();

export class UpgradeForms {
  readonly #taught = new Map<number, TaughtUpgrade>();
  #door: ReadingDoor | null = null;
  #era: object = {};
  #isHeld = false;
  #serial = 0;

  /** What is judged in it may be taught in it. */
  get era(): object {
    return this.#era;
  }

  use(door: ReadingDoor | null): void {
    this.#door = door;
  }

  teach(upgrade: JudgedUpgrade, expected: ExpectedAnswer | null): void {
    if (this.#isHeld || upgrade.era !== this.#era || !this.#door) return;
    const holes = holesOf(upgrade);
    if (!holes) return;
    // Not here: hearing of others may end whoever teaches.
    if (this.#taught.size >= mostTaught) return queueMicrotask(() => this.#makeRoom());
    this.#taught.set(++this.#serial, { upgrade, expected });
    const { host, port } = upgrade.order.address;
    this.#door.teach(
      this.#serial,
      upgrade.head,
      ...holes.places,
      host,
      port,
      ...errandOf(upgrade, expected, holes.request),
    );
  }

  /** Null: nobody can be served by it. */
  of(serial: number): TaughtUpgrade | null {
    return this.#taught.get(serial) ?? null;
  }

  /** What was judged by is another now: who was served until then is in the book when this returns. */
  renew(): void {
    this.#era = {};
    this.#forget();
  }

  /** The same, and nothing is taught until `resume`. */
  hold(): void {
    this.#isHeld = true;
    this.renew();
  }

  resume(): void {
    this.#isHeld = false;
    this.renew();
  }

  #makeRoom(): void {
    if (this.#taught.size >= mostTaught) this.#forget();
  }

  #forget(): void {
    const last = this.#serial;
    this.#door?.forget();
    // What was heard meanwhile may have taught others, which stay.
    for (const serial of this.#taught.keys()) if (serial <= last) this.#taught.delete(serial);
  }
}

/** What the addon does once the backend is there: passes the request on, or answers as Shunt does. */
export function errandOf(
  { matched, kind, request }: Pick<JudgedUpgrade, "matched" | "kind" | "request">,
  expected: ExpectedAnswer | null,
  bytes = request,
): Errand {
  return [
    bytes ?? Buffer.from(switchingProtocols(matched.request.headers.upgrade ?? "tcp")),
    request === null,
    kind === "amps",
    expected?.bytes ?? nothing,
    expected?.acceptAt ?? -1,
  ];
}

interface Holes {
  readonly places: [keyAt: Form[2], bytesKeyAt: Form[3], clientAt: Form[4]];
  /** Without the client's address. */
  readonly request: Buffer | null;
}

/** Null where what differs from client to client cannot be told from the rest. */
function holesOf({ matched, head, client, request }: JudgedUpgrade): Holes | null {
  const key = matched.request.headers["sec-websocket-key"];
  const keyAt = key === undefined ? -1 : placeOf(head, key);
  if (keyAt === null || (key !== undefined && !keyForm.test(key))) return null;
  if (request === null) return { places: [keyAt, -1, -1], request };
  const line = "\r\nX-Forwarded-For: ";
  const lineAt = placeOf(request, `${line}${client}\r\n`);
  const bytesKeyAt = key === undefined ? -1 : placeOf(request, key);
  if (lineAt === null || bytesKeyAt === null) return null;
  const clientAt = lineAt + line.length;
  const rest = request.subarray(clientAt + client.length);
  return {
    places: [keyAt, bytesKeyAt, clientAt],
    request: Buffer.concat([request.subarray(0, clientAt), rest]),
  };
}

/** Null where it is not there once. */
function placeOf(bytes: Buffer, text: string): number | null {
  const at = bytes.indexOf(text, 0, "latin1");
  return at >= 0 && at === bytes.lastIndexOf(text, undefined, "latin1") ? at : null;
}
