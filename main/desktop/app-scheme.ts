/** Serves the built UI at `app://shunt/`: never from `file://`, never anything outside its directory. */
import { openUiFiles, type UiFiles } from "../../app/api/ui-files.ts";
import { uiHeaders } from "../../app/api/ui-headers.ts";
import { isOwnUrl } from "./sender.ts";

/** The answers to requests of the `app` scheme, from the built UI in `folder`. */
export function answerFrom(folder: string): (request: Pick<Request, "method" | "url">) => Promise<Response> {
  const files: UiFiles = openUiFiles(folder);
  return async ({ method, url }) => {
    if (method !== "GET" && method !== "HEAD") return refusal(405, "Method not allowed");
    const file = isOwnUrl(url) ? await files.read(new URL(url).pathname) : null;
    if (!file) return refusal(404, "Not found");
    const headers = { ...uiHeaders, "Content-Type": file.contentType };
    return new Response(method === "HEAD" ? null : new Uint8Array(file.body), { status: 200, headers });
  };
}

function refusal(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: { ...uiHeaders, "Content-Type": "text/plain; charset=utf-8" },
  });
}
