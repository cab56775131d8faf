/** Rows of the proof: bad inputs. */

const edge = "test/proof/http-edge.proof.ts";
const ports = "test/engine/port-routes.test.ts";

/** @type {readonly import("./rows.mjs").Row[]} */
export const badInputsRows = [
  {
    id: "B1",
    what: "Every vector of the bad-input table in three slicings: refused",
    mark: "4xx or close ≤ 5 s; the backend sees nothing; the process lives",
    tests: [
      ["", /^B1:/],
      "test/http/request-head.property.test.ts",
      "test/engine/path-heads.test.ts",
      "test/engine/path-routes.test.ts",
      "test/engine/path-upgrades.test.ts",
    ],
  },
  {
    id: "B2",
    what: "Every accepted vector through Shunt to nginx and haproxy",
    mark: "0 disagreements on count, method, target, body hash",
    tests: [["test/http/accepted-requests.test.ts", /^B2:/]],
  },
  {
    id: "B3",
    what: "Bad answers of backends",
    mark: "502, the connection dropped",
    tests: [["test/http/bad-answers.test.ts", /^B3:/]],
  },
  {
    id: "B4",
    what: "Slow heads, slow bodies, silence",
    mark: "heads and silence closed after 10 s, bodies after 60 s (checked each second); honest p99 ≤ 50 ms",
    tests: [[edge, /^B4:/]],
  },
  {
    id: "B5",
    what: "HTTP from a page on a raw AMPS port",
    mark: "reset, nothing forwarded",
    tests: [
      [ports, /./],
      ["test/engine/websocket-port.test.ts", /./],
    ],
  },
  {
    id: "B6",
    what: "Configuration fuzz: generated values and mutated files",
    mark: "typed errors; 0 throws; no prototype change",
    tests: ["test/config/parse-config.fuzz.test.ts"],
  },
];
