import { afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { LinkState } from "../../app/contract/bridge.ts";
import type { LiveEvent } from "../../app/contract/live.ts";
import { type HttpBridge, openHttpBridge } from "../../renderer/src/bridge/http-bridge.ts";
import { dropToken, takeToken } from "../../renderer/src/bridge/http-token.ts";
import { type FakeServer, serveFakeEngine } from "./fake-service.ts";

const token = "a-token";
const waiting = { timeout: 5000, interval: 20 };

describe("the bridge over the local API", () => {
  const servers: FakeServer[] = [];
  const bridges: HttpBridge[] = [];
  afterEach(async () => {
    bridges.splice(0).forEach((bridge) => bridge.close());
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function serve(port = 0): Promise<FakeServer> {
    const server = await serveFakeEngine({ token, port });
    servers.push(server);
    return server;
  }
  function open(base: string, given = token) {
    const seen = { links: [] as LinkState[], events: [] as LiveEvent[], refusals: 0 };
    const bridge = openHttpBridge({
      base,
      token: given,
      onRefused: () => (seen.refusals += 1),
      WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    });
    bridges.push(bridge);
    bridge.onLink((state) => seen.links.push(state));
    bridge.onEvent((event) => seen.events.push(event));
    return { bridge, seen };
  }

  it("carries commands and their failures as the contract has them", async () => {
    const { bridge } = open((await serve()).url);
    const snapshot = await bridge.call("snapshot.get", null);
    expect(snapshot.ok && snapshot.value.routes.map((route) => route.id)).toContain("orders-in");
    const stale = await bridge.call("config.put", {
      config: { version: 1, tunnels: [], backends: [], pools: [], routes: [] },
      revision: -5,
    });
    expect(stale).toMatchObject({ ok: false, failure: { code: "CONFIG_CONFLICT" } });
  });

  it("is live once welcomed, and then hears of every change set in order", async () => {
    const { seen } = open((await serve()).url);
    await vi.waitFor(() => expect(seen.events.length).toBeGreaterThan(3), waiting);
    expect(seen.links).toEqual(["connecting", "live"]);
    const revisions = seen.events.flatMap((event) =>
      event.type === "changes" ? [event.changes.revision] : [],
    );
    expect(revisions).toEqual(revisions.map((_, index) => (revisions[0] ?? 0) + index));
  });

  it("lists connections once the server says that it does, and again after the link was lost", async () => {
    const first = await serve();
    const { bridge, seen } = open(first.url);
    await vi.waitFor(() => expect(seen.events.length).toBeGreaterThan(3), waiting);
    const listed = () =>
      seen.events.some((event) => event.type === "changes" && event.changes.connections !== undefined);
    expect(listed()).toBe(false);
    await bridge.listConnections(true);
    await vi.waitFor(() => expect(listed()).toBe(true), waiting);
    await first.close();
    await vi.waitFor(() => expect(seen.links.at(-1)).toBe("lost"), waiting);
    seen.events.length = 0;
    await serve(first.port);
    await vi.waitFor(() => expect(listed()).toBe(true), waiting);
    await bridge.listConnections(false);
    seen.events.length = 0;
    await vi.waitFor(() => expect(seen.events.length).toBeGreaterThan(3), waiting);
    expect(listed()).toBe(false);
  });

  it("lists once the server has answered the last wish, whatever it answers to the one before", async () => {
    const sockets: { onmessage?: (message: { readonly data: string }) => void; sent: string[] }[] = [];
    class Answered {
      static OPEN = 1;
      readonly readyState = 1;
      readonly sent: string[] = [];
      constructor() {
        sockets.push(this);
      }
      send(text: string): void {
        this.sent.push(text);
      }
      close(): void {}
    }
    const bridge = openHttpBridge({
      base: "http://127.0.0.1:1",
      token,
      onRefused: () => undefined,
      WebSocket: Answered as unknown as typeof globalThis.WebSocket,
    });
    bridges.push(bridge);
    const [socket] = sockets;
    const done: string[] = [];
    void bridge.listConnections(false).then(() => done.push("nothing"));
    void bridge.listConnections(true).then(() => done.push("all"));
    expect(socket?.sent).toEqual(['{"connections":false}', '{"connections":true}']);
    socket?.onmessage?.({ data: '{"type":"listing","connections":false}' });
    await Promise.resolve();
    expect(done).toEqual([]);
    socket?.onmessage?.({ data: '{"type":"listing","connections":true}' });
    await vi.waitFor(() => expect(done).toEqual(["nothing", "all"]), waiting);
  });

  it("keeps nobody waiting for connections whom the server left meanwhile", async () => {
    const server = await serve();
    const { bridge, seen } = open(server.url);
    await vi.waitFor(() => expect(seen.links.at(-1)).toBe("live"), waiting);
    const listing = bridge.listConnections(true);
    await server.close();
    await listing;
    await bridge.listConnections(true);
  });

  it("says that the link is lost when the server goes, and comes back by itself when it does", async () => {
    const first = await serve();
    const { bridge, seen } = open(first.url);
    await vi.waitFor(() => expect(seen.links.at(-1)).toBe("live"), waiting);
    await first.close();
    await vi.waitFor(() => expect(seen.links.at(-1)).toBe("lost"), waiting);
    expect(await bridge.call("snapshot.get", null)).toMatchObject({ ok: false, failure: { hop: "shunt" } });
    await serve(first.port);
    await vi.waitFor(() => expect(seen.links.at(-1)).toBe("live"), waiting);
    expect(seen.refusals).toBe(0);
  });

  it("tells once that its token was refused, and then leaves the server alone", async () => {
    const server = await serve();
    const { bridge, seen } = open(server.url, "another-token");
    await vi.waitFor(() => expect(seen.refusals).toBe(1), waiting);
    expect(await bridge.call("about.get", null)).toMatchObject({ ok: false });
    expect(seen.refusals).toBe(1);
    expect(seen.events).toEqual([]);
  });
});

describe("the token", () => {
  function page(hash: string, stored: Record<string, string> = {}) {
    const addresses: string[] = [];
    return {
      addresses,
      stored,
      window: {
        location: { hash, pathname: "/", search: "" },
        history: {
          replaceState: (_state: unknown, _title: string, address: string) => addresses.push(address),
        },
        sessionStorage: {
          getItem: (key: string) => stored[key] ?? null,
          setItem: (key: string, value: string) => (stored[key] = value),
          removeItem: (key: string) => delete stored[key],
        },
      } as unknown as Window,
    };
  }

  it("is taken out of the address and kept for a reload of this tab", () => {
    const first = page("#token=abc%2Bdef");
    expect(takeToken(first.window)).toBe("abc+def");
    expect(first.addresses).toEqual(["/"]);
    expect(takeToken(page("", first.stored).window)).toBe("abc+def");
  });

  it("is nothing where none was given, or once it was refused", () => {
    expect(takeToken(page("#routes").window)).toBeNull();
    const refused = page("#token=old");
    takeToken(refused.window);
    dropToken(refused.window);
    expect(takeToken(page("", refused.stored).window)).toBeNull();
  });
});
