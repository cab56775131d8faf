/** The native mover as `npm run build` made it; where it can be built and is not there, or does not start, a test fails. */
import { join } from "node:path";
import type { TakeOver } from "../../app/forward/mover.ts";
import { nativeTakeOver } from "../../app/forward/move-natively.ts";
import { NativeThread } from "../../app/forward/native-thread.ts";
import { loadNativeAddon, type NativeAddon } from "../../app/forward/native-addon.ts";
import { nativeTools } from "../../scripts/build-native.mjs";

export function builtNative():
  { readonly takeOver: TakeOver; readonly addon: NativeAddon } | { readonly missing: string } {
  const tools = nativeTools();
  if ("missing" in tools) return tools;
  const file = process.env["SHUNT_NATIVE_FILE"] ?? join(import.meta.dirname, "../../dist/native/shunt.node");
  const loaded = loadNativeAddon(file, {});
  if ("missing" in loaded) throw new Error(`${file}: ${loaded.missing}`);
  const thread = NativeThread.of(loaded.addon);
  if (!thread) throw new Error("The native mover does not start.");
  return { takeOver: nativeTakeOver(thread), addon: loaded.addon };
}
