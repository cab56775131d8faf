import { describe, expect, it } from "vitest";
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { ConnectionStatus, TunnelStatus } from "../../app/contract/snapshot.ts";
import { type ActivityFilter, filterActivity } from "../../renderer/src/activity/activity-rows.ts";
import {
  type ConnectionOrder,
  filterConnections,
  sortConnections,
  sortedRows,
} from "../../renderer/src/connections/connection-rows.ts";
import { speakNews, stateNews } from "../../renderer/src/frame/state-news.ts";
import { routeStatus } from "./route-status.ts";

function connection(id: string, given: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return {
    id,
    route: "orders",
    backend: "prod-1",
    kind: "amps",
    client: "127.0.0.1:50000",
    since: "2026-01-01T00:00:00.000Z",
    ampsClient: null,
    user: null,
    clientVersion: null,
    messageType: null,
    role: null,
    why: "only target",
    state: "open",
    bytes: { toBackend: 0, toClient: 0 },
    ...given,
  };
}

describe("the list of connections", () => {
  const list = [
    connection("c1", { ampsClient: "view-10", user: "svc", bytes: { toBackend: 1, toClient: 50 } }),
    connection("c2", { route: "views", since: "2026-01-02T00:00:00.000Z" }),
    connection("c10", { ampsClient: "view-9", bytes: { toBackend: 9, toClient: 50 } }),
  ];
  const ids = (found: readonly ConnectionStatus[]) => found.map((row) => row.id);

  it("is that of one route or backend, or those with every word", () => {
    expect(ids(filterConnections(list, { kind: "route", id: "views" }, ""))).toEqual(["c2"]);
    const elsewhere = [...list, connection("c11", { backend: "prod-2" })];
    expect(ids(filterConnections(elsewhere, { kind: "backend", id: "prod-2" }, ""))).toEqual(["c11"]);
    expect(ids(filterConnections(list, null, "VIEW- svc"))).toEqual(["c1"]);
    expect(ids(filterConnections(list, null, ""))).toEqual(["c1", "c2", "c10"]);
  });

  it("sorts names as people count, with the nameless last either way", () => {
    const sorted = (descending: boolean) =>
      ids(sortedRows(list, sortConnections(list, { key: "ampsClient", descending })));
    expect(sorted(false)).toEqual(["c10", "c1", "c2"]);
    expect(sorted(true)).toEqual(["c1", "c10", "c2"]);
  });

  it("sorts figures, and equal ones by their ids so that they do not jump", () => {
    const sorted = (key: "toClient" | "since") =>
      ids(sortedRows(list, sortConnections(list, { key, descending: true })));
    expect(sorted("toClient")).toEqual(["c1", "c10", "c2"]);
    expect(sorted("since")).toEqual(["c2", "c1", "c10"]);
  });

  it("is sorted anew only where what it is sorted by has changed, or a connection has come or gone", () => {
    const order: ConnectionOrder = { key: "ampsClient", descending: false };
    const known = sortConnections(list, order);
    const busier = list.map((row) => ({ ...row, bytes: { toBackend: 70, toClient: 90 } }));
    expect(sortConnections(busier, order, known)).toBe(known);
    expect(sortedRows(busier, known)).toEqual([busier[2], busier[0], busier[1]]);

    const after = (changed: readonly ConnectionStatus[], by = order) =>
      ids(sortedRows(changed, sortConnections(changed, by, known)));
    const [first, second, third] = list as [ConnectionStatus, ConnectionStatus, ConnectionStatus];
    expect(after([first, { ...second, ampsClient: "view-1" }, third])).toEqual(["c2", "c10", "c1"]);
    expect(after([first, second])).toEqual(["c1", "c2"]);
    expect(after(list, { ...order, descending: true })).toEqual(["c1", "c10", "c2"]);

    const alike = [first, { ...first, id: "c2" }];
    const younger = [
      { ...first, id: "c3" },
      { ...first, id: "c2" },
    ];
    const sorting = sortConnections(younger, order, sortConnections(alike, order));
    expect(ids(sortedRows(younger, sorting))).toEqual(["c2", "c3"]);
  });
});

describe("the list of activity", () => {
  const entry = (sequence: number, given: Partial<ActivityEntry>): ActivityEntry => ({
    sequence,
    time: "2026-01-01T00:00:00.000Z",
    severity: "info",
    event: "connection-closed",
    message: "Closed.",
    ...given,
  });
  const log = [
    entry(1, { route: "orders" }),
    entry(2, { severity: "warning", route: "views", message: "Refused." }),
    entry(3, { severity: "error", route: "orders", code: "PORT_IN_USE" }),
  ];
  const ofTunnel = entry(4, { event: "tunnel-down", tunnel: "bastion", message: "It was lost." });
  const sequences = (found: readonly ActivityEntry[]) => found.map((e) => e.sequence);

  it("is newest first", () => {
    expect(sequences(filterActivity(log, { severity: "all", about: null, text: "" }))).toEqual([3, 2, 1]);
  });

  it("is at least as severe as asked, about what is asked for, with the words asked for", () => {
    const found = (filter: Partial<ActivityFilter>) =>
      sequences(filterActivity([...log, ofTunnel], { severity: "all", about: null, text: "", ...filter }));
    expect(found({ severity: "warning" })).toEqual([3, 2]);
    expect(found({ about: { kind: "route", id: "orders" } })).toEqual([3, 1]);
    expect(found({ about: { kind: "tunnel", id: "bastion" } })).toEqual([4]);
    expect(found({ about: { kind: "pool", id: "orders" } })).toEqual([]);
    expect(found({ text: "port_in" })).toEqual([3]);
    expect(found({ text: "bastion" })).toEqual([4]);
  });
});

describe("what is read out", () => {
  const tunnel = (question: string | null): TunnelStatus => ({
    ...{ id: "bastion", state: "connecting", reason: null, failure: null, retryAt: null, stopped: false },
    question,
  });
  const before = {
    routes: [routeStatus({ id: "a" }), routeStatus({ id: "b" })],
    backends: [],
    tunnels: [tunnel(null)],
  };

  it("is a change of state and not of a figure", () => {
    const busier = { ...before, routes: [routeStatus({ id: "a", rate: { toBackend: 1, toClient: 1 } })] };
    expect(stateNews(before, busier).size).toBe(0);
    const down = { ...before, routes: [routeStatus({ id: "a", targetHealth: "down" })] };
    expect(speakNews(stateNews(before, down))).toBe("Route a: Listening, backend down.");
    const asks = { ...before, tunnels: [tunnel("a password")] };
    expect(speakNews(stateNews(before, asks))).toBe("Tunnel bastion: Asks you.");
  });

  it("is short, however much happened", () => {
    const ids = ["a", "b", "c", "d", "e"];
    const many = { backends: [], tunnels: [], routes: ids.map((id) => routeStatus({ id })) };
    const failed = {
      backends: [],
      tunnels: [],
      routes: ids.map((id) => routeStatus({ id, state: "failed" })),
    };
    expect(speakNews(stateNews(many, failed))).toBe(
      "Route a: Failed. Route b: Failed. Route c: Failed. And 2 more changes.",
    );
  });
});
