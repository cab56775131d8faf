import { expect, test } from "vitest";
import { parseConfigText } from "../../app/config/parse-config.ts";
import { createSandbox } from "../../app/sandbox/sandbox.ts";
import { runSandbox } from "./running-sandbox.ts";

test("the configuration names what runs, has a route of every kind, and is valid", async () => {
  const { handle, a, b } = await runSandbox();
  const config = await handle.config();
  expect(parseConfigText(JSON.stringify(config), {})).toMatchObject({ ok: true });
  expect(config.backends.map(({ id, environment, amps, admin }) => [id, environment, amps, admin])).toEqual([
    ["amps-a", "sandbox", `tcp://127.0.0.1:${a.ports.amps}`, `http://127.0.0.1:${a.ports.admin}`],
    ["amps-b", "sandbox", `tcp://127.0.0.1:${b.ports.amps}`, `http://127.0.0.1:${b.ports.admin}`],
  ]);
  expect(config.pools).toMatchObject([
    { id: "sandbox", members: ["amps-a", "amps-b"], balance: "round-robin" },
  ]);
  expect(new Set(config.routes.map(({ transport, path }) => transport ?? path))).toEqual(
    new Set(["amps", "/amps-a", "/amps-b", "websocket", "admin"]),
  );
});

test("the configuration of a sandbox that does not run is empty and valid", async () => {
  const config = await createSandbox().config();
  expect(config.routes).toEqual([]);
  expect(parseConfigText(JSON.stringify(config), {})).toMatchObject({ ok: true });
});
