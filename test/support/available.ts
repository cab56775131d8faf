/**
 * What this machine has of what tests need from outside npm. A test that needs something asks here and skips by name:
 * `test.skipIf(!available.nginx)("…")`. `npm test` installs what it can first and prints what stays missing.
 */
import { createServer } from "node:net";
import { resolveElectron } from "../../scripts/electron-runtime.mjs";
import { hasDisplay } from "../../scripts/setup/display.mjs";
import { needNames, needs } from "../../scripts/setup/needs.mjs";

const runtime = await resolveElectron({ allowRegistry: true, allowFetch: false });
const found = Object.fromEntries(needNames().map((name) => [name, needs[name].find()])) as Record<
  keyof typeof needs,
  string | null
>;

function canListen(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(0, host, () => server.close(() => resolve(true)));
  });
}

/** The Electron that tests run: its binary, version and source; null where there is none. */
export const electron = "missing" in runtime ? null : runtime;

/** Where each program is, or null. */
export const programs: Readonly<Record<keyof typeof needs, string | null>> = found;

/** Whether each thing is here. `electron` also needs its libraries and a screen (the e2e suite starts Xvfb by itself). */
export const available = {
  nginx: found.nginx !== null,
  nginxStream: found.nginx !== null && found.nginxStream !== null,
  haproxy: found.haproxy !== null,
  sshd: found.sshd !== null,
  socat: found.socat !== null,
  compiler: found.compiler !== null,
  microsocks: found.microsocks !== null,
  wrk: found.wrk !== null,
  sshAudit: found.sshAudit !== null,
  squid: found.squid !== null,
  faketime: found.faketime !== null,
  tinyproxy: found.tinyproxy !== null,
  chromium: found.chromium !== null,
  /** ::1 can be listened on: a kernel without IPv6, and many a container, has none. */
  ipv6: await canListen("::1"),
  electron: electron !== null && found.electronLibraries !== null && (hasDisplay() || found.xvfb !== null),
} as const;
