/** In which order files of tests begin: the longest first, so that no worker is alone with one of them at the end. */
import { relative, resolve } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Those of both suites that take more than ten seconds, mostly to wait a limit of the product's out. */
export const longest: readonly string[] = [
  "test/export/conformance.test.ts",
  "test/engine/failover.test.ts",
  "test/forward/native-doors.test.ts",
  "test/forward/splice.test.ts",
  "test/cli/serve.test.ts",
  "test/tunnels/ssh/ssh-log-on.test.ts",
  "test/engine/doors.test.ts",
  "test/bench/bench.test.ts",
  "test/forward/native-mover.test.ts",
  "test/cli/clock-steps.test.ts",
  "test/engine/sticky.test.ts",
  "test/e2e/operator.e2e.test.ts",
  "test/renderer/axe.e2e.test.ts",
  "test/renderer/route-editing.e2e.test.ts",
  "test/renderer/screens.e2e.test.ts",
  "test/renderer/renderer.e2e.test.ts",
  "test/bench/shunt.e2e.test.ts",
  "test/e2e/desktop.e2e.test.ts",
  "test/renderer/routes-list.e2e.test.ts",
];

const root = resolve(import.meta.dirname, "../..");

/** Vitest's own order goes by size where it has no record of a run, as in a fresh checkout. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification) => {
      const place = longest.indexOf(relative(root, moduleId));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((one, other) => rankOf(one) - rankOf(other));
  }
}
