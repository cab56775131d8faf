import { describe, expect, it } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { allTags, joinTags, readTags, withTags } from "../../renderer/src/tags/tags.ts";

const route = { listen: "9007", transport: "amps", target: "a" } as const;
const config: ShuntConfig = {
  version: 1,
  tunnels: [],
  backends: [{ id: "a", tags: ["v10", "lab"] }],
  pools: [],
  routes: [
    { ...route, id: "one", tags: ["v9", "lab"] },
    { ...route, id: "two", note: "kept" },
    { ...route, id: "three", tags: ["lab"] },
  ],
};

describe("tags", () => {
  it("are proposed once each, in natural order", () => {
    expect(allTags(config)).toEqual(["lab", "v9", "v10"]);
  });

  it.each([
    ["emea", ["emea"]],
    [" emea,  critical  EMEA,", ["emea", "critical"]],
    [" , ", []],
  ])("typed as %o are %o", (text, tags) => {
    expect(readTags(text)).toEqual(tags);
  });

  it("that differ in case alone are one, the earlier", () => {
    expect(joinTags(["Lab"], ["lab", "x", "X"])).toEqual(["Lab", "x"]);
  });

  it("are added to some routes and taken from them, and nothing else is touched", () => {
    const chosen = new Set(["one", "two"]);
    const { routes, ...rest } = withTags(config, chosen, { add: ["emea"], remove: ["lab"] });
    expect(routes).toEqual([
      { ...route, id: "one", tags: ["v9", "emea"] },
      { ...route, id: "two", note: "kept", tags: ["emea"] },
      config.routes[2],
    ]);
    expect({ ...rest, routes: config.routes }).toEqual(config);
    const bare = withTags(config, new Set(["three"]), { add: [], remove: ["lab"] });
    expect(bare.routes[2]).toEqual({ ...route, id: "three" });
  });
});
