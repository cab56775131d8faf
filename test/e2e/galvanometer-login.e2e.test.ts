/** Galvanometer windows of instances that ask for a user, in the real desktop app. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { runSandbox } from "../sandbox/running-sandbox.ts";
import { available } from "../support/available.ts";
import type { DesktopApp } from "../support/desktop-app.ts";
import {
  activity,
  configure,
  isPrompt,
  launchGalvanometers,
  pageOn,
  pictures,
} from "../support/galvanometer-app.ts";
import { startLoginFront, type LoginFront } from "../support/login-front.ts";
import { startNtlmInstance } from "../support/ntlm-instance.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { secretOf } from "../support/suite-secrets.ts";

cleanUpAfterEach();

const right = secretOf("Galvanometer sign-in");
const changed = secretOf("Galvanometer sign-in", "changed");

const show = (desktop: DesktopApp, backend: string) => desktop.call("galvanometer.open", { backend });

/** Waits for the prompt of an address. */
async function promptFor(desktop: DesktopApp, authority: string): Promise<Page> {
  const find = async (): Promise<Page | null> => {
    for (const page of desktop.app.windows().filter(isPrompt))
      if (
        (await page
          .getByRole("heading")
          .innerText()
          .catch(() => "")) === `Sign in to ${authority}`
      )
        return page;
    return null;
  };
  return until(find, `a prompt for ${authority}`);
}

interface Answer {
  readonly user: string;
  readonly password: string;
  readonly shared?: boolean;
}

async function signIn(prompt: Page, { user, password, shared = false }: Answer): Promise<void> {
  const closed = prompt.waitForEvent("close");
  await prompt.getByLabel("User").fill(user);
  await prompt.getByLabel("Password").fill(password);
  if (shared) await prompt.getByLabel("Also for other backends").check();
  await prompt.getByRole("button", { name: "Sign in" }).click({ noWaitAfter: true });
  await closed;
}

async function cancel(prompt: Page): Promise<void> {
  const closed = prompt.waitForEvent("close");
  await prompt.getByRole("button", { name: "Cancel" }).click({ noWaitAfter: true });
  await closed;
}

const backendBehind = (name: string, { port }: LoginFront) => ({
  id: name,
  admin: `http://${name}.internal:${port}`,
});

/** Two instances, each behind a login, that name each other by the addresses of these logins. */
async function runFronted(realms: readonly [string, string]) {
  const [frontA, frontB] = [
    await startLoginFront(realms[0], `ops:${right}`),
    await startLoginFront(realms[1], `ops:${right}`),
  ];
  const { a, b } = await runSandbox({
    statisticsIntervalMs: 200,
    adminAddresses: {
      "amps-a": `amps-a.internal:${frontA.port}`,
      "amps-b": `amps-b.internal:${frontB.port}`,
    },
  });
  frontA.target = a.ports.admin;
  frontB.target = b.ports.admin;
  return { frontA, frontB, backends: [backendBehind("amps-a", frontA), backendBehind("amps-b", frontB)] };
}

const answering = (page: Page) => page.locator("#instances").getByText("answers", { exact: true }).count();

describe.skipIf(!available.electron)("signing in to AMPS (needs Electron)", () => {
  test("a wrong password is asked again, the right one is kept, and shared with a peer whose replication is then read", async () => {
    const { frontA, frontB, backends } = await runFronted(["AMPS", "AMPS"]);
    const desktop = await launchGalvanometers();
    await configure(desktop, backends);
    await show(desktop, "amps-a");
    const authority = `amps-a.internal:${frontA.port}`;
    const first = await promptFor(desktop, authority);
    expect(await first.getByText("not accepted").count()).toBe(0);
    await first.screenshot({ path: path.join(pictures, "galvanometer-login.png") });
    await signIn(first, { user: "ops", password: secretOf("Galvanometer sign-in", "wrong") });
    const second = await promptFor(desktop, authority);
    await second.getByText("The last answer was not accepted.").waitFor();
    await signIn(second, { user: "ops", password: right, shared: true });
    const page = await pageOn(desktop, "amps-a.internal");
    page.setDefaultTimeout(20_000);
    await page.getByText("running").waitFor();

    await page.getByRole("link", { name: "Replication" }).click();
    await expect.poll(() => answering(page), { timeout: 20_000 }).toBe(2);
    // Nothing but replication is read with it, so that a page cannot act on another instance.
    const other = await page.evaluate(
      (url) => fetch(url).then((answer) => answer.status),
      `http://amps-b.internal:${frontB.port}/amps/host.json`,
    );
    expect(other).toBe(401);
    const polled = frontB.seen.filter(({ authorized, crossOrigin }) => authorized && crossOrigin);
    expect(new Set(polled.map(({ url }) => url))).toEqual(new Set(["/amps/instance.json"]));

    await page.reload();
    await page.getByText("running").waitFor();
    expect(desktop.app.windows().filter(isPrompt)).toEqual([]);
  });

  test("two windows that want the same user are one question; a cancelled one shows the refusal; a stale one asks once", async () => {
    const { frontA, frontB, backends } = await runFronted(["A", "B"]);
    const desktop = await launchGalvanometers();
    await configure(desktop, backends);
    await show(desktop, "amps-a");
    await cancel(await promptFor(desktop, `amps-a.internal:${frontA.port}`));
    const page = await pageOn(desktop, "amps-a.internal");
    page.setDefaultTimeout(20_000);
    await page.getByText("no user").waitFor();
    void page.reload().catch(() => undefined);
    await signIn(await promptFor(desktop, `amps-a.internal:${frontA.port}`), {
      user: "ops",
      password: right,
    });
    await page.getByText("running").waitFor();

    // The one polls the instance that the other opens.
    await page.getByRole("link", { name: "Replication" }).click();
    const authority = `amps-b.internal:${frontB.port}`;
    const prompt = await promptFor(desktop, authority);
    await show(desktop, "amps-b");
    await until(
      () => frontB.seen.some(({ url, crossOrigin }) => url === "/" && !crossOrigin),
      "a page request",
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(desktop.app.windows().filter(isPrompt)).toHaveLength(1);
    await signIn(prompt, { user: "ops", password: right });
    const other = await pageOn(desktop, "amps-b.internal");
    other.setDefaultTimeout(20_000);
    await other.getByText("running").waitFor();
    await expect.poll(() => answering(page), { timeout: 20_000 }).toBe(2);

    frontB.login = `ops:${changed}`;
    const before = frontB.seen.length;
    void other.reload().catch(() => undefined);
    const again = await promptFor(desktop, authority);
    await again.getByText("not accepted").waitFor();
    // Not tried over and over while the operator thinks.
    expect(frontB.seen.slice(before).filter(({ url }) => url === "/").length).toBeLessThan(4);
    await signIn(again, { user: "ops", password: changed });
    await other.getByText("running").waitFor();
    await expect.poll(() => answering(page), { timeout: 20_000 }).toBe(2);

    for (const window of [page, other]) await window.close();
    await show(desktop, "amps-b");
    await cancel(await promptFor(desktop, authority));
  });

  test("NTLM, which signs a connection in, works through the forward proxy", async () => {
    const instance = await startNtlmInstance("desk-1");
    const desktop = await launchGalvanometers();
    const admin = `http://amps-a.internal:${instance.port}`;
    await configure(desktop, [{ id: "amps-a", admin }]);
    await show(desktop, "amps-a");
    const prompt = await promptFor(desktop, `amps-a.internal:${instance.port}`);
    const before = instance.legs.length;
    await signIn(prompt, { user: "desk-1", password: secretOf("Galvanometer sign-in", "any") });
    const page = await pageOn(desktop, "amps-a.internal");
    await page.getByText("signed in as desk-1").waitFor();
    expect(instance.legs.slice(before)).toEqual(["negotiate", "authenticate"]);
  });

  test("a peer that wants NTLM, which no browser sends across origins, is named with the element that helps", async () => {
    const peer = await startNtlmInstance("desk-1");
    const address = `amps-b.internal:${peer.port}`;
    const instance = createServer((request, response) => {
      const isStatistics = request.url === "/amps/instance/replication.json";
      response.setHeader("Content-Type", isStatistics ? "application/json" : "text/html");
      response.end(
        isStatistics
          ? JSON.stringify([{ destination_name: "amps-b", destination_admin_addr: address }])
          : "<!doctype html><title>x</title><p>the page</p>",
      );
    });
    await new Promise<void>((resolve) => instance.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (instance.close(), instance.closeAllConnections()));
    const { port } = instance.address() as AddressInfo;
    const desktop = await launchGalvanometers();
    await configure(desktop, [{ id: "amps-a", admin: `http://amps-a.internal:${port}` }]);
    await show(desktop, "amps-a");
    const page = await pageOn(desktop, "amps-a.internal");
    await page.getByText("the page").waitFor();
    const url = `http://${address}/amps/instance.json`;
    const poll = () => page.evaluate((one) => fetch(one, { mode: "no-cors" }).then(() => true), url);
    await poll();
    await poll();
    const told = await until(async () => {
      const refusals = await activity(desktop, "galvanometer-refused");
      return refusals.length > 0 && refusals;
    }, "the word in the activity");
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toContain(`${address} asks for NTLM`);
    expect(told[0]?.message).toContain("<AnonymousPaths>^/amps/instance/replication</AnonymousPaths>");
    expect(desktop.app.windows().filter(isPrompt)).toEqual([]);
  });
});
