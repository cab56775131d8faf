/** Sandbox instances that call themselves `amps-a.internal` and `amps-b.internal`, on ports known beforehand. */
import { createSandbox } from "../../app/sandbox/sandbox.ts";
import { plannedPorts } from "../../app/sandbox/port-plan.ts";
import type { SandboxHandle } from "../../app/sandbox/sandbox-handle.ts";
import type { SandboxInstance } from "../../app/contract/sandbox.ts";
import type { BackendConfig } from "../../app/contract/config.ts";
import { cleanUp } from "./running-engine.ts";

export interface InternalSandbox {
  readonly handle: SandboxHandle;
  readonly a: SandboxInstance;
  readonly b: SandboxInstance;
}

/** Their statistics name each other by these names, so the ports must be those that were planned. */
export async function startInternalSandbox(): Promise<InternalSandbox> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const basePort = 20_000 + 200 * Math.floor(Math.random() * 60);
    const adminAddresses = {
      "amps-a": `amps-a.internal:${plannedPorts(basePort, 0).admin}`,
      "amps-b": `amps-b.internal:${plannedPorts(basePort, 1).admin}`,
    };
    const handle = createSandbox();
    const reply = await handle.start({
      instances: 2,
      basePort,
      adminAddresses,
      statisticsIntervalMs: 500,
      demo: true,
    });
    if (!reply.ok) throw new Error(reply.failure.message);
    const [a, b] = reply.value.instances;
    const asPlanned = [a, b].every((one, at) => one?.ports.admin === plannedPorts(basePort, at).admin);
    if (a && b && asPlanned) {
      cleanUp(async () => void (await handle.stop()));
      return { handle, a, b };
    }
    await handle.stop();
  }
  throw new Error("no free block of ports was found");
}

/** A backend for an instance, under its name that does not resolve here. */
export function internalBackend(
  { name, ports }: SandboxInstance,
  more: Partial<BackendConfig> = {},
): BackendConfig {
  return {
    id: name,
    environment: "sandbox",
    admin: `http://${name}.internal:${ports.admin}`,
    websocket: `ws://${name}.internal:${ports.websocket}`,
    amps: `tcp://${name}.internal:${ports.amps}`,
    ...more,
  };
}
