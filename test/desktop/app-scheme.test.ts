import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerFrom } from "../../main/desktop/app-scheme.ts";

let directory: string;
let root: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "shunt-page-"));
  root = path.join(directory, "renderer");
  mkdirSync(path.join(root, "assets"), { recursive: true });
  mkdirSync(path.join(directory, "renderer-evil"));
  writeFileSync(path.join(root, "index.html"), "<!doctype html><title>Shunt</title>");
  writeFileSync(path.join(root, "assets/index-1.js"), "export {};");
  writeFileSync(path.join(root, "assets/index-1.css"), "body {}");
  writeFileSync(path.join(root, "assets/notes.txt"), "not served");
  writeFileSync(path.join(directory, "secret.json"), "{}");
  writeFileSync(path.join(directory, "renderer-evil/secret.json"), "{}");
  symlinkSync(path.join(directory, "secret.json"), path.join(root, "link.json"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const get = (url: string, method = "GET") => answerFrom(root)({ url, method });

describe("app://shunt", () => {
  test.each([
    ["app://shunt/", "text/html; charset=utf-8"],
    ["app://shunt/index.html", "text/html; charset=utf-8"],
    ["app://shunt/index.html?x=1#routes", "text/html; charset=utf-8"],
    ["app://shunt/assets/index-1.js", "text/javascript; charset=utf-8"],
    ["app://shunt/assets/index-1.css", "text/css; charset=utf-8"],
  ])("serves %s as %s", async (url, mediaType) => {
    const answer = await get(url);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, mediaType]);
    expect(await answer.text()).not.toBe("");
  });

  test.each([
    "app://shunt/missing.html",
    "app://shunt/assets/",
    "app://shunt/assets",
    "app://shunt/assets/notes.txt",
    "app://shunt/link.json",
    "app://shunt/../secret.json",
    "app://shunt/..%2fsecret.json",
    "app://shunt/%2e%2e/secret.json",
    "app://shunt/%2e%2e%2fsecret.json",
    "app://shunt/..%5csecret.json",
    "app://shunt/assets/..%2f..%2fsecret.json",
    "app://shunt/..%2frenderer-evil%2fsecret.json",
    "app://shunt/%252e%252e%252fsecret.json",
    "app://shunt/index.html%00.js",
    "app://shunt/%",
    "app://shunt//etc/passwd",
    "app://shunt/C:/secret.json",
    "app://other/index.html",
    "file:///etc/passwd",
    "nonsense",
  ])("does not serve %s", async (url) => {
    const answer = await get(url);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe("Not found");
  });

  test("answers HEAD without a body and refuses other methods", async () => {
    const head = await get("app://shunt/", "HEAD");
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await get("app://shunt/", "POST")).status).toBe(405);
  });

  test.each(["app://shunt/", "app://shunt/missing"])("puts every protective header on %s", async (url) => {
    const { headers } = await get(url);
    expect(headers.get("Content-Security-Policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; " +
        "require-trusted-types-for 'script'",
    );
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
    expect(headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
  });
});
