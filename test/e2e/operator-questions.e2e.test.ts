/** Secrets and host keys in the real desktop app: asked in a window of their own, against a real sshd. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { TunnelStatus } from "../../app/contract/snapshot.ts";
import { root } from "../../scripts/setup/paths.mjs";
import { available } from "../support/available.ts";
import { launchDesktop, newUserData, removeUserData, type DesktopApp } from "../support/desktop-app.ts";
import { startEchoBackend } from "../support/echo-backend.ts";
import { giveSecret, nextPrompt, pressIn, promptCount } from "../support/prompts.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { makeKey, makeSshHome, startSshServer, type SshHome, type SshServer } from "../support/ssh-server.ts";
import { secretOf } from "../support/suite-secrets.ts";

cleanUpAfterEach();

const pictures = path.join(
  root,
  process.env["SHUNT_PICTURES"] === undefined ? "test-results/screens" : "docs/screens",
);
const passphrase = secretOf("passphrase");
const changed = secretOf("passphrase", "changed");

interface Setting {
  readonly home: SshHome;
  readonly userData: string;
  readonly keychain?: boolean;
}

async function launch({ home, userData, keychain }: Setting): Promise<DesktopApp> {
  const desktop = await launchDesktop({
    userData,
    env: { HOME: home.folder, SHUNT_TEST_KEYCHAIN: path.join(home.folder, "keychain") },
    ...(keychain && { preload: path.join(root, "test/support/fake-keychain.cjs") }),
  });
  cleanUp(() => desktop.quit());
  return desktop;
}

async function prepare(): Promise<{ home: SshHome; server: SshServer; userData: string }> {
  const home = makeSshHome(passphrase);
  const server = await startSshServer({ home });
  const userData = newUserData();
  cleanUp(() => removeUserData(userData));
  return { home, server, userData };
}

async function configure(desktop: DesktopApp, server: SshServer): Promise<void> {
  const backend = await startEchoBackend("hello");
  const { revision } = await desktop.call("config.get", null);
  await desktop.call("config.put", {
    revision,
    config: {
      version: 1,
      tunnels: [{ id: "bastion", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user }],
      backends: [{ id: "b", via: "bastion", replication: `tcp://127.0.0.1:${backend.port}` }],
      pools: [],
      routes: [],
    },
  });
}

/** Not waited for: it ends when the questions are answered. */
const reach = (desktop: DesktopApp) =>
  void desktop.call("tunnel.retry", { id: "bastion" }).catch(() => undefined);

async function status(desktop: DesktopApp): Promise<TunnelStatus | undefined> {
  return (await desktop.call("snapshot.get", null)).tunnels[0];
}
const becomes = (desktop: DesktopApp, state: TunnelStatus["state"]) =>
  until(async () => (await status(desktop))?.state === state, `the tunnel ${state}`);

const showTunnels = async ({ page }: DesktopApp) => {
  await page
    .getByRole("button", { name: /^Tunnels/ })
    .first()
    .click();
};

async function shoot(desktop: DesktopApp, name: string, window = desktop.page): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await desktop.app.evaluate(({ nativeTheme }, source) => void (nativeTheme.themeSource = source), theme);
    await window.waitForFunction(
      (dark) => matchMedia("(prefers-color-scheme: dark)").matches === dark,
      theme === "dark",
    );
    await window.screenshot({ path: path.join(pictures, `${name}${theme === "dark" ? "-dark" : ""}.png`) });
  }
}

describe.skipIf(!available.electron || !available.sshd)("the desktop app (needs Electron and sshd)", () => {
  beforeAll(() => void mkdirSync(pictures, { recursive: true }));

  test("asks about an unknown host key, then for the passphrase, and keeps known_hosts as it was", async () => {
    const { home, server, userData } = await prepare();
    const desktop = await launch({ home, userData });
    await configure(desktop, server);
    reach(desktop);
    const question = await nextPrompt(desktop, /Is this really/);
    const [shown] = server.knownHosts().split("\n");
    const listed = execFileSync("ssh-keygen", ["-lf", "-"], { input: shown, encoding: "utf8" });
    expect(await question.locator("dd").allInnerTexts()).toEqual([/SHA256:\S+/.exec(listed)?.[0]]);
    expect(await question.locator("body").innerText()).toContain("ssh-ed25519");
    expect(await question.evaluate(() => ("shunt" in window ? "has a bridge" : "has none"))).toBe("has none");
    await showTunnels(desktop);
    await desktop.page.getByText("Asks you").waitFor();
    await shoot(desktop, "host-key-question", question);
    await pressIn(question, /^Trust this key$/);

    const own = path.join(userData, "known_hosts");
    expect(await until(() => existsSync(own) && readFileSync(own, "utf8"))).toBe(server.knownHosts());
    expect(statSync(own).mode & 0o777).toBe(0o600);
    expect(existsSync(home.knownHosts)).toBe(false);

    const first = await nextPrompt(desktop, /Passphrase of/);
    expect(await first.locator("body").innerText()).toMatch(/no keychain|no keyring/);
    await giveSecret(desktop, /Passphrase of/, secretOf("passphrase", "wrong"));
    const again = await nextPrompt(desktop, /was not accepted/);
    await shoot(desktop, "secret-question", again);
    await shoot(desktop, "tunnel-asks");
    await giveSecret(desktop, /was not accepted/, passphrase);
    await becomes(desktop, "up");
    await desktop.page.getByText(/kept until Shunt ends/).waitFor();
    expect(await desktop.call("secrets.list", null)).toMatchObject([{ tunnel: "bastion", kept: "run" }]);
    expect(existsSync(path.join(userData, "secrets.json"))).toBe(false);
    expect((await desktop.call("activity.list", null)).map(({ event }) => event)).toContain(
      "host-key-trusted",
    );

    // Lost and found again, and after a sleep: nothing is asked twice.
    server.killSessions();
    await becomes(desktop, "down");
    await desktop.app.evaluate(({ powerMonitor }) => void powerMonitor.emit("resume"));
    await becomes(desktop, "up");
    expect(promptCount(desktop)).toBe(0);
  });

  test("refuses a changed key, shows both, and offers no way to accept it", async () => {
    const { home, server, userData } = await prepare();
    const other = path.join(home.folder, "other");
    makeKey(other);
    const [type, blob] = readFileSync(`${other}.pub`, "utf8").split(" ");
    writeFileSync(home.knownHosts, `[127.0.0.1]:${server.port} ${type} ${blob}\n`);
    const desktop = await launch({ home, userData });
    await configure(desktop, server);
    reach(desktop);
    await becomes(desktop, "down");
    await showTunnels(desktop);
    const item = desktop.page.locator('.tunnel[data-row="bastion"]');
    await item.getByText("has changed").waitFor();
    const prints = await item.locator("dd").allInnerTexts();
    expect(new Set(prints).size).toBe(2);
    expect(prints.every((print) => print.startsWith("SHA256:"))).toBe(true);
    expect(await item.innerText()).toContain(`${home.knownHosts}:1`);
    const buttons = await item
      .getByRole("button")
      .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? one.textContent));
    expect(buttons).toEqual([
      "Try now",
      "Show activity of tunnel bastion",
      "Edit tunnel bastion",
      "Delete tunnel bastion",
    ]);
    expect(await status(desktop)).toMatchObject({ stopped: true, retryAt: null });
    expect(promptCount(desktop)).toBe(0);
    await shoot(desktop, "host-key-changed");
  });

  test("keeps a passphrase in the keychain, asks again for one that became wrong, and forgets it on demand", async () => {
    const { home, server, userData } = await prepare();
    writeFileSync(home.knownHosts, server.knownHosts());
    const first = await launch({ home, userData, keychain: true });
    await configure(first, server);
    reach(first);
    await giveSecret(first, /Passphrase of/, passphrase, true);
    await becomes(first, "up");
    const vault = path.join(userData, "secrets.json");
    await until(() => existsSync(vault));
    expect(statSync(vault).mode & 0o777).toBe(0o600);
    await first.quit();

    const second = await launch({ home, userData, keychain: true });
    reach(second);
    await becomes(second, "up");
    expect(promptCount(second)).toBe(0);
    await second.quit();

    chmodSync(home.identityFile, 0o600);
    execFileSync("ssh-keygen", ["-q", "-p", "-P", passphrase, "-N", changed, "-f", home.identityFile]);
    const third = await launch({ home, userData, keychain: true });
    reach(third);
    await giveSecret(third, /was not accepted/, changed, true);
    await becomes(third, "up");
    await showTunnels(third);
    await third.page.getByText(/kept in the keychain/).waitFor();
    await shoot(third, "tunnel-kept");
    await third.page.getByRole("button", { name: "Forget" }).click();
    await until(() => !readFileSync(vault, "utf8").includes("blob"));
    server.killSessions();
    await nextPrompt(third, /Passphrase of/);
    await third.page.getByRole("button", { name: "Stop trying" }).click();
    await until(() => promptCount(third) === 0, "the withdrawal of the question");
    expect(await status(third)).toMatchObject({ stopped: true, failure: { code: "TUNNEL_STOPPED" } });
  });
});
