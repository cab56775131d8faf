/** A configuration of 1,000 port routes and 10,000 path prefixes, and edits of it under traffic (reliability L6). */
import { expect, test } from "vitest";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startBackendProcess } from "./harness/backend-process.ts";
import { open, ping } from "./harness/clients.ts";
import { percentile, record } from "./harness/figures.ts";
import { startShunt } from "./harness/shunt-process.ts";

cleanUpAfterEach();

const edits = 100;

test("L6: many routes are listening soon, and edits touch no other route", async (context) => {
  const backend = await startBackendProcess("echo");
  const [shared, untouched] = [await freePort(), await freePort()];
  const at = { target: "b" };
  const ports = Array.from({ length: 1_000 }, (_, number) => ({
    ...at,
    id: `r${number}`,
    // An address of its own, so that no port of another program is in the way.
    listen: `127.0.3.1:${20_000 + number}`,
    transport: "replication",
  }));
  const paths = Array.from({ length: 10_000 }, (_, number) => ({
    ...at,
    id: `p${number}`,
    listen: `127.0.0.1:${shared}`,
    path: `/system-${number}`,
  }));
  const document = {
    version: 1,
    backends: [
      { id: "b", replication: `tcp://127.0.0.1:${backend.port}`, admin: `http://127.0.0.1:${backend.port}` },
    ],
    routes: [
      ...ports,
      ...paths,
      { ...at, id: "still", listen: `127.0.0.1:${untouched}`, transport: "replication" },
    ],
  };
  const shunt = await startShunt(document);
  const failed = shunt.ready.listeners.filter(({ state }) => state !== "listening");
  const client = await open(untouched, { hello: "x" });
  const saves: number[] = [];
  const pings: number[] = [];
  let editing = true;
  const traffic = (async () => {
    while (editing) pings.push(await ping(client));
  })();
  for (let edit = 0; edit < edits; edit++) {
    const routes = document.routes.map((route, number) =>
      number === edit ? { ...route, note: `edit ${edit}` } : route,
    );
    const from = performance.now();
    expect(await shunt.api("/api/config", "PUT", { ...document, routes })).toMatchObject({ version: 1 });
    saves.push(performance.now() - from);
  }
  editing = false;
  await traffic;
  client.destroy();
  record(
    context,
    `${shunt.ready.listeners.length} listeners ${(shunt.startedInMs / 1000).toFixed(2)} s after the start of the process, ${failed.length} failed; ${edits} edits, median ${Math.round(percentile(saves, 0.5))} ms; ${pings.length} of ${pings.length} bytes of an untouched route came back meanwhile, slowest ${Math.round(percentile(pings, 1))} ms`,
  );
  expect(failed).toEqual([]);
  expect(shunt.startedInMs).toBeLessThanOrEqual(5_000);
  expect(pings.length).toBeGreaterThan(0);
});
