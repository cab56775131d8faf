/** Values as AMPS's admin documents may spell them; what is not understood is null, never a guess. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCpu, readClientCount, readMemory, readReplication } from "../../app/statistics/documents.ts";
import { field, readFlag, readNumber, readRows, readSpan, readText } from "../../app/statistics/lenient.ts";
import { readLinks, type Peer } from "../../app/statistics/replication-peers.ts";

test.each<[unknown, number | null]>([
  ["62.452316076294", 62.452316076294],
  [62.4, 62.4],
  ["0", 0],
  [" 12 ", 12],
  ["-3", -3],
  ["1e3", 1000],
  [".5", 0.5],
  ["", null],
  ["12%", null],
  ["0x10", null],
  ["Infinity", null],
  [Number.NaN, null],
  [true, null],
  [null, null],
  [{}, null],
  [["1"], null],
])("the number %j is read as %j", (value, expected) => {
  expect(readNumber(value)).toBe(expected);
});

test.each<[unknown, boolean | null]>([
  [1, true],
  ["1", true],
  [true, true],
  ["true", true],
  ["TRUE", true],
  ["yes", true],
  ["enabled", true],
  ["Connected", true],
  [0, false],
  ["0", false],
  [false, false],
  ["false", false],
  ["No", false],
  ["disabled", false],
  ["", null],
  ["2", null],
  [2, null],
  ["maybe", null],
  [null, null],
  [undefined, null],
  [{}, null],
  [[], null],
])("the flag %j is read as %j", (value, expected) => {
  expect(readFlag(value)).toBe(expected);
});

test.each<[unknown, number | null]>([
  ["00:00:01.500000", 1500],
  ["26:00:00.000000", 93_600_000],
  ["1d 02:00:00.0", 93_600_000],
  ["01:02:03", 3_723_000],
  ["12", null],
  ["", null],
  [12, null],
  ["aa:bb:cc", null],
])("the uptime %j is read as %j ms", (value, expected) => {
  expect(readSpan(value)).toBe(expected);
});

test("rows come as an array, one object, an empty string or not at all; anything else is no collection", () => {
  expect(readRows([{ id: "1" }])).toEqual([{ id: "1" }]);
  expect(readRows({ id: "1" })).toEqual([{ id: "1" }]);
  for (const nothing of ["", [], undefined, null]) expect(readRows(nothing)).toEqual([]);
  for (const wrong of ["x", 3, true, [1], ["a"], [null]]) expect(readRows(wrong)).toBeNull();
});

test("names are cut to a bearable length, and inherited fields are not fields", () => {
  expect(readText("x".repeat(9_000))).toHaveLength(255);
  expect(readText("  ")).toBeNull();
  expect(field({}, "toString")).toBeUndefined();
});

const host = (group: object) => ({ amps: { host: group } });

test("load is a fraction, from strings or numbers, from one row or many", () => {
  expect(
    readCpu(
      host({
        cpus: [
          { id: "cpu0", idle_percent: "1" },
          { id: "all", idle_percent: "62.5" },
        ],
      }),
    ),
  ).toBeCloseTo(0.375);
  expect(readCpu(host({ cpus: { id: "all", idle_percent: 25 } }))).toBe(0.75);
  expect(readCpu(host({ cpu: [{ id: "cpu0", idle_percent: 10 }] }))).toBe(0.9);
  expect(
    readCpu(
      host({
        cpus: [
          { id: "cpu0", idle_percent: 1 },
          { id: "cpu1", idle_percent: 2 },
        ],
      }),
    ),
  ).toBeNull();
  expect(readCpu(host({ cpus: [{ id: "all", idle_percent: "-40" }] }))).toBe(1);
  expect(readMemory(host({ memory: { in_use: "6", total: "8" } }))).toBe(0.75);
  expect(readMemory(host({ memory: { available: 6, total: 8 } }))).toBe(0.25);
  for (const wrong of [{ total: "0", in_use: "1" }, { in_use: "1" }, {}, ""])
    expect(readMemory(host({ memory: wrong }))).toBeNull();
  expect(readClientCount({ amps: { instance: { clients: [{ id: "1" }, { id: "2" }] } } })).toBe(2);
  expect(readClientCount({ amps: { instance: { clients: "" } } })).toBe(0);
  expect(readClientCount({ amps: { instance: {} } })).toBe(0);
  expect(readClientCount({ clients: [] })).toBeNull();
});

test("nothing that JSON can hold makes a reader throw", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom("host", "instance"), (value, group) => {
      for (const document of [
        value,
        { amps: value },
        { amps: { [group]: value } },
        { amps: { [group]: { clients: value, cpus: value, memory: value, replication: value } } },
      ]) {
        readCpu(document);
        readMemory(document);
        readClientCount(document);
        for (const row of readReplication(document, "a") ?? [])
          readLinks([row], [{ id: "b", name: "b", admin: "http://b:1" }]);
      }
    }),
  );
});

const instance = (replication: unknown) => ({ amps: { instance: { replication } } });
const row = (more: object = {}) => ({
  destination_name: "B",
  destination_admin_addr: "b:8085",
  client_type: "source",
  replication_type: "sync",
  is_connected: "1",
  seconds_behind: "0",
  client_name: "A!B!sync!amps-replication",
  ...more,
});

describe("replication statistics", () => {
  test("tell each outgoing link, in any spelling", () => {
    const expected = {
      destinationName: "B",
      destinationAdmin: "b:8085",
      type: "sync",
      connected: true,
      secondsBehind: 0,
      typeAtConnect: "sync",
    };
    expect(readReplication(instance([row()]), "A")).toEqual([expected]);
    expect(
      readReplication(
        instance(row({ is_connected: true, seconds_behind: 0, replication_type: "SYNC" })),
        "A",
      ),
    ).toEqual([expected]);
  });
  test("leave out what comes in: a receiver does not know how the source counts it", () => {
    expect(readReplication(instance([row({ client_type: "destination" })]), "A")).toEqual([]);
    expect(readReplication(instance([row({ client_type: undefined, destination_name: "A" })]), "A")).toEqual(
      [],
    );
  });
  test("say that they do not know rather than guess", () => {
    expect(
      readReplication(instance([{ id: "1", replication_type: "semi", is_connected: "perhaps" }]), "A"),
    ).toEqual([
      {
        destinationName: null,
        destinationAdmin: null,
        type: null,
        connected: null,
        secondsBehind: null,
        typeAtConnect: null,
      },
    ]);
  });
  test.each([{}, { amps: {} }, [], "text", 3, null, instance("broken"), instance([1])])(
    "cannot be read from %j",
    (document) => {
      expect(readReplication(document, "A")).toBeNull();
    },
  );
  test.each(["", [], undefined])("with no rows (%j) mean no links", (rows) => {
    expect(readReplication(instance(rows), "A")).toEqual([]);
  });
});

describe("a replication row leads to", () => {
  const peers: readonly Peer[] = [
    { id: "b", name: "B", admin: "http://b:8085" },
    { id: "c", name: "C", admin: "https://c:8085" },
  ];
  const links = (rows: readonly object[], among = peers) =>
    Object.fromEntries(
      [...readLinks(readReplication(instance(rows), "A") ?? [], among)].map(([id, link]) => [
        id,
        link === "none" ? "none" : link.type,
      ]),
    );
  test.each<[string, readonly object[], object]>([
    ["the member of that instance name", [row({ destination_admin_addr: "" })], { b: "sync", c: "none" }],
    [
      "the member of that name, whatever unknown address it gives",
      [row({ destination_admin_addr: "elsewhere:1" })],
      { b: "sync", c: "none" },
    ],
    [
      "the member of that admin address where the name is nobody's",
      [row({ destination_name: "X", destination_admin_addr: "https://C:8085/" })],
      { b: "none", c: "sync" },
    ],
    [
      "nobody for sure where neither is known",
      [row({ destination_name: "X", destination_admin_addr: "x:1" })],
      { b: "unknown", c: "unknown" },
    ],
    [
      "nobody for sure where name and address disagree",
      [row({ destination_admin_addr: "c:8085" })],
      { b: "unknown", c: "unknown" },
    ],
    [
      "nobody for sure where two rows lead to one member",
      [row(), row({ replication_type: "async" })],
      { b: "unknown", c: "none" },
    ],
    [
      "nobody for sure where a row says neither",
      [row(), { replication_type: "async" }],
      { b: "sync", c: "unknown" },
    ],
  ])("%s", (_what, rows, expected) => {
    expect(links(rows)).toEqual(expected);
  });
  test("nobody for sure where two members have the name", () => {
    const twins = [...peers, { id: "b2", name: "B", admin: "http://b2:1" }];
    expect(links([row()], twins)).toEqual({ b: "unknown", b2: "unknown", c: "none" });
  });
  test("the named member where several share an address, as behind tunnels", () => {
    const tunnelled = peers.map((peer) => ({ ...peer, admin: "http://127.0.0.1:8085" }));
    expect(links([row({ destination_admin_addr: "127.0.0.1:8085" })], tunnelled)).toEqual({
      b: "sync",
      c: "none",
    });
  });
});
