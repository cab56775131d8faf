/** Rows of the proof: security. */
import { secretSearchTitle } from "./secret-search.mjs";

const files = "test/proof/files.proof.ts";
const security = "test/proof/security.proof.ts";
const paths = "test/engine/path-routes.test.ts";
const upgrades = "test/engine/path-upgrades.test.ts";

/** @type {readonly import("./rows.mjs").Row[]} */
export const securityRows = [
  {
    id: "S1",
    what: "Listeners bind loopback only; `localhost` both families",
    mark: "0 other addresses in `ss -ltn`",
    tests: [[security, /^S1:/], "test/engine/localhost.test.ts"],
  },
  {
    id: "S2",
    what: "The API's Host check",
    mark: "its own names are accepted, every other spelling is refused",
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
    tests: [
      "test/http/origin-guard.test.ts",
      "test/http/origin-guard.property.test.ts",
      [paths, /names, origins/],
      [upgrades, /foreign origin/],
    ],
  },
  {
    id: "S5",
    what: "The private forward proxy: credential, exact allow-list, 40 bypasses",
    mark: "0 of 40",
    tests: ["test/galvanometer/forward-proxy-refusals.test.ts"],
  },
  {
    id: "S6",
    what: "Galvanometer windows go through the proxy alone",
    mark: "0 direct connections, also while the proxy is dead",
    tests: [
      ["test/e2e/galvanometer.e2e.test.ts", /keeps a page away|is down/],
      ["test/e2e/galvanometer-life.e2e.test.ts", /goes past it/],
    ],
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
    what: "Redaction at the log's sink; 17 kinds of secrets raw, %, base64, JSON and UTF-16, looked for by every test that runs Shunt when it ends",
    mark: "0 in output, logs, files, activity, snapshots, pages, titles, argv; the search finds each where it is leaked on purpose",
    tests: [
      "test/redact.test.ts",
      "test/desktop/log-file.test.ts",
      "test/tooling/secret-search.test.ts",
      "test/e2e/canaries.e2e.test.ts",
      ["", new RegExp(`^${secretSearchTitle}$`)],
    ],
  },
  {
    id: "S10",
    what: "Every IPC channel: hostile sender, bad payload",
    mark: "all refused; 0 raw ipcMain.on",
    tests: [
      "test/desktop/ipc.test.ts",
      ["test/e2e/desktop-page.e2e.test.ts", /no IPC|bad payloads/],
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
    what: "Electron's settings, CSP, navigation, permissions, in real Electron; no USB, HID, serial or Bluetooth to ask for",
    mark: "each rule holds",
    tests: [
      "test/desktop/window-preferences.test.ts",
      [
        "test/e2e/desktop-page.e2e.test.ts",
        /hardens its page|isolate|navigation|popup|permission|foreign script|download|no Node/,
      ],
      "test/e2e/hardening.e2e.test.ts",
      "test/desktop/app-scheme.test.ts",
      [security, /^S12:/],
    ],
  },
  {
    id: "S13",
    what: "Fuses of the packed app",
    mark: "all read back from the packed program; RunAsNode and the inspector are refused",
    tests: ["test/e2e/package.e2e.test.ts"],
  },
  {
    id: "S14",
    what: "Update feeds: eight tampered ones",
    mark: "8/8 refused",
    tests: [["test/update/tampered-feeds.test.ts", /^a tampered feed is refused/]],
  },
  {
    id: "S15",
    what: "Supply chain: exact versions, install scripts ignored, few packages",
    mark: "exact versions; ≤ 40 packages in what runs with Node's rights (those of the sandboxed page are told)",
    tests: [[security, /^S15:/]],
  },
];
