import type { Bridge } from "../../../app/contract/bridge.ts";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { showFailure } from "../view/toasts.ts";

/** Whether a browser has something to show of a route: it speaks HTTP, and an admin endpoint is behind it. */
export function hasPage({ routes, backends, pools }: ShuntConfig, id: string): boolean {
  const route = routes.find((one) => one.id === id);
  if (!route || (route.transport !== undefined && route.transport !== "admin")) return false;
  const members = pools.find((pool) => pool.id === route.target)?.members ?? [route.target];
  return backends.some((backend) => backend.admin !== undefined && members.includes(backend.id));
}

/** Opens a route's address in the system's browser; a page in a browser opens another one itself. */
export async function openRoutePage(bridge: Bridge, id: string): Promise<void> {
  if (bridge.shell) {
    const reply = await bridge.shell.openRoute(id);
    if (!reply.ok) showFailure(reply.failure);
    return;
  }
  const reply = await bridge.call("route.addresses", { id });
  if (!reply.ok) return showFailure(reply.failure);
  const page = reply.value.find(({ value }) => /^https?:/.test(value));
  if (page) window.open(page.value, "_blank", "noopener,noreferrer");
}
