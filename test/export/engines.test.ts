/** What the engines themselves say of exported files. */
import { expect, test } from "vitest";
import { available } from "../support/available.ts";
import { everyKind } from "./every-kind.ts";
import { exportedText, judgeHaproxy, judgeNginx } from "./exported.ts";

test.skipIf(!available.nginxStream)("NGINX takes an export of every kind of route", () => {
  const text = exportedText(everyKind, { format: "nginx", annotate: true });
  expect(judgeNginx(text)).toMatchObject({ ok: true });
});

test.skipIf(!available.haproxy)("HAProxy takes an export of every kind of route, without a warning", () => {
  const text = exportedText(everyKind, { format: "haproxy", annotate: true });
  const { ok, said } = judgeHaproxy(text);
  expect(said).not.toMatch(/WARNING|ALERT/);
  expect(ok).toBe(true);
});

test.each(["nginx", "haproxy"] as const)("%s binds what is on loopback to loopback", (format) => {
  const text = exportedText(everyKind, { format, annotate: true });
  const binds = text.split("\n").filter((line) => /^\s*(listen |bind )[\d[]/.test(line));
  expect(binds.length).toBeGreaterThan(9);
  for (const line of binds) expect(line).toMatch(/(127\.0\.0\.1|\[::1\]):\d+/);
});
