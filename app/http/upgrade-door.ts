/**
 * Upgrades whose heads a native door has read: judged here, and dialled for, asked and carried by the addon.
 *
 *     head ─▶ judged ─▶ ask ┬ preflight that Shunt answers: the 101 as soon as the backend is there  ─▶ bytes move
 *                           └ request to the backend ┬ its answer judged ┬ 101: passed on            ─▶ bytes move
 *                                                    │                   └ else: both sockets come to JavaScript
 *                                                    └ the same as the last one, byte for byte: passed on by the addon
 *
 * The addon does all of that by itself for the next client that says the same (upgrade-forms.ts), and JavaScript hears of it.
 *
 * What is refused, unusual or not for one plain backend is not taken, and goes the way of an accepted socket.
 */
import { getSystemErrorName } from "node:util";
import type { Socket } from "node:net";
import type { EndpointKind } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { LogonFacts } from "../amps/header.ts";
import { observeTcpLogon } from "../amps/tcp-observer.ts";
import { openDescriptor, type DoorConnection, type Service } from "../forward/door-connection.ts";
import { refuseClient } from "../forward/forwarding.ts";
import { notThere, told } from "../forward/native-addon.ts";
import type { UpgradeMeans } from "../forward/native-door.ts";
import type { Place, ReadNews } from "../forward/native-thread.ts";
import { describeErrno, noteVisits, OrderedConnection } from "../forward/ordered-connection.ts";
import type { Visits } from "../forward/connection-registry.ts";
import type { Observer } from "../forward/move-streams.ts";
import { resetSocket } from "../forward/reset.ts";
import type { AnswerHead } from "./answer-head.ts";
import { rawFailure, sayLast } from "./answers.ts";
import {
  AnswerStartReader,
  answerTimeoutMs,
  brokenAnswer,
  lateAnswer,
  readUpgradeAnswer,
  type AnswerStart,
} from "./backend-answer.ts";
import type { AskedUpgrade, ExpectedAnswer, ExpectedAnswers } from "./expected-answers.ts";
import type { MatchedRequest, RequestFacts } from "./matched-request.ts";
import { readPlainHead } from "./plain-head.ts";
import { webSocketObserver } from "./upgrade-forward.ts";
import { errandOf, type JudgedUpgrade, type UpgradeForms } from "./upgrade-forms.ts";
import { upgradeKind, upgradeProblem, upgradeRequest } from "./upgrade-head.ts";
import { relayRefusal } from "./upgrade-refusal.ts";

export interface UpgradeReading {
  readonly judge: (request: RequestFacts) => MatchedRequest | Failure;
  readonly admits: Service["admits"];
  readonly means: UpgradeMeans;
  readonly answers: ExpectedAnswers;
  readonly forms: UpgradeForms;
}

/** Null where JavaScript has to have the client's socket. */
export function readUpgrade(
  place: Place,
  { address, bytes }: ReadNews,
  reading: UpgradeReading,
): DoorConnection | null {
  const { judge, admits, means, forms } = reading;
  const head = readPlainHead(bytes);
  if (!head?.isUpgrade || head.end !== bytes.length) return null;
  const matched = judge(head.request);
  if ("code" in matched || upgradeProblem(matched)) return null;
  const { entry, names, forwarding } = matched;
  const kind = upgradeKind(matched);
  const entrance = means.entranceOf(entry.route, kind);
  if (entrance.how !== "dial") return null;
  const client = address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  const isAnsweredHere = kind === "amps" && entry.route.preflight !== "pass";
  const upgrade: JudgedUpgrade = {
    ...{ matched, kind, client, order: entrance, era: forms.era },
    service: { route: entry.route, names, forwarding, admits },
    head: Buffer.from(bytes),
    request: isAnsweredHere ? null : upgradeRequest({ matched, kind, backend: entrance.backend, client }),
  };
  return new UpgradeConnection({ place, address }, upgrade, reading);
}

/** A client that the addon serves by the form with this serial. */
export function enterUpgrade(
  place: Place,
  serial: number,
  address: string,
  reading: UpgradeReading,
): DoorConnection | null {
  const taught = reading.forms.of(serial);
  return taught && new UpgradeConnection({ place, address }, taught.upgrade, reading, taught.expected);
}

/** The same, and they have gone again. */
export function noteUpgradeVisits(serial: number, visits: Visits, { forms }: UpgradeReading): void {
  const taught = forms.of(serial);
  if (taught) noteVisits(taught.upgrade.service, taught.upgrade.order, visits, taught.upgrade.kind);
}

class UpgradeConnection extends OrderedConnection {
  readonly #upgrade: JudgedUpgrade;
  readonly #reading: UpgradeReading;
  #expected: ExpectedAnswer | null;
  #answer: AnswerHead | null = null;
  #reader: AnswerStartReader | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isJoined = false;

  /** `expected`: of the answer, where its backend is asked already. */
  constructor(
    at: { readonly place: Place; readonly address: string },
    upgrade: JudgedUpgrade,
    reading: UpgradeReading,
    expected: ExpectedAnswer | null = null,
  ) {
    const { service, kind, order } = upgrade;
    super({ ...at, service, kind: kind === "amps" ? "preflight" : kind }, order, reading.means.limits);
    this.#upgrade = upgrade;
    this.#reading = reading;
    this.#expected = expected;
  }

  /** Not called for a client that the addon serves by itself. */
  begin(): void {
    const { answers, forms } = this.#reading;
    const isAsked = this.#upgrade.request !== null;
    this.#expected = isAsked ? answers.for(this.#asked()) : null;
    if (this.#expected || !isAsked) forms.teach(this.#upgrade, this.#expected);
    const error = this.place.ask(this.order.address, ...errandOf(this.#upgrade, this.#expected));
    // Where the client has gone, that is being told.
    if (error !== 0 && error !== notThere) this.fail(describeErrno(-error, this.order.address));
  }

  override told(what: number, a: number, b: number, bytes: Buffer): void {
    if (what === told.answered) return this.#hear(a, bytes);
    if (what === told.expected && this.#expected) return this.#switch(this.#expected.head);
    if (what === told.finished || what === told.broken) clearTimeout(this.#timer);
    super.told(what, a, b, bytes);
    if (what === told.dialled) this.#goOn();
  }

  protected override get endpoint(): EndpointKind {
    return this.#upgrade.kind;
  }

  protected override cut(): void {
    clearTimeout(this.#timer);
    super.cut();
  }

  protected override isCarried(): boolean {
    return this.#isJoined;
  }

  protected override observe(onLogon: (facts: LogonFacts) => void): Observer {
    const { matched, kind } = this.#upgrade;
    return kind === "websocket" && this.#answer
      ? webSocketObserver(matched, this.#answer)(onLogon, null)
      : observeTcpLogon(onLogon);
  }

  /** The client gets its answer: Shunt's own no, as on every other way through this route. */
  protected override turnAway(reason: Failure): void {
    const { route, forwarding } = this.service;
    clearTimeout(this.#timer);
    this.place.hangUp();
    const client = this.#takeClient();
    if (!client) return forwarding.registry.end(this.connection);
    refuseClient(forwarding, route.id, reason, this.connection);
    sayLast(client, rawFailure(reason));
  }

  #asked(): AskedUpgrade {
    const { matched, kind, order } = this.#upgrade;
    return { backend: order.backend, kind, key: matched.request.headers["sec-websocket-key"] };
  }

  #goOn(): void {
    if (this.#upgrade.request === null) {
      this.#isJoined = true;
      return;
    }
    this.#timer = setTimeout(() => {
      // Else it was answered at the last moment, or has ended, and that is being told.
      if (this.place.hangUp()) this.turnAway(lateAnswer(this.order.backend.id, "the upgrade"));
    }, answerTimeoutMs);
  }

  /** `error`: an errno; 0 where the backend has ended. Without bytes there is no answer, and will be none. */
  #hear(error: number, bytes: Buffer): void {
    const { id } = this.order.backend;
    if (bytes.length === 0) {
      const how = error === 0 ? "ECONNRESET" : getSystemErrorName(-error);
      return this.turnAway(brokenAnswer(id, how, "the upgrade"));
    }
    this.#reader ??= new AnswerStartReader();
    const asked = { kind: this.#upgrade.kind, backend: id };
    // A copy: the reader keeps what is not whole yet.
    const start = readUpgradeAnswer(this.#reader, Buffer.from(bytes), asked);
    if (start === null) return this.place.hearOn();
    if ("code" in start) return this.turnAway(start);
    if (start.head.status !== 101) return this.#relay(start);
    this.#learn(start);
    const { head, bytes: answer, behind } = start;
    const answers = this.place.answer(behind.length === 0 ? answer : Buffer.concat([answer, behind]));
    if (answers) this.#switch(head);
    else this.cut();
  }

  /** The next one like it has this answer. */
  #learn(answer: AnswerStart): void {
    const { answers, forms } = this.#reading;
    answers.note(this.#asked(), answer);
    const expected = answers.for(this.#asked());
    if (expected) forms.teach(this.#upgrade, expected);
  }

  /** The client has this answer, and bytes move. */
  #switch(answer: AnswerHead): void {
    clearTimeout(this.#timer);
    this.#reader = null;
    this.#answer = answer;
    this.#isJoined = true;
  }

  /** The backend's own no: told by JavaScript, on the client's socket and the backend's. */
  #relay({ head, bytes, behind }: AnswerStart): void {
    const { connection, service, order } = this;
    clearTimeout(this.#timer);
    const fd = this.place.releaseBackend();
    const socket = fd < 0 ? null : openDescriptor(this.place, fd);
    const client = this.#takeClient();
    if (!client || !socket) {
      if (client) resetSocket(client);
      if (socket) resetSocket(socket);
      return service.forwarding.registry.end(connection);
    }
    connection.bytes.add("toClient", bytes.length);
    socket.pause();
    if (behind.length > 0) socket.unshift(behind);
    const reached = { socket, backend: order.backend, why: order.why };
    relayRefusal({ forwarding: service.forwarding, client, connection, reached, head });
  }

  /** Null where it has gone, or there is no room for it any more. */
  #takeClient(): Socket | null {
    this.connection.bytes.unfollow();
    const fd = this.place.release();
    const client = fd < 0 ? null : openDescriptor(this.place, fd);
    return client && this.service.admits(client) ? client : null;
  }
}
