/** Measures that need forwarders of their own. */
import type { Forwarder } from "./forwarders/forwarder.ts";
import type { Generator } from "./generator.ts";
import type { Cpus, FigureResult } from "./rounds.ts";

export interface StudyOptions {
  readonly forwarders: readonly Forwarder[];
  readonly generator: Generator;
  readonly cpus: Cpus;
  readonly rounds: number;
  readonly ms: number;
  readonly say: (line: string) => void;
}

interface Study {
  readonly id: string;
  readonly isQuick: boolean;
  run(options: StudyOptions): Promise<readonly FigureResult[]>;
}

const studies: readonly Study[] = [];

export async function runStudies(
  options: StudyOptions & { readonly isChosen: (study: { id: string; isQuick: boolean }) => boolean },
): Promise<readonly FigureResult[]> {
  const results: FigureResult[] = [];
  for (const study of studies) if (options.isChosen(study)) results.push(...(await study.run(options)));
  return results;
}
