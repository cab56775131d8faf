/** Rows of the proof: data integrity. */

const faults = "test/proof/faults.proof.ts";
const ssh = "test/tunnels/ssh/ssh-tunnel.test.ts";
const paths = "test/engine/path-routes.test.ts";
const upgrades = "test/engine/path-upgrades.test.ts";

/** @type {readonly import("./rows.mjs").Row[]} */
export const integrityRows = [
  {
    id: "I1",
    what: "Random chunks, pauses and readers over port, amps and preflight routes, SSH and proxies",
    mark: "0 mismatches (day 1,000 runs, night 20,000)",
    tests: [
      "test/engine/random-chunks.test.ts",
      "test/forward/splice.property.test.ts",
      [ssh, /whole both ways/],
      ["test/tunnels/proxies.test.ts", /whole both ways/],
    ],
  },
  {
    id: "I2",
    what: "Cut at a random place by either side, by kill -9 of the backend, of Shunt, or by stopping the route",
    mark: "an exact prefix, and never a clean end (Shunt killed: where the native mover carries)",
    tests: [
      "test/engine/random-chunks.test.ts",
      "test/forward/splice.property.test.ts",
      [faults, /^I2:/],
      "test/engine/reset-behind-bytes.test.ts",
    ],
  },
  {
    id: "I3",
    what: "Bytes behind both heads of an upgrade or CONNECT",
    mark: "delivered first and once, 1,000/1,000",
    tests: [
      ["test/proof/heads.proof.ts", /^I3:/],
      [upgrades, /behind both heads/],
      ["test/tunnels/hostile-proxies.test.ts", /same packet/],
    ],
  },
  {
    id: "I4",
    what: "The observers look at frames of any size and never change a byte",
    mark: "0 differences; an error only blinds the view",
    tests: [
      "test/amps/tcp-observer.test.ts",
      "test/amps/ws-observer.test.ts",
      "test/engine/client-exchanges.test.ts",
    ],
  },
  {
    id: "I5",
    what: "A backend's HTTP answer is cut short",
    mark: "the client's connection is aborted, never a whole 200",
    tests: [[paths, /never looks whole/]],
  },
];
