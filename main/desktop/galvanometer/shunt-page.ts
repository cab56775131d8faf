/** Pages of Shunt's own inside Galvanometer windows: no script, what they show is in their address. */

export interface ProblemPage {
  readonly title: string;
  readonly reason: string;
  /** Where `Try again` leads. */
  readonly retry: string;
}

/** The address of a page that says why another one is not there. */
export function problemUrl({ title, reason, retry }: ProblemPage): string {
  return `shunt://problem/?${new URLSearchParams({ title, reason, retry }).toString()}`;
}

export function isShuntPage(url: string): boolean {
  return url.startsWith("shunt://");
}

const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
};

export function answerShuntPage(url: string): Response {
  const { hostname, searchParams } = new URL(url);
  if (hostname !== "problem") return new Response("Not found", { status: 404, headers });
  const text = (name: string) => escapeHtml((searchParams.get(name) ?? "").slice(0, 2_000));
  const retry = searchParams.get("retry") ?? "";
  const link = /^https?:\/\//.test(retry) ? `<p><a href="${escapeHtml(retry)}">Try again</a></p>` : "";
  return new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${text("title")}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1.5rem}h1{font-size:1.5rem}p{overflow-wrap:anywhere}</style>
<h1>${text("title")}</h1><p>${text("reason")}</p>${link}</html>`,
    { status: 200, headers },
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
