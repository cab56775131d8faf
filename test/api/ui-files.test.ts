import { describe, expect, test } from "vitest";
import { contentSecurityPolicy } from "../../app/api/ui-headers.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { runApi, uiFiles } from "./running-api.ts";

cleanUpAfterEach();

describe("the UI's files", () => {
  test("come without a token, with their types and a strict policy, which is no use to another site", async () => {
    const { api } = await runApi();
    const types = {
      "/": "text/html; charset=utf-8",
      "/index.html": "text/html; charset=utf-8",
      "/assets/index-abc.js": "text/javascript; charset=utf-8",
      "/assets/style.css": "text/css; charset=utf-8",
      "/assets/index-abc.js?v=2": "text/javascript; charset=utf-8",
    };
    for (const [path, type] of Object.entries(types)) {
      const answer = await fetch(`${api.url}${path}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe(type);
      expect(answer.headers.get("content-security-policy")).toBe(contentSecurityPolicy);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      const name = path === "/" ? "index.html" : path.slice(1).replace(/\?.*/, "");
      expect(await answer.text()).toBe(uiFiles[name]);
    }
  });

  test("of a kind that no UI has are not served", async () => {
    const { api } = await runApi();
    expect(uiFiles["assets/odd.xyz"]).toBeDefined();
    expect((await fetch(`${api.url}/assets/odd.xyz`)).status).toBe(404);
  });

  test("are held to a policy that allows nothing but the application's own", () => {
    const policy = Object.fromEntries(
      contentSecurityPolicy.split("; ").map((part) => [part.split(" ")[0], part.replace(/^\S+ ?/, "")]),
    );
    expect(policy).toEqual({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "img-src": "'self' data:",
      "font-src": "'self'",
      "connect-src": "'self'",
      "base-uri": "'none'",
      "form-action": "'none'",
      "frame-ancestors": "'none'",
      "object-src": "'none'",
      "require-trusted-types-for": "'script'",
    });
  });

  test.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/..\\secret.txt",
    "//secret.txt",
    "/assets",
    "/assets/",
    "/none.js",
    "/index.html/",
    "/__proto__",
    "/constructor",
    "/etc/passwd",
    "/%00",
  ])("are what is there and nothing else: %s", async (path) => {
    const { raw } = await runApi();
    const answer = await raw(`GET ${path} HTTP/1.1`, "Host: 127.0.0.1:{port}", "Connection: close");
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain("secret\n");
    expect(answer.body).toBe("There is no such file.\n");
  });

  test("are read only", async () => {
    const { fetch: ask } = await runApi();
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      expect((await ask("/", { method })).status).toBe(405);
    const head = await ask("/", { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(String(uiFiles["index.html"]?.length));
    expect(await head.text()).toBe("");
  });

  test("are not there where the UI is off, and the API is", async () => {
    const { fetch: ask } = await runApi(undefined, false);
    const answer = await ask("/");
    expect([answer.status, await answer.text()]).toEqual([404, "The UI is off (--no-ui).\n"]);
    expect((await ask("/api/snapshot")).status).toBe(200);
  });
});
