/** A configuration with one route that is on and one that is off, and looks at what a service says of them. */
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { Snapshot } from "../../app/contract/snapshot.ts";
import { cleanUp } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import type { RunningService } from "./running-service.ts";

interface Setting {
  readonly config: ShuntConfig;
  readonly port: number;
  readonly otherPort: number;
}

export async function setting(): Promise<Setting> {
  const backend = await startTcpBackend();
  cleanUp(() => backend.close());
  const [port, otherPort] = [await freePort(), await freePort()];
  const target = { transport: "amps", target: "a" } as const;
  return {
    port,
    otherPort,
    config: {
      version: 1,
      tunnels: [],
      backends: [{ id: "a", amps: `tcp://127.0.0.1:${backend.port}` }],
      pools: [],
      routes: [
        { id: "r", listen: `127.0.0.1:${port}`, ...target },
        { id: "s", listen: `127.0.0.1:${otherPort}`, ...target, enabled: false },
      ],
    },
  };
}

export async function stateOf({ ask }: RunningService, id: string): Promise<string | undefined> {
  const { routes } = await ask<Snapshot>("snapshot.get");
  return routes.find((route) => route.id === id)?.state;
}

export async function activity({ ask }: RunningService): Promise<readonly ActivityEntry[]> {
  return ask<readonly ActivityEntry[]>("activity.list");
}
