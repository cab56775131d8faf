import { expect, test } from "vitest";
import { parseBenchArguments } from "./arguments.ts";

test("a full run writes into docs/", () => {
  expect(parseBenchArguments([], "/docs")).toMatchObject({
    isQuick: false,
    out: "/docs",
    rounds: 17,
    isPinned: true,
  });
});

test.each([[["--quick"]], [["--only", "messages"]], [["--forwarders", "direct,nginx"]]])(
  "%j is a part, and leaves docs/ alone",
  (args) => {
    expect(parseBenchArguments(args, "/docs")).toMatchObject({ out: null });
    expect(parseBenchArguments([...args, "--out", "there"], "/docs")).toMatchObject({ out: "there" });
  },
);

test("names come apart at commas", () => {
  expect(parseBenchArguments(["--only", "throughput,messages"], "/docs")).toMatchObject({
    only: ["throughput", "messages"],
  });
});

test.each([
  [["--rounds", "0"], /^bench: --rounds/],
  [["--rounds", "1.5"], /^bench: --rounds/],
  [["--ms", "x"], /^bench: --ms/],
  [["--fast"], /^bench: .*--fast/],
])("%j is refused by name", (args, problem) => {
  expect(parseBenchArguments(args, "/docs")).toMatchObject({ exit: 2, text: expect.stringMatching(problem) });
});

test("help is asked for", () => {
  expect(parseBenchArguments(["--help"], "/docs")).toMatchObject({ exit: 0 });
});
