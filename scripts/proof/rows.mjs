/**
 * The rows of the proof: what is promised, the mark to meet, and which tests show it. A row passes when at least one test
 * matched and every one passed. `night`: only `npm run proof -- --night` runs it. `not`: why nothing runs here.
 *
 * @typedef {{
 *   readonly id: string,
 *   readonly what: string,
 *   readonly mark: string,
 *   readonly tests?: readonly (string | readonly [file: string, title: RegExp])[],
 *   readonly night?: true,
 *   readonly not?: string,
 * }} Row
 */

const load = "test/proof/load.proof.ts";
const faults = "test/proof/faults.proof.ts";
const files = "test/proof/files.proof.ts";
const security = "test/proof/security.proof.ts";
const edge = "test/proof/http-edge.proof.ts";
const ssh = "test/tunnels/ssh/ssh-tunnel.test.ts";
const ports = "test/engine/port-routes.test.ts";
const paths = "test/engine/path-routes.test.ts";

/** @type {readonly { readonly title: string, readonly rows: readonly Row[] }[]} */
export const groups = [
  {
    title: "Load",
    rows: [
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
        what: "300 channels on one SSH connection",
        mark: "0 failures; open p99 ≤ 250 ms; RSS ≤ 40 MB over base",
        tests: [["", /\bL3\b/]],
      },
      {
        id: "L4",
        what: "30,000 connections come and go, 50 at a time, in five rounds (night: 150,000)",
        mark: "≥ 1,000/s; 0 errors; fds back at base; RSS ≤ 20 MB over base; slope ≤ 1 MB a round",
        tests: [[load, /^L4:/]],
      },
      {
        id: "L5",
        what: "200 clients that do not read behind a flood, 100 normal ones beside; TCP, and SSH",
        mark: "≤ 512 KB each; neighbours' p99 ≤ 20 ms; bytes intact after resuming; SSH ≤ 8 MB a channel",
        tests: [
          [load, /^L5:/],
          ["", /\bL5\b/],
        ],
      },
      {
        id: "L6",
        what: "1,000 routes and 10,000 path prefixes; 100 edits under traffic",
        mark: "listening ≤ 7 s after the start of the process; look-up p99 ≤ 50 µs; 0 bytes lost on untouched routes",
        tests: [
          ["test/proof/many-routes.proof.ts", /^L6:/],
          ["test/http/path-table.test.ts", /ten thousand/],
        ],
      },
      {
        id: "L7",
        what: "500 mixed connections with a fault each second for an hour",
        mark: "0 uncaught; 0 stuck sockets; heap slope ≤ 1 MB/h",
        tests: [["test/proof/soak.proof.ts", /^L7:/]],
        night: true,
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
    ],
  },
  {
    title: "Faults",
    rows: [
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
          [paths, /half-close/],
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
        what: "kill -9 of a backend under a stream, 50 times",
        mark: "client told ≤ 1 s by RST, 50/50; ≤ 10 attempts a minute",
        tests: [
          [faults, /^F5:/],
          ["test/engine/health.test.ts", /failures in a row/],
        ],
      },
      {
        id: "F6",
        what: "The peer is stopped (SIGSTOP)",
        mark: "SSH seen ≤ 60 s; healthy idle streams never cut",
        tests: [["", /\bF6\b/]],
      },
      {
        id: "F7",
        what: "Eight names whose server is silent, and a good one",
        mark: "the good one ≤ 500 ms",
        tests: [["", /\bF7\b/]],
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
        tests: [[paths, /right behind the 101/]],
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
        what: "The clock jumps; SIGSTOP and CONT",
        mark: "no limit fires early; tunnels probed ≤ 2 s after a gap",
        tests: [["", /\bF16\b/]],
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
        tests: [["", /\bF18\b/]],
      },
      {
        id: "F19",
        what: "TLS that fails: expired, self-signed, wrong name, plain text, stalled, reset",
        mark: "a distinct message each; ≤ 10 s",
        tests: ["test/engine/tls.test.ts", "test/doctor/tls-steps.test.ts", ["", /\bF19\b/]],
      },
      {
        id: "F20",
        what: "SOCKS5 and CONNECT proxies that refuse, babble, stall or split",
        mark: "a named error ≤ 10 s; banner bytes never lost",
        tests: ["test/tunnels/hostile-proxies.test.ts"],
      },
    ],
  },
  {
    title: "Data integrity",
    rows: [
      {
        id: "I1",
        what: "Random chunks, pauses and readers over port, amps and preflight routes, SSH and proxies",
        mark: "0 mismatches (day 1,000 runs, night 20,000)",
        tests: [
          "test/engine/random-chunks.test.ts",
          [ssh, /whole both ways/],
          ["test/tunnels/proxies.test.ts", /whole both ways/],
        ],
      },
      {
        id: "I2",
        what: "Cut at a random place by either side, by kill -9 of the backend, of Shunt, or by stopping the route",
        mark: "an exact prefix, and never a clean end",
        tests: [
          "test/engine/random-chunks.test.ts",
          [faults, /^I2:/],
          "test/engine/reset-behind-bytes.test.ts",
        ],
      },
      {
        id: "I3",
        what: "Bytes behind both heads of an upgrade or CONNECT",
        mark: "delivered first and once, 1,000/1,000",
        tests: [
          [faults, /^I3:/],
          [paths, /behind both heads/],
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
    ],
  },
  {
    title: "Bad inputs",
    rows: [
      {
        id: "B1",
        what: "Every vector of the bad-input table in three slicings: refused",
        mark: "4xx or close ≤ 5 s; the backend sees nothing; the process lives",
        tests: [
          [edge, /^B1:/],
          [paths, /./],
        ],
      },
      {
        id: "B2",
        what: "Every accepted vector through Shunt to nginx and haproxy",
        mark: "0 disagreements on count, method, target, body hash",
        tests: [[edge, /^B2:/]],
      },
      {
        id: "B3",
        what: "Bad answers of backends",
        mark: "502, the connection dropped",
        tests: [[edge, /^B3:/]],
      },
      {
        id: "B4",
        what: "Slow heads, slow bodies, silence",
        mark: "closed in time; honest p99 ≤ 50 ms",
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
        what: "Configuration fuzz: 10,000 values and mutated files",
        mark: "typed errors; 0 throws; no prototype change",
        tests: ["test/config/parse-config.fuzz.test.ts"],
      },
    ],
  },
  {
    title: "Security",
    rows: [
      {
        id: "S1",
        what: "Listeners bind loopback only; `localhost` both families",
        mark: "0 other addresses in `ss -ltn`",
        tests: [[security, /^S1:/]],
      },
      {
        id: "S2",
        what: "The API's Host check",
        mark: "3/3 accepted, 0/20 others",
        tests: ["test/api/api-access.test.ts"],
      },
      {
        id: "S3",
        what: "The API's token, Origin, Sec-Fetch-Site, methods, delays",
        mark: "0 endpoints answer without it",
        tests: ["test/api/api-access.test.ts", "test/api/live.test.ts", "test/api/ui-files.test.ts"],
      },
      {
        id: "S4",
        what: "Foreign origins and hosts on the data plane",
        mark: "403; native clients pass",
        tests: ["test/http/origin-guard.test.ts", [paths, /foreign origin|names, origins/]],
      },
      {
        id: "S5",
        what: "The private forward proxy: credential, exact allow-list, 40 bypasses",
        mark: "0 of 40",
        tests: ["test/galvanometer/forward-proxy.test.ts"],
      },
      {
        id: "S6",
        what: "Galvanometer windows go through the proxy alone",
        mark: "0 direct connections",
        tests: [["test/e2e/galvanometer.e2e.test.ts", /keeps a page away|is down/]],
      },
      {
        id: "S7",
        what: "Host keys",
        mark: "verdict before any credential; a changed key never accepted",
        tests: [
          "test/tunnels/ssh/known-hosts.test.ts",
          ["test/tunnels/ssh/ssh-log-on.test.ts", /./],
          "test/tunnels/ssh/ssh-audit.test.ts",
        ],
      },
      {
        id: "S8",
        what: "Secrets at rest; modes 0700 and 0600 under umask 000",
        mark: "0 canaries in config, backups, exports",
        tests: [
          [files, /^S8:/],
          ["test/desktop/config-store-electron.test.ts", /owner alone/],
          ["test/e2e/desktop.e2e.test.ts", /operator's alone/],
          ["", /\bS8\b/],
        ],
      },
      {
        id: "S9",
        what: "Redaction at the log's sink",
        mark: "0 canaries in logs, titles, argv",
        tests: [["", /\bS9\b/], "test/desktop/log-file.test.ts"],
      },
      {
        id: "S10",
        what: "Every IPC channel: hostile sender, bad payload",
        mark: "all refused; 0 raw ipcMain.on",
        tests: [
          "test/desktop/ipc.test.ts",
          ["test/e2e/desktop.e2e.test.ts", /no IPC|bad payloads/],
          [security, /^S10:/],
        ],
      },
      {
        id: "S11",
        what: "10,000 fuzzed payloads at the API and at the commands",
        mark: "0 5xx by crash; 0 prototype changes",
        tests: [[security, /^S11:/]],
      },
      {
        id: "S12",
        what: "Electron's settings, CSP, navigation, permissions, in real Electron",
        mark: "each rule holds",
        tests: [
          "test/desktop/window-preferences.test.ts",
          [
            "test/e2e/desktop.e2e.test.ts",
            /hardens its page|isolate|navigation|popup|permission|foreign script|download|no Node/,
          ],
          "test/desktop/app-scheme.test.ts",
          [security, /^S12:/],
        ],
      },
      {
        id: "S13",
        what: "Fuses, read back from the packed app",
        mark: "all seven as set",
        tests: ["test/e2e/package.e2e.test.ts"],
      },
      {
        id: "S14",
        what: "Update feeds: eight tampered ones",
        mark: "8/8 refused",
        not: "Shunt has no updater: nothing is fetched, so nothing can be tampered with",
      },
      {
        id: "S15",
        what: "Supply chain: exact versions, install scripts ignored, few packages",
        mark: "`npm ci --ignore-scripts`; ≤ 40 runtime packages",
        tests: [[security, /^S15:/]],
      },
    ],
  },
];
