/** Saves configurations of a given size over and over: what `config-file-faults.test.ts` starves of disk and kills. */
import type { ShuntConfig } from "../../app/contract/config.ts";
import { createFileStore } from "../../app/config/config-file.ts";

const [file = "", noteBytes = "0", times = "1"] = process.argv.slice(2);
const store = createFileStore(file, {});

function configOf(number: number): ShuntConfig {
  const backends = Array.from({ length: Math.ceil(Number(noteBytes) / 10_000) }, (_, at) => ({
    id: `b${at}`,
    amps: "tcp://h:1",
    note: "x".repeat(Math.min(10_000, Number(noteBytes))),
  }));
  return {
    version: 1,
    tunnels: [],
    backends: [...backends, { id: `n${number}`, amps: "tcp://h:1" }],
    pools: [],
    routes: [],
  };
}

process.stdout.write("saving\n");
for (let number = 0; number < Number(times); number++) {
  const failed = store.save(configOf(number));
  if (failed) process.stdout.write(`${JSON.stringify(failed)}\n`);
}
