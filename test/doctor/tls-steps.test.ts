/** What the doctor says of certificates. */
import { readFileSync } from "node:fs";
import { createServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { examineBackend } from "../../app/doctor/examine-backend.ts";
import { openSocket } from "../../app/forward/open-tcp.ts";
import { makeSelfSigned } from "../support/certificates.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { tempFolder } from "../tooling/temp-folder.ts";

cleanUpAfterEach();

async function startTls(days: number) {
  const { certFile, keyFile } = makeSelfSigned(tempFolder({}), "DNS:amps-prod-1,IP:127.0.0.1", days);
  const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (socket) => {
    socket.on("error", () => undefined);
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  return { url: `tcps://127.0.0.1:${(server.address() as AddressInfo).port}`, caFile: certFile };
}

async function tlsStep(days: number, tls: (caFile: string) => object) {
  const { url, caFile } = await startTls(days);
  const backend = { id: "b", amps: url, tls: tls(caFile) };
  const { steps } = await examineBackend({
    backend,
    openTcp: (address, _via, options = {}) => openSocket(address, options),
    timeoutMs: 2_000,
  });
  return steps.find(({ hop }) => hop === "tls");
}

test.each([
  [
    "is verified and good for long",
    400,
    (caFile: string) => ({ caFile }),
    "ok",
    /certificate of amps-prod-1.*\(\d+ days\)/,
  ],
  ["ends soon", 5, (caFile: string) => ({ caFile }), "warning", /\([45] days\)/],
  ["is not verified, as configured", 400, () => ({ verify: false }), "warning", /Not verified/],
  ["is signed by an unknown authority", 400, () => ({}), "failed", /not known here/],
])("a certificate that %s", async (_what, days, tls, outcome, finding) => {
  const step = await tlsStep(days, tls);
  expect(step).toMatchObject({ outcome, finding: expect.stringMatching(finding) });
  expect(step?.advice === null).toBe(outcome === "ok");
});
