/** Two bare sockets of Node's for each connection: what the JavaScript path could have at best without leaving Node's own API. */
import { join } from "node:path";
import { root } from "../../../scripts/setup/paths.mjs";
import { freePort } from "../../support/free-port.ts";
import { startServing, type RunningForwarder, type Setting } from "./forwarder.ts";

export async function startBareNode({ backendPort, cpu }: Setting): Promise<RunningForwarder> {
  const rawPort = await freePort();
  const program = join(root, "test/bench/forwarders/bare-proxy.cjs");
  const args = [program, String(rawPort), String(backendPort)];
  const child = await startServing({ command: process.execPath, args, cpu }, [rawPort]);
  return { rawPort, httpPort: null, pids: [child.pid], stop: () => child.stop() };
}
