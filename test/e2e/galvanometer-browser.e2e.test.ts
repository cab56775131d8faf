/** `shunt galvanometer`: a real Chromium with a profile of its own, on instances whose names do not resolve. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium, type Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { root } from "../../scripts/setup/paths.mjs";
import { descendants } from "../bench/process-tree.ts";
import { available, programs } from "../support/available.ts";
import { internalBackend, startInternalSandbox } from "../support/internal-sandbox.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { lookThrough, type Places } from "../support/secret-search.ts";
import { watchShunt } from "../support/shunt-child.ts";
import { freePort } from "../support/free-port.ts";
import { secretOf } from "../support/suite-secrets.ts";
import type { BackendConfig } from "../../app/contract/config.ts";

cleanUpAfterEach();

interface Command {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

function run(
  backends: readonly BackendConfig[],
  parameters: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Command {
  const folder = mkdtempSync(path.join(tmpdir(), "shunt-cli-"));
  const config = path.join(folder, "shunt.json");
  writeFileSync(config, JSON.stringify({ version: 1, tunnels: [], backends, pools: [], routes: [] }));
  const names = path.join(root, "test/support/internal-names.cjs");
  const shunt = path.join(root, "dist/main/shunt.cjs");
  const child = spawn(
    process.execPath,
    ["--require", names, shunt, "galvanometer", ...parameters, "--config", config],
    { env },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const watched = watchShunt(child);
  cleanUp(async () => {
    child.kill("SIGINT");
    await exit;
    rmSync(folder, { recursive: true, force: true });
    watched.look("a command");
  });
  return { child, output: () => output, exit };
}

/** What the processes that the command has started were given as their environment. */
function environmentsBelow({ pid = 0 }: ChildProcess): Places {
  const below = descendants(pid).flatMap((one) => {
    try {
      return [[`environment of ${one}`, readFileSync(`/proc/${one}/environ`)] as const];
    } catch {
      return []; // It ended meanwhile.
    }
  });
  expect(below.length).toBeGreaterThan(0);
  return Object.fromEntries(below);
}

/**
 * The page of the browser that the command started. Playwright, connected while the browser's first window is still to come,
 * may never hear of it: it is not asked before the browser itself names the page.
 */
async function pageAt(port: number, address: string): Promise<Page> {
  await until(
    () =>
      fetch(`http://127.0.0.1:${port}/json/list`)
        .then((reply) => reply.json())
        .then((targets: readonly { readonly url: string }[]) =>
          targets.some(({ url }) => url.startsWith(address)),
        )
        .catch(() => false),
    address,
  );
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  cleanUp(() => browser.close());
  return until(
    () =>
      browser
        .contexts()
        .flatMap((one) => one.pages())
        .find((one) => one.url().startsWith(address)),
    `${address} in Playwright`,
  );
}

describe.skipIf(!available.chromium)("`shunt galvanometer` (needs Chromium)", () => {
  test("opens the page under its real address, with replication view and SQL, and ends with the browser", async () => {
    const sandbox = await startInternalSandbox();
    const [a, b] = [internalBackend(sandbox.a), internalBackend(sandbox.b)];
    const port = await freePort();
    const extra = ["--headless=new", "--disable-gpu", `--remote-debugging-port=${port}`];
    const command = run(
      [a, b],
      ["amps-a", "--browser", programs.chromium ?? "", ...extra.map((one) => `--browser-argument=${one}`)],
      { ...process.env, SHUNT_SECRET_DESK: secretOf("environment secret") },
    );
    await until(() => command.output().includes("opens in"), "the command's first line");
    const page = await pageAt(port, `${a.admin}/`);
    page.setDefaultTimeout(20_000);
    if (process.platform === "linux") lookThrough(["a command", environmentsBelow(command.child)]);
    await page.getByText("running").waitFor();
    await page.getByRole("link", { name: "Replication" }).click();
    await expect
      .poll(() => page.locator("#instances").getByText("answers", { exact: true }).count(), {
        timeout: 15_000,
      })
      .toBe(2);
    await page.getByRole("link", { name: "SQL" }).click();
    await page.getByRole("button", { name: "Query" }).click();
    await page.getByText(/of \d+ records/).waitFor();
    const secret = await page.evaluate(
      (local) =>
        fetch(`http://127.0.0.1:${local}/`).then(
          (one) => one.status,
          () => 0,
        ),
      port,
    );
    expect(secret).toBe(403);
    expect(command.output()).toContain(`asked for 127.0.0.1:${port}`);
    const session = await page.context().browser()?.newBrowserCDPSession();
    await session?.send("Browser.close").catch(() => undefined);
    expect(await command.exit).toBe(0);
  });

  test("prints what any browser needs where none is to be opened, and names a backend that is not there", async () => {
    const backend: BackendConfig = { id: "prod-1", admin: "http://prod-1.internal:8085" };
    const command = run([backend], ["prod-1", "--no-browser"]);
    await until(() => command.output().includes("Press Ctrl-C"), "the instructions");
    expect(command.output()).toMatch(/proxy {5}127\.0\.0\.1:\d+/);
    expect(command.output()).toContain("page      http://prod-1.internal:8085/");
    command.child.kill("SIGINT");
    expect(await command.exit).toBe(0);
    const wrong = run([backend], ["prod-2", "--no-browser"]);
    expect(await wrong.exit).toBe(1);
    expect(wrong.output()).toContain("There is no backend prod-2.");
  });

  test("says what to do where no browser is found", async () => {
    const backend: BackendConfig = { id: "prod-1", admin: "http://prod-1.internal:8085" };
    const command = run([backend], ["prod-1"], { ...process.env, PATH: tmpdir() });
    await until(() => command.output().includes("Press Ctrl-C"), "the instructions");
    expect(command.output()).toContain("No Chromium, Chrome, Edge or Brave was found");
    expect(command.output()).toContain("--browser PATH");
    expect(command.output()).toContain("--proxy-bypass-list=<-loopback>");
    command.child.kill("SIGINT");
    expect(await command.exit).toBe(0);
  });
});
