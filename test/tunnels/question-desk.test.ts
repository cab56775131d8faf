/** Questions wait at the desk until they are answered or withdrawn. */
import { expect, test } from "vitest";
import type { HostKeyFacts, Question } from "../../app/contract/questions.ts";
import { QuestionDesk } from "../../app/tunnels/question-desk.ts";
import { environmentSecrets } from "../../app/tunnels/secret-source.ts";

const wanted = { tunnel: "corp", kind: "password", account: "ops@proxy:3128", refused: false } as const;
const hostKey: HostKeyFacts = {
  host: "jump",
  keyType: "ssh-ed25519",
  fingerprint: "SHA256:x",
  known: [],
  line: "jump ssh-ed25519 AAAA",
};

function openDesk(env: Record<string, string> = {}) {
  let open: readonly Question[] = [];
  const desk = new QuestionDesk({
    environment: environmentSecrets(env),
    onChange: (questions) => (open = questions),
  });
  return { desk, open: () => open };
}

test("a question is told with its id, and its answer reaches whoever asked", async () => {
  const { desk, open } = openDesk();
  const secret = desk.secrets(wanted);
  await expect.poll(open).toHaveLength(1);
  const [question] = open();
  expect(question).toMatchObject({ is: "secret", ...wanted, prompt: null, shown: false });
  expect(desk.answer(question?.id ?? "", { is: "secret", secret: "s" })).toBe(true);
  expect(await secret).toBe("s");
  expect(open()).toEqual([]);
  expect(desk.answer(question?.id ?? "", { is: "secret", secret: "late" })).toBe(false);
});

test("the environment is looked into first, and not for what it gave and was refused", async () => {
  const { desk, open } = openDesk({ SHUNT_SECRET_CORP: "from env" });
  expect(await desk.secrets(wanted)).toBe("from env");
  void desk.secrets({ ...wanted, refused: true });
  await expect.poll(open).toMatchObject([{ refused: true }]);
});

test("what is withdrawn has no answer and is no longer told", async () => {
  const { desk, open } = openDesk();
  const ending = new AbortController();
  const secret = desk.secrets({ ...wanted, signal: ending.signal });
  const trust = desk.hostKey("corp", hostKey, ending.signal);
  await expect.poll(open).toHaveLength(2);
  ending.abort();
  expect([await secret, await trust]).toEqual([null, "refuse"]);
  expect(open()).toEqual([]);
  expect(await desk.hostKey("corp", hostKey, ending.signal)).toBe("refuse");
});

test("an answer of another kind, or to another id, changes nothing", async () => {
  const { desk, open } = openDesk();
  void desk.hostKey("corp", hostKey, new AbortController().signal);
  await expect.poll(open).toHaveLength(1);
  const id = open()[0]?.id ?? "";
  expect(desk.answer(id, { is: "secret", secret: "x" })).toBe(false);
  expect(desk.answer("another", { is: "host-key", answer: "remember" })).toBe(false);
  expect(open()).toHaveLength(1);
});

test.each([
  ["Password:\r\n\u001b[2J gone", "Password: [2J gone"],
  ["\u202Eevil\u202C  code", "evil code"],
  [`${"x".repeat(400)}`, "x".repeat(300)],
])("a server's words %j are told as plain ones", async (prompt, plain) => {
  const { desk, open } = openDesk();
  void desk.secrets({ ...wanted, kind: "answer", prompt, shown: true });
  await expect.poll(open).toMatchObject([{ prompt: plain, shown: true }]);
});

test("closing withdraws everything", async () => {
  const { desk, open } = openDesk();
  const secret = desk.secrets(wanted);
  await expect.poll(open).toHaveLength(1);
  desk.close();
  expect(await secret).toBeNull();
});
