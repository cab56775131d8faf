import type { Bridge } from "../../../app/contract/bridge.ts";
import type { Reply, SavedConfig } from "../../../app/contract/commands.ts";
import type { ShuntConfig } from "../../../app/contract/config.ts";

/**
 * Applies a small edit to the newest document and saves it. The edit is a function of the document, so when someone
 * else saved in between it is simply done again on theirs.
 */
export async function changeConfig(
  bridge: Bridge,
  edit: (config: ShuntConfig) => ShuntConfig,
  graceMs?: number,
): Promise<Reply<SavedConfig>> {
  const grace = graceMs === undefined ? {} : { graceMs };
  for (let attempt = 1; ; attempt += 1) {
    const saved = await bridge.call("config.get", null);
    if (!saved.ok) return saved;
    const { revision, config } = saved.value;
    const reply = await bridge.call("config.put", { config: edit(config), revision, ...grace });
    if (reply.ok || reply.failure.code !== "CONFIG_CONFLICT" || attempt === 3) return reply;
  }
}
