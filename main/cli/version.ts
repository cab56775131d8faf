import manifest from "../../package.json" with { type: "json" };
import type { ForwardingMeans } from "../../app/contract/commands.ts";
import { startMover } from "../../app/engine/choose-mover.ts";
import { loadNativeAddon } from "../../app/forward/native-addon.ts";
import { nativeAddonFile } from "../native-addon-file.ts";

/** Shunt's version, from package.json. */
export const version: string = manifest.version;

/** One line on what moves bytes. */
export function describeForwarding({ native, why }: ForwardingMeans): string {
  return native
    ? "Forwarding: native"
    : `Forwarding: JavaScript, without the native addon: ${why ?? "unknown"}`;
}

/** What `--version` prints: the addon is loaded and its thread started, as `serve` does it. */
export function versionLines(): string {
  const { means } = startMover(loadNativeAddon(nativeAddonFile));
  return `${version}\n${describeForwarding(means)}\n`;
}
