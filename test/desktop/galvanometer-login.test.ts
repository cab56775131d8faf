/** Who is asked for a user, when, and which certificates are taken: without Electron. */
import { describe, expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import {
  LoginDesk,
  type Credential,
  type LoginQuestion,
} from "../../main/desktop/galvanometer/login-desk.ts";
import { makeTrustBook } from "../../main/desktop/galvanometer/trust-book.ts";
import { windowBasis } from "../../main/desktop/galvanometer/window-basis.ts";
import { certificatesForFile, type Certificates } from "../support/certificates.ts";

const names = ["a", "b", "c", "front"].map((name) => `${name}.internal`);
const issue = (made: Certificates) => names.forEach((name) => made.make(name, `DNS:${name}`));
const ours = certificatesForFile(issue);
const theirs = certificatesForFile(issue);

const question = (authority: string, more: Partial<LoginQuestion> = {}): LoginQuestion => ({
  way: "prod",
  authority,
  realm: "AMPS",
  scheme: "basic",
  isBackend: true,
  ...more,
});
const credential = (user: string, shared = false): Credential => ({ user, password: "x", shared });

/** An operator whose answers are given by the test, in turn. */
function deskWith(...answers: (Credential | null)[]) {
  const asked: string[] = [];
  let atOnce = 0;
  const desk = new LoginDesk(async ({ authority }: LoginQuestion, refused) => {
    atOnce += 1;
    expect(atOnce).toBe(1);
    asked.push(`${authority}${refused ? " again" : ""}`);
    await new Promise((resolve) => setImmediate(resolve));
    atOnce -= 1;
    return answers.shift() ?? null;
  });
  return { desk, asked };
}

describe("the desk", () => {
  test("however many wait, one question is on the screen, and each endpoint is asked about once", async () => {
    const [a, b] = [credential("a"), credential("b")];
    const { desk, asked } = deskWith(a, b);
    const given = await Promise.all(
      ["a:1", "a:1", "b:1", "a:1"].map((authority) => desk.answer(question(authority), null)),
    );
    expect(given).toEqual([a, a, b, a]);
    expect(asked).toEqual(["a:1", "b:1"]);
  });

  test("what was refused is forgotten and asked anew; what was given meanwhile is not", async () => {
    const [old, fresh] = [credential("old"), credential("fresh")];
    const { desk, asked } = deskWith(old, fresh);
    expect(await desk.answer(question("a:1"), null)).toBe(old);
    expect(await desk.answer(question("a:1"), old)).toBe(fresh);
    expect(await desk.answer(question("a:1"), old)).toBe(fresh);
    expect(asked).toEqual(["a:1", "a:1 again"]);
  });

  test("a shared one serves backends with the same realm on the same way, and nobody else", async () => {
    const ours = credential("ours", true);
    const { desk, asked } = deskWith(ours);
    await desk.answer(question("a:1"), null);
    expect(await desk.answer(question("b:1"), null)).toBe(ours);
    for (const other of [{ isBackend: false }, { realm: "else" }, { scheme: "ntlm" }, { way: "uat" }])
      expect(await desk.answer(question("c:1", other), null)).toBeNull();
    expect(asked).toHaveLength(5);
    // Where it is not taken, that one is asked about, and it goes on serving the others.
    expect(await desk.answer(question("b:1"), ours)).toBeNull();
    expect(await desk.answer(question("a:1"), null)).toBe(ours);
  });

  test("cancelling keeps nothing, and forgetting forgets all", async () => {
    const { desk, asked } = deskWith(null, credential("a", true), null);
    for (const expected of [null, "a", "a"])
      expect((await desk.answer(question("a:1"), null))?.user ?? null).toBe(expected);
    desk.forget();
    expect(await desk.answer(question("b:1"), null)).toBeNull();
    expect(asked).toEqual(["a:1", "a:1", "b:1"]);
  });
});

test("each host is trusted by its own backend's authority and name; a stranger as the opened one is, under its own name", () => {
  const backend = (id: string, tls: object) => ({ id, admin: `https://${id}.internal:8085`, tls });
  const a = backend("a", { caFile: ours.at("ca.pem"), serverName: "front.internal" });
  const b = backend("b", { caFile: theirs.at("ca.pem") });
  const book = makeTrustBook(a, [a, b], () => undefined);
  const problem = (host: string, pem: Buffer) => book.problem(host, [pem.toString()], new Date());
  expect(problem("a.internal", ours.read("front.internal.pem"))).toBeNull();
  expect(problem("a.internal", ours.read("a.internal.pem"))).toContain("not for the name front.internal");
  expect(problem("B.internal", theirs.read("b.internal.pem"))).toBeNull();
  expect(problem("b.internal", ours.read("b.internal.pem"))).toContain("not known here");
  expect(problem("c.internal", ours.read("c.internal.pem"))).toBeNull();
  expect(problem("c.internal", theirs.read("c.internal.pem"))).toContain("not known here");
  const changed = makeTrustBook(a, [a, { ...b, tls: {} }], () => undefined);
  expect(changed.fingerprint).not.toBe(book.fingerprint);
});

test("a window is opened anew when its address, its way or anybody's trust changes, and for nothing else", () => {
  const a = { id: "a", admin: "http://a:8085" };
  const b = { id: "b", admin: "https://b:8085" };
  const basis = (...backends: ShuntConfig["backends"][number][]) =>
    windowBasis({ version: 1, tunnels: [], backends, pools: [], routes: [] }, "a");
  const before = basis(a, b);
  expect(basis({ ...a, note: "x", amps: "tcp://a:9007" }, { ...b, note: "y" })).toBe(before);
  expect(basis(a, b, { id: "c", admin: "http://c:8085" })).toBe(before);
  for (const other of [
    { ...a, via: "jump" },
    { ...a, admin: "http://a:8086" },
    { ...a, environment: "prod" },
  ])
    expect(basis(other, b)).not.toBe(before);
  expect(basis(a, { ...b, tls: { caFile: "x" } })).not.toBe(before);
  expect(basis(b)).toBeNull();
});
