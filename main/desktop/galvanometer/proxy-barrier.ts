/** Makes a session use its forward proxy for everything, and proves it before any page is loaded. */
import { net, type Session } from "electron";
import type { OpenedGalvanometer } from "../../../app/galvanometer/galvanometers.ts";

/** What must go to the proxy: also loopback, where the operator's own services are. */
const probes = [
  "http://shunt-probe.invalid/",
  "https://shunt-probe.invalid/",
  "ws://shunt-probe.invalid/",
  "wss://shunt-probe.invalid/",
  "http://localhost/",
  "http://x.localhost/",
  "http://127.0.0.1/",
  "http://[::1]/",
  "http://169.254.169.254/",
] as const;

const barrierLimitMs = 5_000;
const primeLimitMs = 5_000;

/** Rejects where the session cannot be brought to use the proxy: then no page may be loaded in it. */
export async function sendThroughProxy(session: Session, opened: OpenedGalvanometer): Promise<void> {
  const { proxyPort } = opened;
  await session.setProxy({
    mode: "fixed_servers",
    proxyRules: `http://127.0.0.1:${proxyPort}`,
    // Without this, loopback goes directly: a page could read the operator's local services.
    proxyBypassRules: "<-loopback>",
  });
  await session.forceReloadProxyConfig();
  await untilProxied(session, `PROXY 127.0.0.1:${proxyPort}`);
  await prime(session, opened);
}

/** `setProxy` resolves before it is in force (electron/electron#26166). */
async function untilProxied(session: Session, wanted: string): Promise<void> {
  const giveUpMs = performance.now() + barrierLimitMs;
  for (;;) {
    const answers = await Promise.all(probes.map((url) => session.resolveProxy(url)));
    if (answers.every((answer) => answer === wanted)) return;
    if (performance.now() > giveUpMs) throw new Error("the session does not use its proxy");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A websocket's CONNECT never asks for a login on older Electrons, so the session learns its credential here. */
function prime(session: Session, { proxyPort, user, password }: OpenedGalvanometer): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = net.request({ url: "http://shunt.invalid/prime", session });
    const timer = setTimeout(() => {
      request.abort();
      reject(new Error("the forward proxy does not answer"));
    }, primeLimitMs);
    let asked = 0;
    request.on("login", (authInfo, callback) => {
      asked += 1;
      const ours = authInfo.isProxy && authInfo.host === "127.0.0.1" && authInfo.port === proxyPort;
      if (ours && asked <= 2) callback(user, password);
      else callback();
    });
    request.on("response", (response) => {
      clearTimeout(timer);
      response.on("data", () => undefined);
      if (response.statusCode === 204) resolve();
      else reject(new Error(`the forward proxy answered ${response.statusCode}`));
    });
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end();
  });
}
