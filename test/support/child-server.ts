/** A real server program on a free port, for tests; it ends with the test. */
import { spawn, type ChildProcess } from "node:child_process";
import { connect } from "node:net";
import { cleanUp, until } from "./running-engine.ts";

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** Starts it and returns once it takes connections on `port`. */
export async function startChildServer(
  program: string,
  parameters: readonly string[],
  port: number,
): Promise<ChildProcess> {
  const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-4_000)));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  cleanUp(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended at once: ${said}`);
    return accepts(port);
  }, `${program} on port ${port}`);
  return child;
}
