/** What a backend's last answer to an upgrade would be for the next client. */
import { describe, expect, test } from "vitest";
import type { BackendConfig } from "../../app/contract/config.ts";
import { AnswerStartReader, readUpgradeAnswer } from "../../app/http/backend-answer.ts";
import { ExpectedAnswers, type AskedUpgrade } from "../../app/http/expected-answers.ts";

const backend = { id: "prod-1" } as BackendConfig;
/** Of RFC 6455, section 1.3. */
const [rfcKey, rfcAccept] = ["dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="];
const otherKey = "AQIDBAUGBwgJCgsMDQ4PEC==";

const answerWith = (...lines: readonly string[]) =>
  Buffer.from(
    ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", ...lines, "", ""].join(
      "\r\n",
    ),
  );

/** What is expected for another key behind this answer to the first one; where its accept stands, in angle brackets. */
function expectedAfter(answer: Buffer, by: Partial<AskedUpgrade> = {}, next: Partial<AskedUpgrade> = {}) {
  const answers = new ExpectedAnswers();
  const asked: AskedUpgrade = { backend, kind: "websocket", key: rfcKey, ...by };
  const start = readUpgradeAnswer(new AnswerStartReader(), answer, { kind: asked.kind, backend: backend.id });
  if (!start || "code" in start) throw new Error("not a good answer");
  answers.note(asked, start);
  const expected = answers.for({ ...asked, key: otherKey, ...next });
  if (!expected) return null;
  const { bytes, acceptAt: at } = expected;
  const text = bytes.toString("latin1");
  return at < 0 ? text : `${text.slice(0, at)}<${text.slice(at, at + 28)}>${text.slice(at + 28)}`;
}

test("the same answer, and where the next key's accept stands in it, wherever that is and however its line is spelled", () => {
  for (const name of ["Sec-WebSocket-Accept", "sec-websocket-accept"]) {
    const of = (accept: string) => answerWith("X: 1", `${name}:  ${accept}`, "Sec-WebSocket-Protocol: a");
    expect(expectedAfter(of(rfcAccept))).toBe(of(`<${rfcAccept}>`).toString());
  }
});

test("bytes of latin1 stay what they were, and what came behind the head is not of it", () => {
  const of = (accept: string) =>
    Buffer.from(answerWith("X: ü", `Sec-WebSocket-Accept: ${accept}`).toString(), "latin1");
  const expected = expectedAfter(Buffer.concat([of(rfcAccept), Buffer.from("behind")]));
  expect(expected).toBe(of(`<${rfcAccept}>`).toString("latin1"));
});

test("an answer without an accept is the same for everybody", () => {
  const answer = answerWith("X: 1");
  expect(expectedAfter(answer)).toBe(answer.toString());
  expect(expectedAfter(answer, { kind: "amps", key: undefined }, { key: undefined })).toBe(answer.toString());
});

describe("nothing is expected", () => {
  const good = answerWith(`Sec-WebSocket-Accept: ${rfcAccept}`);
  const twice = answerWith(`X: ${rfcAccept}`, `Sec-WebSocket-Accept: ${rfcAccept}`);
  test.each<readonly [string, string | null]>([
    ["where the accept is none", expectedAfter(answerWith("Sec-WebSocket-Accept: of=a=key="))],
    [
      "where there were two",
      expectedAfter(answerWith(...Array<string>(2).fill(`Sec-WebSocket-Accept: ${rfcAccept}`))),
    ],
    ["where something else says the same", expectedAfter(twice)],
    ["where no key was sent", expectedAfter(good, { key: undefined })],
    ["for a client without a key", expectedAfter(good, {}, { key: undefined })],
    ["of another endpoint", expectedAfter(good, {}, { kind: "amps" })],
    ["of the same backend configured anew", expectedAfter(good, {}, { backend: { ...backend } })],
  ])("%s", (_when, expected) => expect(expected).toBeNull());
});

test("an answer that cannot be told from others is forgotten with what was known before", () => {
  const answers = new ExpectedAnswers();
  const asked: AskedUpgrade = { backend, kind: "websocket", key: rfcKey };
  for (const accept of [rfcAccept, `${rfcAccept} `.repeat(2)]) {
    const start = new AnswerStartReader().read(answerWith(`Sec-WebSocket-Accept: ${accept}`));
    if (!start || typeof start === "string") throw new Error("not a good answer");
    answers.note(asked, start);
    expect(answers.for(asked) === null).toBe(accept !== rfcAccept);
  }
});
