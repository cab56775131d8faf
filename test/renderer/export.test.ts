import { describe, expect, test } from "vitest";
import type { ExportedFile } from "../../app/contract/export.ts";
import { differenceOf } from "../../renderer/src/export/diff-lines.ts";
import { linesOf } from "../../renderer/src/export/highlight.ts";
import { keepExport, lastExport } from "../../renderer/src/export/last-exports.ts";

const textOf = (text: string, language: ExportedFile["language"]) =>
  linesOf(text, language)
    .map((line) => line.map((token) => token.text).join(""))
    .join("\n");

describe("coloured lines", () => {
  const text = '# a comment\nserver {\n    listen 127.0.0.1:9007;\n\n    note "<b>&amp;</b> é";\n}\n';

  test.each(["nginx", "haproxy", "yaml", "xml", "systemd", "json", "text"] as const)(
    "of %s are the text itself, whatever it holds",
    (language) => {
      expect(`${textOf(text, language)}\n`).toBe(text);
    },
  );

  test.each([
    ["nginx", "# x\n", "comment"],
    ["haproxy", "backend prod # x\n", "section"],
    ["haproxy", "    server a 127.0.0.1:9007\n", "attribute"],
    ["yaml", "key: value\n", "attr"],
    ["xml", "<Admin/>\n", "tag"],
    ["json", '{"a": 1}\n', "attr"],
  ] as const)("of %s tell %j apart as %s", (language, line, kind) => {
    expect(linesOf(line, language)[0]?.map((token) => token.kind)).toContain(kind);
  });

  test("of a very long file come without colours, and whole", () => {
    const long = "# x\n".repeat(200_000);
    expect(linesOf(long, "nginx")).toHaveLength(200_000);
    expect(linesOf(long, "nginx")[0]?.[0]?.kind).toBeNull();
  });
});

describe("a difference", () => {
  test("names each line that came or went, with its number", () => {
    const { lines, added, removed } = differenceOf("a\nb\nc\n", "a\nB\nc\nd\n");
    expect([added, removed]).toEqual([2, 1]);
    expect(lines.filter(({ kind }) => kind !== "same")).toEqual([
      { kind: "removed", text: "b", before: 2, after: null },
      { kind: "added", text: "B", before: null, after: 2 },
      { kind: "added", text: "d", before: null, after: 4 },
    ]);
  });

  test("leaves out what is alike and far away, and says where it goes on", () => {
    const before = Array.from({ length: 50 }, (_, n) => `line ${n + 1}\n`).join("");
    const { lines } = differenceOf(before, before.replace("line 40", "line forty"));
    expect(lines[0]).toEqual({ kind: "gap", text: "from line 37", before: null, after: null });
    expect(lines).toHaveLength(1 + 3 + 2 + 3);
  });

  test("of equal texts is none", () => {
    expect(differenceOf("a\n", "a\n")).toEqual({ lines: [], added: 0, removed: 0 });
  });
});

describe("the last export", () => {
  const shelf = () => {
    const kept = new Map<string, string>();
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      kept,
    };
  };
  const file: ExportedFile = { name: "shunt.json", language: "json", text: "{}\n" };

  test("is what was kept, per format and file", () => {
    const on = shelf();
    expect(keepExport(on, "json", [file], new Date(0))).toBe(true);
    expect(lastExport(on, "json", "shunt.json")).toEqual({ text: "{}\n", at: "1970-01-01T00:00:00.000Z" });
    expect(lastExport(on, "nginx", "shunt.json")).toBeNull();
  });

  test("is none where the shelf is full or holds something else", () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error("full");
      },
    };
    expect(keepExport(full, "json", [file], new Date())).toBe(false);
    const on = shelf();
    on.kept.set("shunt-export:json:shunt.json", '{"text": 1}');
    expect(lastExport(on, "json", "shunt.json")).toBeNull();
    on.kept.set("shunt-export:json:shunt.json", "{");
    expect(lastExport(on, "json", "shunt.json")).toBeNull();
  });
});
