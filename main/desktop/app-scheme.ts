/** Serves the built UI at `app://shunt/`: never from `file://`, never anything outside its directory. */
import { readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { isOwnUrl } from "./sender.ts";

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

export const pageHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy": contentSecurityPolicy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const mediaTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".map": "application/json; charset=utf-8",
};

/** The file below `root` that a URL names, or null for one that names none: foreign, escaping, or oddly encoded. */
export function fileOfUrl(root: string, url: string): string | null {
  if (!isOwnUrl(url)) return null;
  const name = decodePath(new URL(url).pathname);
  if (name === null || /[\\\0:]|%/.test(name) || name.split("/").includes("..")) return null;
  return path.join(root, name.endsWith("/") ? `${name}index.html` : name);
}

/** The answer to a request of the `app` scheme. */
export async function answerPageRequest(
  root: string,
  request: Pick<Request, "method" | "url">,
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return refusal(405, "Method not allowed");
  const file = fileOfUrl(root, request.url);
  const mediaType = file === null ? undefined : mediaTypes[path.extname(file)];
  const body = file === null || mediaType === undefined ? null : await readBelow(root, file);
  if (body === null || mediaType === undefined) return refusal(404, "Not found");
  const headers = { ...pageHeaders, "Content-Type": mediaType, "Cache-Control": "no-cache" };
  return new Response(request.method === "HEAD" ? null : new Uint8Array(body), { status: 200, headers });
}

async function readBelow(root: string, file: string): Promise<Buffer | null> {
  try {
    const [realRoot, realFile] = await Promise.all([realpath(root), realpath(file)]);
    return realFile.startsWith(realRoot + path.sep) ? await readFile(realFile) : null;
  } catch {
    return null;
  }
}

function decodePath(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}

function refusal(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: { ...pageHeaders, "Content-Type": "text/plain; charset=utf-8" },
  });
}
