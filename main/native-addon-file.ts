/** Where the build puts the native addon: beside dist/main. */
import { join } from "node:path";

export const nativeAddonFile = join(import.meta.dirname, "../native/shunt.node");
