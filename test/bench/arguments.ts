/** The command line of `npm run bench`. */
import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Fewer measures, shorter, fewer rounds; writes nothing unless told where. */
  readonly isQuick: boolean;
  readonly rounds: number;
  /** How long each measure counts, in ms. */
  readonly ms: number;
  /** Names, or beginnings of names, of measures and studies; null: all. */
  readonly only: readonly string[] | null;
  readonly forwarders: readonly string[] | null;
  /** A folder for bench.md and bench.svg; null: nothing is written. */
  readonly out: string | null;
  readonly json: string | null;
  readonly isPinned: boolean;
}

const usage = `npm run bench -- [options]
  --quick              a subset in less than two minutes; writes nothing without --out
  --only A,B           measures by the beginning of their name: throughput, round-trip, messages,
                       connections, websocket, preflight, memory, match, watching
  --forwarders A,B     direct, shunt, shunt-js, electron, electron-js, nginx, haproxy, node, socat,
                       ssh
  --rounds N           how often each is measured (17; with --quick 3)
  --ms N               how long each measure counts (333; with --quick 300)
  --out FOLDER         where bench.md and bench.svg go (docs; with --quick nowhere)
  --json FILE          every figure of every round
  --unpinned           lets the system choose processors
`;

const mostRounds = 100;
const mostMs = 30_000;

/** Said instead of a run. */
interface ArgumentsAnswer {
  readonly exit: 0 | 2;
  readonly text: string;
}

function wrong(what: string): ArgumentsAnswer {
  return { exit: 2, text: `bench: ${what}\n${usage}` };
}

/** The options, or what is wrong with them. `docs`: where a full run writes. */
export function parseBenchArguments(args: readonly string[], docs: string): BenchOptions | ArgumentsAnswer {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        forwarders: { type: "string" },
        rounds: { type: "string" },
        ms: { type: "string" },
        out: { type: "string" },
        json: { type: "string" },
        unpinned: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return { exit: 0, text: usage };
    const isQuick = values.quick;
    const rounds = numberIn(values.rounds, isQuick ? 3 : 17, mostRounds);
    const ms = numberIn(values.ms, isQuick ? 300 : 333, mostMs);
    if (rounds === null) return wrong(`--rounds is a number from 1 to ${mostRounds}`);
    if (ms === null) return wrong(`--ms is a number from 1 to ${mostMs}`);
    const isPartial = isQuick || values.only !== undefined || values.forwarders !== undefined;
    return {
      ...{ isQuick, rounds, ms },
      only: names(values.only),
      forwarders: names(values.forwarders),
      out: values.out ?? (isPartial ? null : docs),
      json: values.json ?? null,
      isPinned: !values.unpinned,
    };
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

function numberIn(text: string | undefined, preset: number, most: number): number | null {
  if (text === undefined) return preset;
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= most ? value : null;
}

function names(text: string | undefined): readonly string[] | null {
  return text === undefined ? null : text.split(",").filter((name) => name !== "");
}
