/** What one backend's Galvanometer may reach, and how: pure. */
import { describe, expect, test } from "vitest";
import type { BackendConfig } from "../../app/contract/config.ts";
import { makeAddressBook, type Place } from "../../app/galvanometer/address-book.ts";
import { parseAuthority } from "../../app/galvanometer/authority.ts";
import { readPeers, type Peer } from "../../app/galvanometer/peers.ts";

const backend = (id: string, more: Partial<BackendConfig> = {}): BackendConfig => ({
  id,
  admin: `http://${id}:8085`,
  websocket: `ws://${id}:9008`,
  ...more,
});
const peer = (name: string, host: string, port: number, more: Partial<Peer> = {}): Peer => ({
  name,
  address: { host, port },
  tls: null,
  namedBy: { host: "prod-1", port: 8085 },
  ...more,
});
const wayOf = (place: Place | undefined) =>
  place?.dial.by === "endpoint" ? `${place.dial.backend.id} ${place.dial.kind}` : (place?.dial ?? null);

describe("the book", () => {
  test("holds admin and websocket endpoints of all backends, and no other port of them", () => {
    const opened = backend("prod-1", { amps: "tcp://prod-1:9007", replication: "tcp://prod-1:10004" });
    const { places } = makeAddressBook({ opened, backends: [opened, backend("prod-2")], peers: [] });
    expect([...places.keys()].sort()).toEqual(["prod-1:8085", "prod-1:9008", "prod-2:8085", "prod-2:9008"]);
    expect([...places.values()].filter((place) => place.isOpened).map((place) => place.authority)).toEqual([
      "prod-1:8085",
      "prod-1:9008",
    ]);
  });

  test("an address that two backends share means the nearer one: itself, then environment, then tunnel", () => {
    const shared = {
      admin: "http://amps1.internal:8085",
      websocket: undefined,
    } as unknown as Partial<BackendConfig>;
    const uat = backend("uat", { ...shared, environment: "uat", via: "uat-jump" });
    const prod = backend("prod", { ...shared, environment: "prod", via: "prod-jump" });
    const prod2 = backend("prod-2", { environment: "prod", via: "prod-jump" });
    const backends = [uat, prod, prod2];
    const at = (opened: BackendConfig) =>
      wayOf(makeAddressBook({ opened, backends, peers: [] }).places.get("amps1.internal:8085"));
    expect(at(uat)).toBe("uat admin");
    expect(at(prod)).toBe("prod admin");
    expect(at(prod2)).toBe("prod admin");
  });

  test("the SQL page finds the websocket transport on the page's host, whatever name it is configured by", () => {
    const opened = backend("prod-1", { websocket: "wss://10.0.0.1:9008" });
    const { places } = makeAddressBook({ opened, backends: [opened], peers: [] });
    expect(places.get("prod-1:9008")).toMatchObject({ use: "websocket", tls: true });
    expect(wayOf(places.get("prod-1:9008"))).toBe("prod-1 websocket");
  });

  test("a peer is its backend where address or instance name say so, and else reached as the opened one is", () => {
    const opened = backend("prod-1", { via: "jump" });
    const backends = [
      opened,
      backend("prod-2", { instanceName: "AMPS-2" }),
      backend("other", { environment: "uat" }),
    ];
    const peers = [
      peer("x", "prod-2", 8085),
      peer("AMPS-2", "node2.example", 8085),
      peer("other", "elsewhere", 8085),
      peer("AMPS-3", "node3.example", 8443, { tls: true }),
    ];
    const book = makeAddressBook({ opened, backends, peers });
    expect(wayOf(book.places.get("node2.example:8085"))).toBe("prod-2 admin");
    expect(wayOf(book.places.get("elsewhere:8085"))).toMatchObject({ by: "address", via: "jump" });
    expect(book.places.get("node3.example:8443")).toMatchObject({ tls: true, isOpened: false });
    expect(book.uncovered.map((one) => one.name)).toEqual(["other", "AMPS-3"]);
  });

  test.each(["localhost", "127.0.0.1", "0.0.0.0", "::1"])(
    "%s in statistics is the machine that says it",
    (host) => {
      const opened = backend("prod-1", { via: "jump" });
      const book = makeAddressBook({ opened, backends: [opened], peers: [peer("b", host, 8185)] });
      const [place] = [...book.places.values()].slice(-1);
      expect(wayOf(place)).toEqual({ by: "address", address: { host: "prod-1", port: 8185 }, via: "jump" });
      // Its own port on its own machine is itself.
      const own = makeAddressBook({ opened, backends: [opened], peers: [peer("a", host, 8085)] });
      expect(own.uncovered).toEqual([]);
    },
  );

  test("a configured backend cannot be shadowed by what statistics say", () => {
    const opened = backend("prod-1");
    const backends = [opened, backend("prod-2", { via: "jump" })];
    const book = makeAddressBook({ opened, backends, peers: [peer("prod-1", "prod-2", 8085)] });
    expect(wayOf(book.places.get("prod-2:8085"))).toBe("prod-2 admin");
  });

  test("says of an unknown address what would put it there", () => {
    const { websocket: _none, ...plain } = backend("prod-1");
    const { explain } = makeAddressBook({ opened: plain, backends: [plain], peers: [] });
    expect(explain({ host: "prod-1", port: 9008 }).advice).toContain("set its websocket to ws://prod-1:9008");
    expect(explain({ host: "10.9.9.9", port: 8085 }).advice).toContain(
      "add a backend with admin http://10.9.9.9:8085",
    );
  });
});

describe("statistics", () => {
  const namedBy = { host: "prod-1", port: 8085 };
  test("rows are found wherever they stand, in every form of address, and what is unreadable is left out", () => {
    const document = {
      amps: {
        instance: {
          replication: [
            { destination_name: "b", destination_admin_addr: "Node-B.example:8085" },
            { destination_name: "c", destination_admin_addr: "https://node-c.example:8443/" },
            { destination_name: "d", destination_admin_addr: "[fd00::5]:8085" },
            { destination_admin_addr: "node-e:8085" },
            { destination_name: "f", destination_admin_addr: "" },
            { destination_name: "g", destination_admin_addr: "user:pw@evil:80" },
            { destination_name: "h", destination_admin_addr: 8085 },
            { destination_name: "i" },
          ],
        },
      },
    };
    expect(
      readPeers(document, namedBy).map((one) => [one.name, one.address.host, one.address.port, one.tls]),
    ).toEqual([
      ["b", "node-b.example", 8085, null],
      ["c", "node-c.example", 8443, true],
      ["d", "fd00::5", 8085, null],
      ["", "node-e", 8085, null],
    ]);
  });

  test("a document is bounded, whatever it holds", () => {
    const rows = Array.from({ length: 500 }, (_, at) => ({ destination_admin_addr: `n${at}:8085` }));
    expect(readPeers(rows, namedBy)).toHaveLength(64);
    const deep = Array.from({ length: 12 }).reduce<unknown>((inner) => [inner], rows);
    for (const odd of [null, "x", 7, deep]) expect(readPeers(odd, namedBy)).toEqual([]);
  });
});

test.each([
  ["amps-a:8085", { host: "amps-a", port: 8085 }],
  ["AMPS-A.Internal:8085", { host: "amps-a.internal", port: 8085 }],
  ["10.0.0.1", { host: "10.0.0.1", port: 80 }],
  ["[FD00:0::5]:8085", { host: "fd00::5", port: 8085 }],
  ["amps-a.:8085", null],
  ["127.1:8085", null],
  ["0x7f.1:8085", null],
  ["a.0x7f:8085", null],
  ["1.2.3.4.5:80", null],
  ["a..b:80", null],
  ["-a:80", null],
  ["[::1%lo]:80", null],
  ["::1:80", null],
  ["a:0", null],
  ["a:65536", null],
])("authority %s", (text, expected) => {
  expect(parseAuthority(text, 80)).toEqual(expected);
});
