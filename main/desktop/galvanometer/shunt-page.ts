/** Pages of Shunt's own inside Galvanometer windows: no script, what they show is in their address. */
import type { WindowState } from "./window-state.ts";

interface ProblemPage {
  readonly title: string;
  readonly reason: string;
  /** Where `Try again` leads. */
  readonly retry: string;
}

/** The address of a page that says why another one is not there. */
export function problemUrl({ title, reason, retry }: ProblemPage): string {
  return `shunt://problem/?${new URLSearchParams({ title, reason, retry }).toString()}`;
}

/** Of the bar under a page, in the window's pixels. */
export const barHeight = 24;

/** The address of the bar that tells this. */
export function barUrl({ bar, tone, down }: WindowState): string {
  const mark = down ? "▲ " : tone === "warning" ? "◆ " : "";
  return `shunt://bar/?${new URLSearchParams({ tone, text: mark + bar }).toString()}`;
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
  const page = hostname === "problem" ? problemPage : hostname === "bar" ? barPage : null;
  if (page === null) return new Response("Not found", { status: 404, headers });
  return new Response(page(searchParams), { status: 200, headers });
}

function problemPage(told: URLSearchParams): string {
  const title = textOf(told, "title");
  const retry = told.get("retry") ?? "";
  const link = /^https?:\/\//.test(retry) ? `<p><a href="${escapeHtml(retry)}">Try again</a></p>` : "";
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1.5rem}h1{font-size:1.5rem}p{overflow-wrap:anywhere}</style>
<h1>${title}</h1><p>${textOf(told, "reason")}</p>${link}</html>`;
}

const tones: Readonly<Record<WindowState["tone"], string>> = {
  quiet: "background:#e8ebf0;color:#1c2330",
  prod: "background:#7a1f2b;color:#fff",
  warning: "background:#ffd24d;color:#241a00",
  bad: "background:#b3261e;color:#fff",
};

/** One line at the foot: the page has the rest of the window. What has no room shows while it is pointed at. */
function barPage(told: URLSearchParams): string {
  const text = textOf(told, "text");
  const tone = told.get("tone") as WindowState["tone"];
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${text}</title>
<style>body{margin:0}p{position:fixed;inset:auto 0 0 0;margin:0;height:${barHeight}px;padding:0 10px;font:12px/${barHeight}px system-ui,sans-serif;
white-space:pre;overflow:hidden;text-overflow:ellipsis;cursor:default;${tones[tone] ?? tones.quiet}}</style>
<p role="status" title="${text}">${text}</p></html>`;
}

function textOf(told: URLSearchParams, name: string): string {
  return escapeHtml((told.get(name) ?? "").slice(0, 2_000));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
