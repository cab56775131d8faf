const byteUnits = ["B", "KB", "MB", "GB", "TB", "PB"] as const;

/** `0 B`, `999 B`, `1.20 KB`, `12.3 MB`: three figures, thousands as units go. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 would be written as 1000 with no decimals.
  while (unit < byteUnits.length - 1 && value >= (unit === 0 ? 1000 : 999.5)) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return `${Math.round(value)} B`;
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(decimals)} ${byteUnits[unit]}`;
}

/** `12.3 KB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** `4 s`, `12 min`, `3 h 05 min`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago an ISO time was. */
export function formatAge(since: string, nowMs: number): string {
  return formatDuration(nowMs - Date.parse(since));
}

/** The same in its largest unit alone: `3 h`, `2 d`. */
export function formatRoughAge(since: string, nowMs: number): string {
  return formatAge(since, nowMs).split(" ", 2).join(" ");
}

const counts = new Intl.NumberFormat("en-US");

/** `1,234,567`. */
export function formatCount(count: number): string {
  return counts.format(count);
}

const shortCounts = new Intl.NumberFormat("en-US", { notation: "compact" });

/** `999`, `1.2K`, `12K`: for where there is no room for more. */
export function formatShortCount(count: number): string {
  return shortCounts.format(count);
}

/** `31 %`, of a fraction of 1. */
export function formatFraction(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

/** `4 ms`, `1.2 s`. */
export function formatLatency(ms: number): string {
  return ms < 1000 ? `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Local wall time, `14:03:22`; with the day before it when that is not `now`'s. */
export function formatClock(time: string, now: Date): string {
  const at = new Date(time);
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((n) => String(n).padStart(2, "0"))
    .join(":");
  if (at.toDateString() === now.toDateString()) return clock;
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")} ${clock}`;
}

/** The zone of local times: `UTC`, `UTC+2`, `UTC−3:30`. */
export function formatZone(now: Date): string {
  const minutes = -now.getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  const rest = size % 60 === 0 ? "" : `:${String(size % 60).padStart(2, "0")}`;
  return `UTC${minutes < 0 ? "−" : "+"}${Math.floor(size / 60)}${rest}`;
}

/** `1 connection`, `3 connections`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
