/** The rows that are shown are what the book says, whatever happened between two looks. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ByteCounts } from "../../app/contract/snapshot.ts";
import { ConnectionRows } from "../../app/engine/connection-rows.ts";
import type { Connection } from "../../app/forward/connection.ts";
import { ConnectionRegistry } from "../../app/forward/connection-registry.ts";

const logon = { ampsClient: "pub-1", user: "ops", clientVersion: "5.3.4", messageType: "json" };

interface Open {
  readonly connection: Connection;
  /** Counted where nobody says when, as those of an HTTP leg are. */
  readonly sampled: { toBackend: number; toClient: number } | null;
}

interface Book {
  readonly registry: ConnectionRegistry;
  readonly open: Open[];
  /** What has passed on each route since the beginning. */
  readonly passed: Map<string, ByteCounts>;
}

function pass({ passed }: Book, { route }: Connection, toBackend: number, toClient: number): void {
  const before = passed.get(route) ?? { toBackend: 0, toClient: 0 };
  passed.set(route, { toBackend: before.toBackend + toBackend, toClient: before.toClient + toClient });
}

/** Everything that happens to connections; `at` chooses one. */
const steps: readonly ((book: Book, at: number) => void)[] = [
  (book, at) => {
    const connection = book.registry.begin({
      route: `r${at % 2}`,
      kind: "amps",
      client: "127.0.0.1:5",
      cut: () => undefined,
    });
    book.open.push({ connection, sampled: null });
  },
  (book, at) => {
    const connection = book.registry.begin({ route: "r0", kind: "admin", client: "", cut: () => undefined });
    const sampled = { toBackend: 0, toClient: 0 };
    book.registry.establish(connection, `b${at % 2}`, "");
    connection.bytes.follow(sampled);
    connection.isSampled = true;
    book.open.push({ connection, sampled });
  },
  withOne((book, { connection }, at) => {
    if (connection.backend === null) book.registry.establish(connection, `b${at % 3}`, "its turn");
  }),
  withOne((book, { connection, sampled }, at) => {
    if (connection.backend === null) return;
    pass(book, connection, at, 2 * at);
    if (sampled) {
      sampled.toBackend += at;
      sampled.toClient += 2 * at;
    } else {
      connection.bytes.add("toBackend", at);
      connection.bytes.add("toClient", 2 * at);
    }
  }),
  withOne((_book, { connection }) => (connection.logon = { ...logon })),
  withOne((_book, { connection }) => (connection.state = "half-closed")),
  withOne((_book, { connection }) => (connection.kind = "preflight")),
  withOne((_book, { connection }) => (connection.role = "subscribers")),
  withOne((book, one) => {
    book.registry.end(one.connection);
    book.registry.end(one.connection);
    book.open.splice(book.open.indexOf(one), 1);
  }),
];

function withOne(act: (book: Book, one: Open, at: number) => void): (book: Book, at: number) => void {
  return (book, at) => {
    const one = book.open[at % Math.max(1, book.open.length)];
    if (one) act(book, one, at);
  };
}

function rowOf({ connection }: Open) {
  const { id, route, kind, client, role, why, state, bytes } = connection;
  const said = connection.logon ?? { ampsClient: null, user: null, clientVersion: null, messageType: null };
  return {
    ...{ id, route, kind, client, role, why, state, ...said },
    backend: connection.backend ?? "",
    since: new Date(connection.sinceMs).toISOString(),
    bytes: { toBackend: bytes.toBackend, toClient: bytes.toClient },
  };
}

function startBook(): Book {
  return { registry: new ConnectionRegistry(), open: [], passed: new Map() };
}

test("after any steps, rows and totals are those of the open connections, in the order in which they came", () => {
  const step = fc.record({
    act: fc.nat(steps.length - 1),
    at: fc.nat(50),
    looks: fc.boolean(),
    totalsOnly: fc.boolean(),
    passes: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (wanted) => {
      const book = startBook();
      const { registry, open, passed } = book;
      const rows = new ConnectionRows(registry);
      for (const { act, at, looks, totalsOnly, passes } of [
        ...wanted,
        { act: 0, at: 0, looks: true, totalsOnly: false, passes: false },
      ]) {
        steps[act]?.(book, at);
        if (!looks) continue;
        registry.look();
        const totals = registry.totals();
        for (const [route, bytes] of passed) expect(totals.routes.get(route)?.bytes).toEqual(bytes);
        for (const route of ["r0", "r1"])
          expect(totals.routes.get(route)?.connections.open ?? 0).toBe(
            open.filter(({ connection }) => connection.route === route).length,
          );
        for (const backend of ["b0", "b1", "b2"]) {
          const on = open.filter(({ connection }) => connection.backend === backend).length;
          expect(totals.backends.get(backend)?.connections.open ?? 0).toBe(on);
          expect(registry.openOn(backend)).toBe(on);
        }
        if (passes) rows.pass();
        else if (!totalsOnly) expect(rows.update()).toEqual(open.map(rowOf));
      }
    }),
    { numRuns: 500 },
  );
});

test("a connection that is quiet keeps its row, and is not looked at", () => {
  const book = startBook();
  for (let at = 0; at < 3; at++) steps[0]?.(book, at);
  const rows = new ConnectionRows(book.registry);
  const first = rows.update();
  expect(rows.update()).toBe(first);
  book.open[1]?.connection.bytes.add("toClient", 5);
  const second = rows.update();
  expect(second.map((row, at) => row === first[at])).toEqual([true, false, true]);
  expect(first[1]?.bytes.toClient).toBe(0);
  expect(second[1]?.bytes.toClient).toBe(5);
});

test("what has come and gone between two looks is in no row, and nothing holds on to it", () => {
  const book = startBook();
  const rows = new ConnectionRows(book.registry);
  const connection = book.registry.begin({ route: "r", kind: "amps", client: "", cut: () => undefined });
  book.registry.establish(connection, "b", "");
  connection.bytes.add("toBackend", 7);
  book.registry.end(connection);
  connection.bytes.add("toBackend", 9);
  connection.state = "half-closed";
  expect(book.registry.news()).toEqual({ changed: [], ended: [] });
  expect(rows.update()).toEqual([]);
  expect(book.registry.totals().routes.get("r")).toEqual({
    connections: { open: 0, total: 1, refused: 0 },
    bytes: { toBackend: 7, toClient: 0 },
  });
});
