/**
 * The rules that hold for every page and session of the real Electron app, also for those that Shunt never meant to open:
 * a defect that opens one finds the same doors shut (reliability 2.5). Shunt's own window is in desktop-page.e2e.test.ts.
 */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { available } from "../support/available.ts";
import { ensureBuilt } from "../support/built.ts";
import { makeSelfSigned } from "../support/certificates.ts";
import { launchDesktop, newUserData, removeUserData, type DesktopApp } from "../support/desktop-app.ts";
import { configure, openWindow } from "../support/galvanometer-app.ts";
import { until } from "../support/running-engine.ts";
import { tempFolder } from "../tooling/temp-folder.ts";

const pages: Readonly<Record<string, string>> = {
  "/": "<!doctype html><title>stray</title>",
  "/framing": '<!doctype html><iframe src="/frame"></iframe>',
  "/guest-of": '<!doctype html><webview src="/guest"></webview>',
};

describe.skipIf(!available.electron)("in the desktop app, a page that nobody meant to open", () => {
  let userData: string;
  let desktop: DesktopApp;
  let stray: { readonly url: string; readonly hits: string[]; close(): void };

  beforeAll(async () => {
    await ensureBuilt();
    const hits: string[] = [];
    const server = createServer((request, response) => {
      const target = request.url ?? "";
      hits.push(target);
      if (target === "/redirect") response.writeHead(302, { Location: "/redirected" });
      else response.setHeader("Content-Type", "text/html");
      response.end(pages[target] ?? pages["/"]);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    stray = {
      url: `http://127.0.0.1:${port}`,
      hits,
      close: () => void (server.close(), server.closeAllConnections()),
    };
    userData = newUserData();
    desktop = await launchDesktop({ userData });
  });
  afterAll(async () => {
    await desktop?.kill();
    removeUserData(userData);
    stray?.close();
  });
  beforeEach(() => stray.hits.splice(0));

  const log = (): string => {
    const file = path.join(userData, "logs/shunt.log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };

  /** Opens a window with Electron's own defaults, or worse, and runs a script in its page; `failed` where nothing was loaded. */
  const inStray = (target: string, script: string, webviewTag = false): Promise<unknown> =>
    desktop.app.evaluate(
      async ({ BrowserWindow }, { url, code, guests }) => {
        const window = new BrowserWindow({
          show: false,
          webPreferences: { sandbox: true, webviewTag: guests, partition: `stray-${Math.random()}` },
        });
        try {
          const loaded = await window.loadURL(url).then(
            () => true,
            () => false,
          );
          return loaded ? await window.webContents.executeJavaScript(code, true) : "failed";
        } finally {
          window.destroy();
        }
      },
      { url: target, code: script, guests: webviewTag },
    );

  const settled = "new Promise((resolve) => setTimeout(() => resolve('settled'), 300))";

  test("navigates nowhere", async () => {
    await inStray(`${stray.url}/`, `location.href = "/elsewhere"; ${settled}`);
    expect(stray.hits.filter((hit) => hit !== "/favicon.ico")).toEqual(["/"]);
    expect(log()).toContain("navigation to http://127.0.0.1");
  });

  test("is not redirected", async () => {
    expect(await inStray(`${stray.url}/redirect`, settled)).toBe("failed");
    expect(stray.hits.filter((hit) => hit !== "/favicon.ico")).toEqual(["/redirect"]);
  });

  test("has no frames", async () => {
    await inStray(`${stray.url}/framing`, settled);
    expect(stray.hits).toContain("/framing");
    expect(stray.hits).not.toContain("/frame");
  });

  test("has no guests, even in a window that allows them", async () => {
    await inStray(`${stray.url}/guest-of`, settled, true);
    expect(stray.hits).toContain("/guest-of");
    expect(stray.hits).not.toContain("/guest");
  });

  test("opens no window", async () => {
    expect(await inStray(`${stray.url}/`, `window.open("/popup") === null`)).toBe(true);
    expect(stray.hits).not.toContain("/popup");
    expect(log()).toContain("window for http://127.0.0.1");
  });

  test("gets no permission, in a session that has just been made", async () => {
    const answers = await inStray(
      `${stray.url}/`,
      `(async () => {
        const name = (promise) => promise.then(() => "granted", (error) => error.name);
        return {
          notification: await Notification.requestPermission(),
          place: (await navigator.permissions.query({ name: "geolocation" })).state,
          camera: await name(navigator.mediaDevices.getUserMedia({ video: true })),
          clipboard: (await navigator.permissions.query({ name: "clipboard-read" })).state,
          midi: await name(navigator.requestMIDIAccess({ sysex: true })),
        };
      })()`,
    );
    const refused = expect.stringMatching(/NotAllowedError|NotFoundError|SecurityError/) as string;
    expect(answers).toEqual({
      notification: "denied",
      place: "denied",
      camera: refused,
      clipboard: "denied",
      midi: refused,
    });
  });

  const withheld = `["usb" in navigator, "hid" in navigator, "serial" in navigator, "bluetooth" in navigator,
    "xr" in navigator, "PaymentRequest" in window, "IdleDetector" in window].join()`;
  const nothing = Array<boolean>(7).fill(false).join();

  test("finds no USB, HID, serial or Bluetooth to ask for; nor does Shunt's own, nor a Galvanometer's", async () => {
    await configure(desktop, [{ id: "near", admin: stray.url }]);
    const galvanometer = await openWindow(desktop, "near");
    expect(await galvanometer.title()).toBe("stray");
    expect(await galvanometer.evaluate(withheld)).toBe(nothing);
    expect(await desktop.page.evaluate(withheld)).toBe(nothing);
    expect(await inStray(`${stray.url}/`, withheld)).toBe(nothing);
  });

  // Not USB: any use of `navigator.usb` ends the Electron 25 that serves tests, with a D-Bus too.
  test("would be given no HID or serial device either if it found them, and nobody would be asked to choose one", async () => {
    await desktop.app.evaluate(({ app }) => {
      const asked: string[] = [];
      Object.assign(globalThis, { askedFor: asked });
      app.on("session-created", (session) => {
        session.on("select-hid-device", () => void asked.push("hid"));
        session.on("select-serial-port", () => void asked.push("serial"));
      });
      // A page's process is given the switch when it starts.
      app.commandLine.removeSwitch("disable-blink-features");
    });
    const given = await inStray(
      `${stray.url}/`,
      `(async () => ({
        hid: [await navigator.hid.requestDevice({ filters: [] }), await navigator.hid.getDevices()],
        serial: [await navigator.serial.requestPort().catch((error) => error.name), await navigator.serial.getPorts()],
      }))()`,
    );
    expect(given).toEqual({ hid: [[], []], serial: ["NotFoundError", []] });
    // A machine without such devices gives none either: whom the permission is denied, the choice is not even offered.
    const asked = await desktop.app.evaluate(() => (globalThis as { askedFor?: string[] }).askedFor);
    expect(asked).toEqual([]);
  });

  test("downloads nothing", async () => {
    const download = `const link = document.createElement("a"); link.href = URL.createObjectURL(new Blob(["x"])); link.download = "x"; document.body.append(link); link.click(); ${settled}`;
    const before = log().split("download from").length;
    await inStray(`${stray.url}/`, download);
    await until(() => log().split("download from").length > before, "the refusal in the log");
  });

  test("has no Node and no worker with Node", async () => {
    const found = await inStray(
      `${stray.url}/`,
      `new Promise((resolve) => {
        const code = 'postMessage([typeof require, typeof process, typeof module].join())';
        const worker = new Worker(URL.createObjectURL(new Blob([code])));
        worker.onmessage = ({ data }) => resolve([typeof require, typeof process, typeof module, data].join());
      })`,
    );
    expect(found).toBe("undefined,undefined,undefined,undefined,undefined,undefined");
  });

  test("is not shown under a certificate that nobody vouches for", async () => {
    const files = makeSelfSigned(tempFolder({}), "IP:127.0.0.1");
    const asked: string[] = [];
    const server = createHttpsServer(
      { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) },
      (request, response) => {
        asked.push(request.url ?? "");
        response.end();
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await inStray(`https://127.0.0.1:${port}/`, settled)).toBe("failed");
    server.close();
    server.closeAllConnections();
    expect(asked).toEqual([]);
    expect(log()).toContain(`certificate of https://127.0.0.1:${port} refused`);
  });

  test("looks no name up", async () => {
    expect(await inStray("http://shunt-nobody.example.com/", settled)).toBe("failed");
    const rules = await desktop.app.evaluate(({ app }) =>
      app.commandLine.getSwitchValue("host-resolver-rules"),
    );
    expect(rules).toContain("MAP * ~NOTFOUND");
  });

  test("asks for no dictionary", async () => {
    const languages = await desktop.app.evaluate(({ session }) =>
      session.fromPartition("another").getSpellCheckerLanguages(),
    );
    expect(languages).toEqual([]);
  });

  test("and Shunt's own page comes with the whole policy, each of its files", async () => {
    const script = await desktop.page.evaluate(() =>
      document.querySelector("script[src]")?.getAttribute("src"),
    );
    const headers = await desktop.app.evaluate(
      async ({ net }, paths) => {
        const all = await Promise.all(paths.map((one) => net.fetch(new URL(one, "app://shunt/").href)));
        const names = [
          "content-security-policy",
          "x-content-type-options",
          "referrer-policy",
          "cross-origin-opener-policy",
          "cross-origin-resource-policy",
        ];
        return all.map(({ headers: one }) => names.map((name) => one.get(name)));
      },
      ["/", script ?? "", "/none"],
    );
    // Spelled out here: a rule that is loosened in the source is seen.
    const policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'";
    for (const one of headers)
      expect(one).toEqual([policy, "nosniff", "no-referrer", "same-origin", "same-origin"]);
    expect(headers).toHaveLength(3);
  });
});
