/** Asks an admin endpoint for the instance's name: a leaf that reads and changes nothing (amps-facts 2.6). */
import { request } from "node:http";
import type { Duplex } from "node:stream";
import type { Health } from "../contract/snapshot.ts";
import { errorCode } from "../failures.ts";

const longestAnswer = 64 * 1024;

interface AdminAnswer {
  readonly health: Health;
  readonly reason: string | null;
  readonly instanceName: string | null;
}

/** Uses up the socket. Any HTTP answer means that the endpoint lives; only AMPS's own says which instance it is. */
export function probeAdmin(socket: Duplex, authority: string, timeoutMs: number): Promise<AdminAnswer> {
  return new Promise((resolve) => {
    const done = (answer: AdminAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const down = (reason: string) => done({ health: "down", reason, instanceName: null });
    const timer = setTimeout(
      () => down(`Accepted the connection and did not answer within ${timeoutMs / 1000} s.`),
      timeoutMs,
    );
    const asking = request({
      createConnection: () => socket,
      path: "/amps/instance/name.json",
      headers: { Host: authority, Connection: "close" },
    });
    asking.on("error", (error) => down(`Did not answer in HTTP (${errorCode(error) ?? error.message}).`));
    asking.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= longestAnswer) chunks.push(chunk);
      });
      response.on("error", () => down("Broke off in the middle of its answer."));
      response.on("end", () => done(judge(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8"))));
    });
    asking.end();
  });
}

function judge(status: number, body: string): AdminAnswer {
  if (status === 401 || status === 403)
    return { health: "up", reason: `Asks for authentication (${status}).`, instanceName: null };
  if (status >= 500) return { health: "degraded", reason: `Answered ${status}.`, instanceName: null };
  const instanceName = status === 200 ? readName(body) : null;
  if (instanceName !== null) return { health: "up", reason: null, instanceName };
  return {
    health: "degraded",
    reason: `Answered ${status}, not as AMPS's admin interface does.`,
    instanceName: null,
  };
}

/** `{"amps":{"instance":{"name":"…"}}}`, read leniently (amps-facts 4.1). */
function readName(body: string): string | null {
  try {
    const document = JSON.parse(body) as { amps?: { instance?: { name?: unknown } } } | null;
    const name = document?.amps?.instance?.name;
    return typeof name === "string" && name !== "" ? name.slice(0, 255) : null;
  } catch {
    return null;
  }
}
