import { describe, expect, test } from "vitest";
import { parseConfigText } from "../../app/config/parse-config.ts";
import { asLine } from "./documents.ts";

describe("keys that JavaScript objects have by nature", () => {
  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "%s is an unknown key like any other",
    (key) => {
      const text = (where: string) => where.replace("KEY", `"${key}": {"polluted": true}`);
      const places = {
        "": `{"version": 1, KEY}`,
        "routes[0].": `{"version": 1, "backends": [{"id":"a","amps":"tcp://h:1"}], "routes": [{"id":"r","listen":"1","transport":"amps","target":"a", KEY}]}`,
        "backends[0].tls.": `{"version": 1, "backends": [{"id":"a","amps":"tcp://h:1","tls":{KEY}}]}`,
      };
      for (const [path, template] of Object.entries(places)) {
        const parsed = parseConfigText(text(template), {});
        expect(parsed.ok ? [] : parsed.problems.map(asLine)).toEqual([
          `${path}${key}: is not a known key here; remove it or check its spelling`,
        ]);
      }
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    },
  );

  test.each(["__proto__", "constructor"])("%s as a weight is no member", (key) => {
    const parsed = parseConfigText(
      `{"version":1,"backends":[{"id":"a","amps":"tcp://h:1"}],"pools":[{"id":"p","members":["a"],"weights":{"${key}":1}}]}`,
      {},
    );
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.path)).toEqual([
      `pools[0].weights.${key}`,
    ]);
  });
});
