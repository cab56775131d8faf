/** Who lets clients in: Node, and where it is built the native addon. */
import { expect, test } from "vitest";
import type { EngineOptions } from "../../app/engine/engine-options.ts";
import { builtNative } from "./native.ts";

const native = builtNative();

export const doorKinds: readonly { readonly name: string; readonly options: EngineOptions }[] = [
  { name: "Node", options: { native: { missing: "not wanted" } } },
  ...("addon" in native ? [{ name: "the native addon", options: { native: { addon: native.addon } } }] : []),
];

export function testThatNativeIsTried(): void {
  test.skipIf("missing" in native)(
    `the native addon is tried too${"missing" in native ? `: ${native.missing}` : ""}`,
    () => {
      expect(doorKinds).toHaveLength(2);
    },
  );
}
