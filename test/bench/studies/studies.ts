/** All studies, and those of them that a run asks for. */
import type { FigureResult } from "../rounds.ts";
import { match } from "./match.ts";
import { memory } from "./memory.ts";
import type { Study, StudyOptions } from "./study.ts";
import { watching } from "./watching.ts";

const studies: readonly Study[] = [memory, match, watching];

export async function runStudies(
  options: StudyOptions,
  isChosen: (study: Study) => boolean,
): Promise<readonly FigureResult[]> {
  const results: FigureResult[] = [];
  for (const study of studies.filter(isChosen)) results.push(...(await study.run(options)));
  return results.filter(({ series }) => series.length > 0);
}
