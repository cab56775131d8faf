import { afterEach } from "vitest";
import type { SandboxInstance, SandboxStatus } from "../../app/contract/sandbox.ts";
import type { SandboxHandle, SandboxOptions } from "../../app/sandbox/sandbox-handle.ts";
import { createSandbox, type SandboxDependencies } from "../../app/sandbox/sandbox.ts";

const running: SandboxHandle[] = [];

afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.stop();
});

export interface RunningSandbox {
  readonly handle: SandboxHandle;
  readonly a: SandboxInstance;
  readonly b: SandboxInstance;
}

/** A sandbox on ports that the system chose, stopped after the test. */
export async function runSandbox(
  options: Partial<SandboxOptions> = {},
  dependencies: SandboxDependencies = {},
): Promise<RunningSandbox> {
  const handle = createSandbox(dependencies);
  running.push(handle);
  const reply = await handle.start({ instances: 2, basePort: 0, ...options });
  if (!reply.ok) throw new Error(reply.failure.message);
  const [a, b = a] = reply.value.instances;
  if (a === undefined || b === undefined) throw new Error("no instances");
  return { handle, a, b };
}

/** Waits until the status is as wanted; rejects after five seconds. */
export async function until(
  sandbox: SandboxHandle,
  wanted: (status: SandboxStatus) => boolean,
): Promise<SandboxStatus> {
  const endMs = Date.now() + 5_000;
  for (;;) {
    const status = await sandbox.status();
    if (wanted(status)) return status;
    if (Date.now() > endMs) throw new Error(`the status did not come: ${JSON.stringify(status)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Every link of every running instance is connected. */
export function allLinked(status: SandboxStatus): boolean {
  return status.instances.every(
    (instance) => instance.state === "stopped" || instance.links.every((link) => link.connected),
  );
}
