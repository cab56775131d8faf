/** Rows of the proof: faults. */

const faults = "test/proof/faults.proof.ts";
const limits = "test/proof/limits.proof.ts";
const files = "test/proof/files.proof.ts";
const ssh = "test/tunnels/ssh/ssh-tunnel.test.ts";
const ports = "test/engine/port-routes.test.ts";
const paths = "test/engine/path-routes.test.ts";
const upgrades = "test/engine/path-upgrades.test.ts";

/** @type {readonly import("./rows.mjs").Row[]} */
export const faultsRows = [
  {
    id: "F1",
    what: "The backend's port is closed, 1,000 times",
    mark: "RST or 502 ≤ 100 ms (p99); named; 0 fds leaked",
    tests: [
      [faults, /^F1:/],
      [ports, /refuses/],
      [paths, /is a 502/],
    ],
  },
  {
    id: "F2",
    what: "The backend resets in mid-stream",
    mark: "the client sees a reset every time",
    tests: ["test/engine/reset-behind-bytes.test.ts", [ports, /reset on as a reset/]],
  },
  {
    id: "F3",
    what: "Half-close on TCP, SSH, upgraded connections and proxies",
    mark: "the reply is whole every time",
    tests: [
      [ports, /half-close/],
      [upgrades, /half-close/],
      [ssh, /half-close/],
      ["test/tunnels/proxies.test.ts", /whole both ways/],
    ],
  },
  {
    id: "F4",
    what: "A full accept queue: no SYN-ACK",
    mark: "abandoned at 10 s ± 0.5 s; other routes unaffected",
    tests: [[faults, /^F4:/]],
  },
  {
    id: "F5",
    what: "kill -9 of a backend under a stream, 50 times; a minute of a dead bastion and of a dead backend",
    mark: "client told ≤ 1 s by RST, 50/50; ≤ 10 attempts a minute at a bastion, ≤ 25 probes of a backend (HAProxy's default: 30)",
    tests: [
      [faults, /^F5:/],
      ["test/engine/health.test.ts", /failures in a row/],
    ],
  },
  {
    id: "F6",
    what: "The peer is stopped (SIGSTOP)",
    mark: "SSH seen ≤ 60 s ± 0.5 s; healthy idle streams never cut",
    tests: [
      [limits, /^F6:/],
      ["", /\bF6\b/],
    ],
  },
  {
    id: "F7",
    what: "Eight names whose server is silent, and a good one",
    mark: "the good one ≤ 500 ms",
    tests: [["test/proof/names.proof.ts", /^F7:/], "test/forward/name-lookup.test.ts"],
  },
  {
    id: "F8",
    what: "The port is held by another",
    mark: "named, a free one offered, others start, retry works",
    tests: ["test/engine/port-conflicts.test.ts"],
  },
  {
    id: "F9",
    what: "ulimit -n 256, 400 clients",
    mark: "no crash; CPU ≤ 20 %; excess counted and shown; recovers",
    tests: [[faults, /^F9:/]],
  },
  {
    id: "F10",
    what: "The client resets right behind the 101",
    mark: "the process lives",
    tests: [[upgrades, /right behind the 101/]],
  },
  {
    id: "F11",
    what: "A route with 200 TCP and 200 upgraded connections is stopped",
    mark: "all closed within the grace time",
    tests: [
      [faults, /^F11:/],
      ["test/engine/hot-changes.test.ts", /drains/],
    ],
  },
  {
    id: "F12",
    what: "The disk is full while saving (ulimit -f, 128 KB tmpfs)",
    mark: "CONFIG_NOT_SAVED; the old file byte-identical; no temporary files",
    tests: [
      ["test/config/config-file-faults.test.ts", /full disk|failed saves|CONFIG_NOT_SAVED|room/],
      ["test/desktop/config-store-electron.test.ts", /may not grow|disk is full/],
    ],
  },
  {
    id: "F13",
    what: "200 kills while saving",
    mark: "0 unreadable; ≤ 1 save lost; temporary files swept",
    tests: [[files, /^F13:/]],
  },
  {
    id: "F14",
    what: "A bad file at start: every kind",
    mark: "starts; the file kept by name; the last good copy loaded; said",
    tests: [
      [files, /^F14:/],
      ["test/desktop/config-store-electron.test.ts", /damage|aside|in its place/],
    ],
  },
  {
    id: "F15",
    what: "Two writers on one configuration",
    mark: "the second is refused and told who holds it; free ≤ 10 s after kill -9; 0 lost updates",
    tests: [["", /^F15:/]],
  },
  {
    id: "F16",
    what: "The clock jumps by hours and days (night: Shunt is stopped for two minutes)",
    mark: "no limit fires early; tunnels probed ≤ 2 s after a gap",
    tests: ["test/cli/clock-steps.test.ts", ["test/proof/standstill.proof.ts", /^F16:/]],
  },
  {
    id: "F17",
    what: "An SSH connection drops",
    mark: "local sockets RST ≤ 200 ms; back-off; 3 refused log-ons stop",
    tests: [
      ["", /\bF17\b/],
      [ssh, /./],
      ["test/tunnels/ssh/ssh-log-on.test.ts", /three times/],
    ],
  },
  {
    id: "F18",
    what: "Rekeying under 200 MB both ways",
    mark: "hash equal; no stall > 2 s",
    tests: [
      ["test/proof/rekey.proof.ts", /^F18:/],
      [ssh, /rekeying/],
    ],
  },
  {
    id: "F19",
    what: "TLS that fails: expired, self-signed, wrong name, plain text, stalled, reset",
    mark: "a distinct message each; ≤ 10 s",
    tests: [[limits, /^F19:/], "test/engine/tls.test.ts", "test/doctor/tls-steps.test.ts", ["", /\bF19\b/]],
  },
  {
    id: "F20",
    what: "SOCKS5 and CONNECT proxies that refuse, babble, stall or split",
    mark: "a named error ≤ 10 s; banner bytes never lost",
    tests: [[limits, /^F20:/], "test/tunnels/hostile-proxies.test.ts"],
  },
];
