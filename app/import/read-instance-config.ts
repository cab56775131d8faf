/** Reads the configuration that an instance runs with from its admin endpoint: one GET that changes nothing. */
import { request, type IncomingMessage } from "node:http";
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig } from "../contract/config.ts";
import { parseEndpoint } from "../config/address.ts";
import { accept, errorCode, errorText, refuse } from "../failures.ts";
import type { Dial } from "../forward/dial.ts";
import { longestImportBytes } from "./import-source.ts";

const path = "/amps/instance/config.xml";
const answerTimeoutMs = 10_000;

/** The XML text, which may hold credentials: it is parsed and thrown away, never shown. Never rejects. */
export async function readInstanceConfig(backend: BackendConfig, dial: Dial): Promise<Reply<string>> {
  const connected = await dial(backend, "admin");
  if (!connected.ok) return connected;
  const socket = connected.value;
  const authority = parseEndpoint("admin", backend.admin ?? "")?.authority ?? "";
  return new Promise((resolve) => {
    const done = (reply: Reply<string>): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    const timer = setTimeout(
      () =>
        done(refuse("BACKEND_TIMEOUT", `${backend.id} did not answer within ${answerTimeoutMs / 1000} s.`)),
      answerTimeoutMs,
    );
    const asking = request({
      createConnection: () => socket,
      path,
      headers: { Host: authority, Accept: "application/xml", Connection: "close" },
    });
    asking.on("error", (error) => {
      const why = errorCode(error) ?? errorText(error);
      done(refuse("BACKEND_ANSWER_INVALID", `${backend.id} did not answer in HTTP (${why}).`));
    });
    asking.on("response", (response) => readAnswer(response, backend.id, done));
    asking.end();
  });
}

function readAnswer(response: IncomingMessage, backend: string, done: (reply: Reply<string>) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= longestImportBytes) chunks.push(chunk);
    else
      done(
        refuse(
          "IMPORT_UNREADABLE",
          `${path} of ${backend} is larger than ${longestImportBytes / 1024 / 1024} MB.`,
        ),
      );
  });
  response.on("error", () => done(refuse("BACKEND_RESET", `${backend} broke off in the middle of ${path}.`)));
  response.on("end", () => {
    const status = response.statusCode ?? 0;
    if (status === 200) return done(accept(Buffer.concat(chunks).toString("utf8")));
    const isLogin = status === 401 || status === 403;
    done(
      refuse(
        "BACKEND_ANSWER_INVALID",
        isLogin
          ? `${backend} asks for a login for ${path} (${status}).`
          : `${backend} answered ${status} for ${path}.`,
        {
          advice: isLogin
            ? "Save the file in a browser that is logged on, or take it from the instance's host, and import it."
            : "Check that the admin endpoint is that of an AMPS instance, or import the file itself.",
        },
      ),
    );
  });
}
