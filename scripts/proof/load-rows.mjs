/** Rows of the proof: load. */

const load = "test/proof/load.proof.ts";

/** @type {readonly import("./rows.mjs").Row[]} */
export const loadRows = [
  {
    id: "L1",
    what: "2,000 idle TCP connections held 60 s (night: 8,000, 30 min)",
    mark: "0 lost; ≤ 32 KB each; idle CPU ≤ 3 %; ping p99 ≤ 50 ms",
    tests: [[load, /^L1:/]],
  },
  {
    id: "L2",
    what: "1,000 upgraded sockets held (night: 4,000)",
    mark: "0 lost; ≤ 48 KB each; idle CPU ≤ 3 %; ping p99 ≤ 50 ms",
    tests: [[load, /^L2:/]],
  },
  {
    id: "L3",
    what: "300 channels opened at once on one SSH connection",
    mark: "0 failures; open p99 ≤ 250 ms; RSS ≤ 40 MB over base",
    tests: [
      ["test/proof/ssh-fan-in.proof.ts", /^L3:/],
      ["", /\bL3\b/],
    ],
  },
  {
    id: "L4",
    what: "30,000 connections come and go, 50 at a time, in five rounds (night: 150,000)",
    mark: "≥ 1,000/s; 0 errors; fds back at base; RSS ≤ 20 MB over base; slope ≤ 1 MB a round",
    tests: [[load, /^L4:/]],
  },
  {
    id: "L5",
    what: "200 clients that do not read behind a flood, 100 normal ones beside (SSH: where tests named L5 ran)",
    mark: "≤ 512 KB each; neighbours' p99 ≤ 20 ms; bytes intact after resuming; SSH ≤ 8 MB a channel",
    tests: [
      [load, /^L5:/],
      ["", /\bL5\b/],
    ],
  },
  {
    id: "L6",
    what: "1,000 routes and 10,000 path prefixes; 100 edits under traffic",
    mark: "listening ≤ 5 s after the start of the process; look-up p99 ≤ 50 µs; 0 bytes lost on untouched routes",
    tests: [
      ["test/proof/many-routes.proof.ts", /^L6:/],
      ["test/http/path-table.test.ts", /ten thousand/],
    ],
  },
  {
    id: "L7",
    what: "500 mixed connections with a fault each second for a minute (night: an hour)",
    mark: "0 uncaught; 0 stuck sockets; 0 wrong bytes; untouched connections live on; heap ≤ 4 MB over base (night: slope of its data ≤ 1 MB/h)",
    tests: [["test/proof/soak.proof.ts", /^L7:/]],
  },
  {
    id: "L8",
    what: "Shunt's event loop through L1, L2, L4, L5 and 20 saves with 1,000 routes",
    mark: "p99 ≤ 50 ms; max ≤ 250 ms",
    tests: [[load, /^L8:/]],
  },
  {
    id: "L9",
    what: "wrk, 100 connections, plain HTTP route, beside haproxy on the same box",
    mark: "0 non-2xx; 0 socket errors; ≥ 50 % of haproxy",
    tests: [["test/proof/http-rate.proof.ts", /^L9:/]],
  },
  {
    id: "U1",
    what: "the UI's lists open with 1,000 routes and 5,000 connections, every row changing at 4 Hz",
    mark: "renderer ≤ 50 % of a core, the made-up engine in the same thread included; frames while scrolling p50 ≤ 20 ms, p99 ≤ 120 ms; in the desktop app p99 of the main process’s and the engine’s loop ≤ 100 ms",
    tests: [["test/proof/ui-cost.proof.ts", /^U1:/]],
  },
];
