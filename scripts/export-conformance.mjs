/** Runs the conformance suite and writes docs/export-conformance.md anew. */
import { runVitest } from "./check.mjs";

process.env.SHUNT_WRITE_CONFORMANCE = "1";
process.exitCode = await runVitest(["--project", "fast", "test/export/conformance.test.ts"]);
