import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ActivityEntry } from "../../app/contract/activity.ts";
import { createReporter } from "../../main/cli/serve-report.ts";

const entry = (sequence: number): ActivityEntry => ({
  sequence,
  time: "2026-01-01T00:00:00.000Z",
  severity: "info",
  event: "connection-closed",
  message: `The ${sequence}th.`,
});

test("what happens within one turn is one write, in order, and nothing is left out at the end", async () => {
  const written: string[] = [];
  const reporter = createReporter(true, (text) => written.push(text));
  reporter.activity([entry(1)]);
  reporter.ready({ snapshot: null, api: null, token: "", forwarding: null, isInMemory: false });
  expect(written).toHaveLength(1);
  for (let sequence = 2; sequence <= 400; sequence += 1) reporter.activity([entry(sequence)]);
  expect(written).toHaveLength(1);
  await setImmediate();
  expect(written).toHaveLength(2);
  reporter.activity([entry(401)]);
  reporter.close();
  reporter.close();
  const lines = written.join("").trimEnd().split("\n");
  const [ready, ...entries] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(ready).toMatchObject({ event: "ready" });
  expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 401 }, (_, n) => n + 1));
});

test("the UI's address carries a token of any signs so that the page reads it as it is", () => {
  for (const json of [true, false]) {
    const written: string[] = [];
    const token = "a+b/c=&d %41#é";
    const ready = { snapshot: null, api: "http://127.0.0.1:1", token, forwarding: null, isInMemory: false };
    createReporter(json, (text) => written.push(text)).ready(ready);
    const address = /http:[^"\n]+#[^"\n]*/.exec(written.join(""))?.[0] ?? "";
    expect(new URLSearchParams(new URL(address).hash.slice(1)).get("token")).toBe(token);
  }
});
