import { expect, test } from "vitest";
import { SharedQuestions } from "../../app/tunnels/shared-questions.ts";

function put() {
  const asked: { signal: AbortSignal; answer: (text: string) => void }[] = [];
  const ask = (signal: AbortSignal) =>
    new Promise<string>((resolve) => {
      asked.push({ signal, answer: resolve });
      signal.addEventListener("abort", () => resolve("withdrawn by all"));
    });
  return { asked, ask };
}

test("two that ask the same at once share one question; one that asks later asks anew", async () => {
  const questions = new SharedQuestions<string>();
  const { asked, ask } = put();
  const { signal } = new AbortController();
  const both = [questions.ask("k", signal, "gone", ask), questions.ask("k", signal, "gone", ask)];
  const other = questions.ask("another", signal, "gone", ask);
  expect(asked).toHaveLength(2);
  asked[0]?.answer("yes");
  asked[1]?.answer("no");
  expect(await Promise.all([...both, other])).toEqual(["yes", "yes", "no"]);
  void questions.ask("k", signal, "gone", ask);
  expect(asked).toHaveLength(3);
});

test("one that goes leaves the question to the other; the last one takes it along", async () => {
  const questions = new SharedQuestions<string>();
  const { asked, ask } = put();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = questions.ask("k", first.signal, "gone", ask);
  const two = questions.ask("k", second.signal, "gone", ask);
  first.abort();
  expect(await one).toBe("gone");
  expect(asked[0]?.signal.aborted).toBe(false);
  second.abort();
  expect(await two).toBe("gone");
  expect(asked[0]?.signal.aborted).toBe(true);
  const third = questions.ask("k", new AbortController().signal, "gone", ask);
  expect(asked).toHaveLength(2);
  asked[1]?.answer("anew");
  expect(await third).toBe("anew");
});
