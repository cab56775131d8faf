/** Shunt with a backend that it reaches by itself and one through a real SSH server, and an idle stream to each. */
import { appendFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { Snapshot } from "../../../app/contract/snapshot.ts";
import { freePort } from "../../support/free-port.ts";
import { howEnded } from "../../support/how-ended.ts";
import { until } from "../../support/running-engine.ts";
import { makeSshHome, startSshServer, type SshServer } from "../../support/ssh-server.ts";
import { startBackendProcess } from "./backend-process.ts";
import { open } from "./clients.ts";
import { startShunt, type ShuntProcess } from "./shunt-process.ts";

interface NearAndFar {
  readonly shunt: ShuntProcess;
  readonly server: SshServer;
  /** Where clients of the far backend come. */
  readonly farPort: number;
  readonly near: Socket;
  readonly far: Socket;
  /** How the stream to the far one ends. */
  readonly farEnded: Promise<string>;
  /** Resolves when the tunnel is up. */
  tunnelUp(): Promise<unknown>;
}

export async function startNearAndFar(): Promise<NearAndFar> {
  const home = makeSshHome();
  const server = await startSshServer({ home });
  appendFileSync(home.knownHosts, server.knownHosts());
  const backend = await startBackendProcess("echo");
  const [nearPort, farPort] = [await freePort(), await freePort()];
  const target = `tcp://127.0.0.1:${backend.port}`;
  const shunt = await startShunt(
    {
      version: 1,
      tunnels: [{ id: "t", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user }],
      backends: [
        { id: "near", replication: target },
        { id: "far", via: "t", replication: target },
      ],
      routes: [
        { id: "n", listen: `127.0.0.1:${nearPort}`, transport: "replication", target: "near" },
        { id: "f", listen: `127.0.0.1:${farPort}`, transport: "replication", target: "far" },
      ],
    },
    { env: { HOME: home.folder } },
  );
  const tunnel = async () => ((await shunt.api("/api/snapshot")) as Snapshot).tunnels[0];
  const tunnelUp = () => until(async () => (await tunnel())?.state === "up", "the tunnel");
  await tunnelUp();
  const near = await open(nearPort, { hello: "x" });
  const far = await open(farPort, { hello: "x" });
  far.on("error", () => undefined);
  return { shunt, server, farPort, near, far, farEnded: howEnded(far), tunnelUp };
}
