import type { BackendStatus, RouteStatus, TunnelStatus } from "../../../app/contract/snapshot.ts";
import { plural } from "../design/format.ts";
import { healthCondition, routeCondition } from "../routes/route-condition.ts";
import { tunnelCondition } from "../tunnels/tunnel-condition.ts";

interface Observed {
  readonly routes: readonly RouteStatus[];
  readonly backends: readonly BackendStatus[];
  readonly tunnels: readonly TunnelStatus[];
}

const spokenAtMost = 3;

/** What changed between two observations, one sentence each, keyed by what it is about. */
export function stateNews(before: Observed, now: Observed): ReadonlyMap<string, string> {
  const news = new Map<string, string>();
  const routesBefore = new Map(before.routes.map((route) => [route.id, route]));
  for (const route of now.routes) {
    const old = routesBefore.get(route.id);
    if (!old || old === route || (old.state === "draining" && route.state === "draining")) continue;
    const { word } = routeCondition(route);
    if (word !== routeCondition(old).word) news.set(`route ${route.id}`, `Route ${route.id}: ${word}.`);
  }
  const backendsBefore = new Map(before.backends.map((backend) => [backend.id, backend.health]));
  for (const { id, health } of now.backends) {
    const old = backendsBefore.get(id);
    if (old !== undefined && old !== health)
      news.set(`backend ${id}`, `Backend ${id}: ${healthCondition(health).word}.`);
  }
  const tunnelsBefore = new Map(before.tunnels.map((tunnel) => [tunnel.id, tunnel]));
  for (const tunnel of now.tunnels) {
    const old = tunnelsBefore.get(tunnel.id);
    const { word } = tunnelCondition(tunnel);
    if (old && word !== tunnelCondition(old).word)
      news.set(`tunnel ${tunnel.id}`, `Tunnel ${tunnel.id}: ${word}.`);
  }
  return news;
}

/** One short thing to read out, however much happened. */
export function speakNews(news: ReadonlyMap<string, string>): string {
  const sentences = [...news.values()];
  if (sentences.length <= spokenAtMost) return sentences.join(" ");
  return `${sentences.slice(0, spokenAtMost).join(" ")} And ${plural(sentences.length - spokenAtMost, "more change")}.`;
}
