/** Galvanometer windows of instances that speak TLS, in the real desktop app: nothing is accepted blindly. */
import { readFileSync } from "node:fs";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { BackendConfig } from "../../app/contract/config.ts";
import { available } from "../support/available.ts";
import { certificatesForFile } from "../support/certificates.ts";
import type { DesktopApp } from "../support/desktop-app.ts";
import {
  choose,
  configure,
  launchGalvanometers,
  noteMenus,
  openWindow,
  bars,
} from "../support/galvanometer-app.ts";
import { startInternalSandbox } from "../support/internal-sandbox.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";

cleanUpAfterEach();

const certificates = certificatesForFile((made) => {
  for (const name of ["secure-a.internal", "other.internal", "desk.internal"]) made.make(name, `DNS:${name}`);
});
const issued = (name: string) => ({
  cert: certificates.read(`${name}.pem`),
  key: certificates.read(`${name}.key`),
});

interface SecureInstance {
  readonly port: number;
  readonly requests: string[];
}

/** An https admin endpoint whose page polls `peer`, when that is set. */
async function startSecure(options: ServerOptions, peer = ""): Promise<SecureInstance> {
  const requests: string[] = [];
  const server = createServer(options, (request, response) => {
    requests.push(request.url ?? "");
    if (request.url === "/amps/instance/replication.json")
      return void response
        .writeHead(200, { "Content-Type": "application/json" })
        .end(JSON.stringify(peer === "" ? [] : [{ destination_name: "b", destination_admin_addr: peer }]));
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>Secure</title><p>secure page</p>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void (server.close(), server.closeAllConnections()));
  return { port: (server.address() as AddressInfo).port, requests };
}

const secureBackend = (port: number, tls: BackendConfig["tls"] = {}): BackendConfig => ({
  id: "secure-a",
  admin: `https://secure-a.internal:${port}`,
  tls,
});

/** The window on the instance, whichever one it is by now. */
const shown = (desktop: DesktopApp, text: string): Promise<Page> =>
  until(async () => {
    for (const page of desktop.app.windows())
      if (
        (await page
          .getByText(text)
          .count()
          .catch(() => 0)) > 0
      )
        return page;
    return null;
  }, text);

describe.skipIf(!available.electron)("certificates in a Galvanometer window (needs Electron)", () => {
  test("an unknown authority is refused with the reason, and the backend's own one is honoured as soon as it is named", async () => {
    const caFile = certificates.at("ca.pem");
    const instance = await startSecure(issued("secure-a.internal"));
    const desktop = await launchGalvanometers();
    await configure(desktop, [secureBackend(instance.port)]);
    await openWindow(desktop, "secure-a");
    const refused = await shown(desktop, "Its certificate was refused");
    const reason = await refused.locator("body").innerText();
    expect(reason).toContain("it is signed by an authority that is not known here");
    expect(reason).toContain("tls.caFile");
    expect(instance.requests).not.toContain("/");

    await configure(desktop, [secureBackend(instance.port, { caFile })]);
    const page = await shown(desktop, "secure page");
    expect(page.url()).toBe(`https://secure-a.internal:${instance.port}/`);

    // Taken away again, it is trusted no more: Chromium's verdict must not outlive it.
    await configure(desktop, [secureBackend(instance.port)]);
    await shown(desktop, "Its certificate was refused");
  });

  test("a certificate for another name is refused, unless the backend says that this is its name", async () => {
    const caFile = certificates.at("ca.pem");
    const instance = await startSecure(issued("other.internal"));
    const desktop = await launchGalvanometers();
    await configure(desktop, [secureBackend(instance.port, { caFile })]);
    await openWindow(desktop, "secure-a");
    const refused = await shown(desktop, "it is not for the name secure-a.internal");
    expect(await refused.getByText("secure page").count()).toBe(0);
    expect(instance.requests).not.toContain("/");
    await configure(desktop, [secureBackend(instance.port, { caFile, serverName: "other.internal" })]);
    await shown(desktop, "secure page");
  });

  test("with the TLS spoken by Shunt, instances with and without TLS are polled from one page", async () => {
    const sandbox = await startInternalSandbox();
    const plain = `amps-b.internal:${sandbox.b.ports.admin}`;
    const caFile = certificates.at("ca.pem");
    const instance = await startSecure(issued("secure-a.internal"), `http://${plain}`);
    const desktop = await launchGalvanometers();
    await noteMenus(desktop);
    await configure(desktop, [secureBackend(instance.port, { caFile })]);
    const page = await openWindow(desktop, "secure-a");
    await page.getByText("secure page").waitFor();
    const poll = (one: Page) =>
      one.evaluate(
        (url) =>
          fetch(url).then(
            (answer) => answer.status,
            () => 0,
          ),
        `http://${plain}/amps/instance.json`,
      );
    expect(await poll(page)).toBe(0);
    await until(async () => (await bars(desktop)).includes("Encrypted by Shunt"));

    await choose(desktop, /^Encrypted by Shunt/);
    const other = await until(
      () => desktop.app.windows().find((one) => one.url() === `http://secure-a.internal:${instance.port}/`),
      "the page on http",
    );
    await other.getByText("secure page").waitFor();
    expect(await poll(other)).toBe(200);
    await until(async () => (await bars(desktop)).includes("encrypted by Shunt"));
  });

  test("a client certificate is shown by Shunt, since Chromium takes none from a file", async () => {
    const caFile = certificates.at("ca.pem");
    const instance = await startSecure({
      ...issued("secure-a.internal"),
      ca: readFileSync(caFile),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const desktop = await launchGalvanometers();
    const [clientCertFile, clientKeyFile] = [
      certificates.at("desk.internal.pem"),
      certificates.at("desk.internal.key"),
    ];
    const tls = { caFile, clientCertFile, clientKeyFile };
    await configure(desktop, [secureBackend(instance.port, tls)]);
    const page = await openWindow(desktop, "secure-a");
    await page.getByText("secure page").waitFor();
    expect(page.url()).toBe(`http://secure-a.internal:${instance.port}/`);
  });
});
