/** A study: measures that need forwarders of their own. */
import type { Forwarder } from "../forwarders/forwarder.ts";
import type { Generator } from "../generator.ts";
import type { Cpus, FigureResult, Series } from "../rounds.ts";

export interface StudyOptions {
  readonly forwarders: readonly Forwarder[];
  readonly generator: Generator;
  readonly cpus: Cpus;
  readonly rounds: number;
  readonly ms: number;
  readonly say: (line: string) => void;
}

export interface Study {
  /** Names what it measures for `--only`; its figures begin with it. */
  readonly id: string;
  readonly isQuick: boolean;
  run(options: StudyOptions): Promise<readonly FigureResult[]>;
}

/** Values that come one by one, by figure and forwarder. */
export interface Collected {
  add(figure: string, forwarder: string, value: number | null): void;
  result(figure: Omit<FigureResult, "series" | "generatorShare">): FigureResult;
}

export function collect(): Collected {
  const values = new Map<string, Map<string, (number | null)[]>>();
  return {
    add(figure, forwarder, value) {
      const series = values.get(figure) ?? new Map<string, (number | null)[]>();
      values.set(figure, series.set(forwarder, [...(series.get(forwarder) ?? []), value]));
    },
    result(figure) {
      const series: Series[] = [...(values.get(figure.id) ?? [])].map(([forwarder, own]) => ({
        forwarder,
        values: own,
      }));
      return { ...figure, series, generatorShare: [] };
    },
  };
}
