import { describe, expect, test } from "vitest";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { commandNames } from "../../app/service/arguments.ts";
import { startApiServer } from "../../app/api/api-server.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { emptyDocument, json, oneRoute, runApi, token } from "./running-api.ts";

cleanUpAfterEach();

describe("resources", () => {
  test("the snapshot and the configuration come as they are", async () => {
    const { config } = await oneRoute();
    const { fetch } = await runApi(config);
    const snapshot = (await (await fetch("/api/snapshot")).json()) as Snapshot;
    expect(snapshot.routes[0]).toMatchObject({
      id: "r",
      state: "listening",
      connections: { open: 0, total: 0, refused: 0 },
    });
    const answer = await fetch("/api/config?x=1");
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual(config);
  });

  test("a configuration that is put is validated, saved, applied, and given back", async () => {
    const { config } = await oneRoute();
    const { fetch, running } = await runApi();
    const answer = await fetch("/api/config", { method: "PUT", headers: json, body: JSON.stringify(config) });
    expect([answer.status, await answer.json()]).toEqual([200, config]);
    expect(running.saves).toEqual([config]);
    const { routes } = await running.ask<Snapshot>("snapshot.get");
    expect(routes[0]?.state).toBe("listening");
  });

  test("a configuration that is not valid is refused with every problem, and changes nothing", async () => {
    const { fetch, running } = await runApi();
    const answer = await fetch("/api/config", {
      method: "PUT",
      headers: json,
      body: '{"version":1,"x":1,"y":2}',
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      ok: false,
      failure: { code: "CONFIG_INVALID", problems: [{ path: "x" }, { path: "y" }] },
    });
    expect(running.saves).toEqual([]);
  });
});

describe("commands", () => {
  test("reply as the contract says, with a status that fits", async () => {
    const { fetch } = await runApi();
    const call = async (name: string, body?: unknown) => {
      const answer = await fetch(`/api/commands/${name}`, {
        method: "POST",
        headers: json,
        body: body === undefined ? null : JSON.stringify(body),
      });
      return [answer.status, await answer.json()] as const;
    };
    expect(await call("about.get")).toEqual([
      200,
      { ok: true, value: expect.objectContaining({ version: "1.2.3" }) as object },
    ]);
    expect(await call("about.get", null)).toMatchObject([200, { ok: true }]);
    expect(await call("route.retry", { id: "none" })).toMatchObject([
      404,
      { ok: false, failure: { code: "NOT_FOUND" } },
    ]);
    expect(await call("route.retry", {})).toMatchObject([400, { failure: { code: "BAD_ARGUMENT" } }]);
    expect(await call("no.such.command", {})).toMatchObject([404, { failure: { code: "UNKNOWN_COMMAND" } }]);
    expect(await call("config.put", { config: emptyDocument, revision: 9 })).toMatchObject([
      409,
      { failure: { code: "CONFIG_CONFLICT" } },
    ]);
    expect(await call("config.put", { config: {}, revision: 1 })).toMatchObject([
      422,
      { failure: { code: "CONFIG_INVALID" } },
    ]);
    expect(await call("config.put", { config: emptyDocument, revision: 1 })).toMatchObject([
      200,
      { value: { revision: 2 } },
    ]);
  });

  test.each(commandNames)("%s can be reached", async (name) => {
    const { fetch } = await runApi();
    // No command takes this, and one that was not found would say so first.
    const init = { method: "POST", headers: json, body: '{"unheard":1}' };
    const answer = await fetch(`/api/commands/${name}`, init);
    expect(await answer.json()).toMatchObject({ ok: false, failure: { code: "BAD_ARGUMENT" } });
  });

  test.each(["GET", "PUT", "DELETE", "PATCH"])("are posted: %s changes nothing", async (method) => {
    const { fetch, running } = await runApi();
    const answer = await fetch("/api/commands/sandbox.start", { method });
    expect([answer.status, running.sandbox.calls]).toEqual([404, []]);
  });

  test.each([
    "/api/commands/",
    "/api/commands/config.put/",
    "/api/commands/__proto__",
    "/api/commands/../config",
    "/api//commands/about.get",
    "/api/commands/about.get%00",
    "/api/",
  ])("and %s is none", async (path) => {
    const { raw } = await runApi();
    const answer = await raw(
      `POST ${path} HTTP/1.1`,
      "Host: 127.0.0.1:{port}",
      "Authorization: Bearer {token}",
      "Content-Type: application/json",
      "Content-Length: 0",
      "Connection: close",
    );
    expect(answer.status).toBe(404);
    expect(answer.body).toContain("UNKNOWN_COMMAND");
  });

  test.each([
    undefined,
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/jsonp",
    "text/plain; application/json",
  ])("take JSON alone: %s is refused, so that no form can send one", async (type) => {
    const { raw, running } = await runApi();
    const lines = [
      "POST /api/commands/sandbox.start HTTP/1.1",
      "Host: 127.0.0.1:{port}",
      "Authorization: Bearer {token}",
      "Content-Length: 4",
      "Connection: close",
    ];
    const answer = await raw(...lines, ...(type === undefined ? [] : [`Content-Type: ${type}`]), "", "null");
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("must be JSON");
    expect(running.sandbox.calls).toEqual([]);
  });

  test("that are no JSON are refused in words", async () => {
    const { fetch } = await runApi();
    for (const body of ["{", "undefined", "\u0000", "{'id':1}"]) {
      const answer = await fetch("/api/commands/route.retry", { method: "POST", headers: json, body });
      expect([answer.status, await answer.text()]).toEqual([
        400,
        expect.stringContaining("The body is not JSON."),
      ]);
    }
  });

  test("that announce more than 20 MB are answered before any of it is sent", async () => {
    const { raw } = await runApi();
    const answer = await raw(
      "PUT /api/config HTTP/1.1",
      "Host: 127.0.0.1:{port}",
      "Authorization: Bearer {token}",
      "Content-Type: application/json",
      "Content-Length: 20971521",
    );
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("The body is larger than 20 MB.");
    expect(answer.headers).toContain("Connection: close");
  });

  test("that turn out to be more than 20 MB are cut off, and the server goes on", async () => {
    const { port, fetch, running } = await runApi();
    const client = await connectTcp(port);
    client.socket.write(
      `PUT /api/config HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = Buffer.concat([
      Buffer.from("100000\r\n"),
      Buffer.alloc(0x100000, 0x20),
      Buffer.from("\r\n"),
    ]);
    let written = 0;
    for (let over = false; !over && written < 200; written++)
      over = await new Promise<boolean>((resolve) =>
        client.socket.write(chunk, (error) => resolve(error !== null && error !== undefined)),
      );
    expect(written).toBeLessThan(60);
    expect(running.saves).toEqual([]);
    expect((await fetch("/api/snapshot")).status).toBe(200);
  });

  test("from a client that goes in the middle of its body leave the server as it was", async () => {
    const { port, fetch, running } = await runApi();
    for (let at = 0; at < 5; at++) {
      const client = await connectTcp(port);
      client.socket.write(
        `PUT /api/config HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"version":1`,
      );
      await new Promise((resolve) => setTimeout(resolve, 10));
      client.socket.resetAndDestroy();
    }
    expect((await fetch("/api/snapshot")).status).toBe(200);
    expect(running.saves).toEqual([]);
  });
});

test("an address that is taken is told with its owner", async () => {
  const { running, port } = await runApi();
  const again = await startApiServer({
    service: running.service,
    address: { host: "127.0.0.1", port },
    token,
    ui: null,
  });
  expect(again).toMatchObject({
    ok: false,
    failure: { code: "PORT_IN_USE", freeListen: expect.any(String) as string },
  });
});
