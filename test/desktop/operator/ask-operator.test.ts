/** The desk between engine and windows: what is kept needs none, the rest is asked one after another. */
import { beforeEach, expect, test } from "vitest";
import type { Answer, HostKeyQuestion, Question, SecretQuestion } from "../../../app/contract/questions.ts";
import type { EngineEvent } from "../../../app/engine/engine-handle.ts";
import { accept } from "../../../app/failures.ts";
import { askOperator } from "../../../main/desktop/operator/ask-operator.ts";
import { promptDocument, type PromptPage } from "../../../main/desktop/operator/prompt-page.ts";
import { hostKeyPage, secretPage } from "../../../main/desktop/operator/question-pages.ts";
import { SecretVault } from "../../../main/desktop/operator/secret-vault.ts";

const password: SecretQuestion = {
  is: "secret",
  id: "q1",
  tunnel: "bastion",
  kind: "password",
  account: "ops@jump",
  prompt: null,
  shown: false,
  refused: false,
};
const hostKey: HostKeyQuestion = {
  is: "host-key",
  id: "q2",
  tunnel: "bastion",
  hostKey: { host: "jump", keyType: "ssh-ed25519", fingerprint: "SHA256:new", known: [], line: "" },
};

interface Shown {
  readonly page: PromptPage;
  answer(fields: Record<string, string> | null): void;
  closed: boolean;
}

let windows: Shown[];
let answers: { readonly id: string; readonly answer: Answer }[];
let tell: (event: EngineEvent) => void;
let vault: SecretVault;
let desk: ReturnType<typeof askOperator>;

beforeEach(() => {
  windows = [];
  answers = [];
  vault = new SecretVault({
    file: "/nowhere/secrets.json",
    keychain: async () => ({ is: "absent", why: "No keychain." }),
    log: () => undefined,
  });
  desk = askOperator({
    engine: {
      onEvent: (listener) => {
        tell = listener;
        return () => undefined;
      },
      answerQuestion: async (id, answer) => {
        answers.push({ id, answer });
        return accept(null);
      },
    },
    vault,
    open: (page) => {
      let settle: (form: URLSearchParams | null) => void = () => undefined;
      const answer = new Promise<URLSearchParams | null>((resolve) => (settle = resolve));
      const shown: Shown = {
        page,
        closed: false,
        answer: (fields) => settle(fields && new URLSearchParams(fields)),
      };
      windows.push(shown);
      return {
        answer,
        show: () => undefined,
        close: () => {
          shown.closed = true;
          settle(null);
        },
      };
    },
    log: (message) => {
      throw new Error(message);
    },
  });
});

const ask = (...questions: readonly Question[]) => tell({ type: "questions", questions });
const up = (id: string) =>
  tell({
    type: "changes",
    changes: {
      revision: 1,
      time: "",
      tunnels: {
        set: [
          { id, state: "up", reason: null, failure: null, retryAt: null, stopped: false, question: null },
        ],
      },
    },
  });
const shown = async (count: number) => {
  await expect.poll(() => windows.length).toBe(count);
  return windows[count - 1] as Shown;
};

test("a secret goes from its window to the engine; it is kept when the tunnel is up and not before", async () => {
  ask(password);
  (await shown(1)).answer({ answer: "give", secret: "s" });
  await expect.poll(() => answers).toEqual([{ id: "q1", answer: { is: "secret", secret: "s" } }]);
  expect(desk.kept()).toEqual([]);
  ask();
  up("bastion");
  await expect.poll(() => desk.kept()).toMatchObject([{ tunnel: "bastion", kept: "run" }]);
  ask({ ...password, id: "q3" });
  await expect.poll(() => answers.at(-1)).toEqual({ id: "q3", answer: { is: "secret", secret: "s" } });
  expect(windows).toHaveLength(1);
});

test("one that was refused is asked for again, whatever is kept", async () => {
  vault.offer(password, "old", false);
  await vault.prove("bastion");
  ask({ ...password, refused: true });
  const window = await shown(1);
  expect(promptDocument(window.page)).toContain("was not accepted");
  expect(desk.kept()).toEqual([]);
});

test("windows come one after another; what is withdrawn is closed, or never shown", async () => {
  ask(hostKey, password, { ...hostKey, id: "q4", tunnel: "other" });
  const first = await shown(1);
  expect(desk.show("bastion")).toBe(true);
  ask(password);
  await expect.poll(() => first.closed).toBe(true);
  (await shown(2)).answer({ answer: "give", secret: "s" });
  await expect.poll(() => answers).toEqual([{ id: "q1", answer: { is: "secret", secret: "s" } }]);
  ask();
  expect(windows).toHaveLength(2);
  expect(desk.show("bastion")).toBe(false);
});

test.each([
  [{ answer: "remember" }, "remember"],
  [{ answer: "once" }, "once"],
  [{ answer: "refuse" }, "refuse"],
  [{ answer: "yes" }, "refuse"],
  [{}, "refuse"],
  [null, "refuse"],
])("a host key form %j is the answer %s", async (form, answer) => {
  ask(hostKey);
  (await shown(1)).answer(form);
  await expect.poll(() => answers).toEqual([{ id: "q2", answer: { is: "host-key", answer } }]);
});

test("a closed window gives no secret, and a code is never kept", async () => {
  ask(password);
  (await shown(1)).answer(null);
  await expect.poll(() => answers).toEqual([{ id: "q1", answer: { is: "secret", secret: null } }]);
  ask({ ...password, id: "q5", kind: "answer", prompt: "Code:" });
  const window = await shown(2);
  expect(promptDocument(window.page)).not.toContain('name="keep"');
  window.answer({ secret: "123456", keep: "yes" });
  await expect.poll(() => answers.at(-1)?.id).toBe("q5");
  ask();
  up("bastion");
  await new Promise((resolve) => setImmediate(resolve));
  expect(desk.kept()).toEqual([]);
});

test("what a server or a configuration says cannot become markup", () => {
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;
  const pages = [
    secretPage(
      { ...password, tunnel: evil, account: evil, prompt: evil, kind: "answer" },
      { can: true, place: evil },
    ),
    secretPage({ ...password, account: evil }, { can: false, why: evil }),
    hostKeyPage({
      ...hostKey,
      tunnel: evil,
      hostKey: {
        host: evil,
        keyType: evil,
        fingerprint: evil,
        known: [{ keyType: evil, fingerprint: evil, where: evil }],
        line: evil,
      },
    }),
  ];
  for (const page of pages) expect(promptDocument(page)).not.toMatch(/<script|<img/i);
});

test("Enter refuses a host key, and another key that is known is shown beside it", () => {
  const known = [{ keyType: "ssh-rsa", fingerprint: "SHA256:old", where: "/home/ops/.ssh/known_hosts:3" }];
  const page = hostKeyPage({ ...hostKey, hostKey: { ...hostKey.hostKey, known } });
  expect(page.buttons[0]?.value).toBe("refuse");
  for (const words of ["SHA256:new", "SHA256:old", "ssh-rsa", "/home/ops/.ssh/known_hosts:3"])
    expect(promptDocument(page)).toContain(words);
});
