import type { AmpsMessage } from "../wire/amps-message.ts";

/** A client's command with its fields read; both spellings of a field are accepted (amps-facts 2.1). */
export interface Command {
  readonly name: string;
  readonly commandId: string | undefined;
  readonly acks: ReadonlySet<string>;
  readonly topic: string;
  readonly filter: string;
  readonly options: string;
  readonly bookmark: string | null;
  readonly sequence: bigint | null;
  readonly subscriptionId: string | undefined;
  readonly queryId: string | undefined;
  readonly key: string | null;
  readonly sowKeys: readonly string[];
  readonly batchSize: number;
  readonly topN: number;
  readonly header: AmpsMessage["header"];
  readonly body: Buffer;
}

const defaultBatchSize = 10;
const maxBatchSize = 1_000;

export function readCommand({ header, body }: AmpsMessage): Command {
  const text = (...names: string[]) => {
    const value = names.map((name) => header[name]).find((candidate) => candidate !== undefined);
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const whole = (name: string, otherwise: number) => {
    const value = Number(text(name));
    return Number.isInteger(value) && value > 0 ? value : otherwise;
  };
  return {
    name: text("c") ?? "",
    commandId: text("cid"),
    acks: new Set((text("a") ?? "").split(",").map((ack) => ack.trim())),
    topic: text("t") ?? "",
    filter: text("filter", "f") ?? "",
    options: text("o", "opts") ?? "",
    bookmark: text("bm") ?? null,
    sequence: sequenceOf(text("s")),
    subscriptionId: text("sub_id"),
    queryId: text("query_id"),
    key: text("k") ?? null,
    sowKeys: (text("sow_keys") ?? "").split(",").filter((key) => key !== ""),
    batchSize: Math.min(whole("bs", defaultBatchSize), maxBatchSize),
    topN: whole("top_n", Infinity),
    header,
    body,
  };
}

/** The value of `name=` in a comma-separated option list, or null. */
export function optionValue(options: string, name: string): string | null {
  for (const option of options.split(",")) {
    const [key = "", value] = option.split("=");
    if (key.trim() === name && value !== undefined) return value.trim();
  }
  return null;
}

export function hasOption(options: string, name: string): boolean {
  return options.split(",").some((option) => option.trim() === name);
}

function sequenceOf(text: string | undefined): bigint | null {
  return text !== undefined && /^\d{1,20}$/.test(text) && BigInt(text) > 0n ? BigInt(text) : null;
}
