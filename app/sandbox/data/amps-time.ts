/** A time as AMPS writes it, `20250909T171919.976000Z`. */
export function formatAmpsTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return `${iso.slice(0, 19).replace(/[-:]/g, "")}.${iso.slice(20, 23)}000Z`;
}

/** Milliseconds since 1970 of a time that AMPS wrote, or null for anything else. */
export function parseAmpsTime(text: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6}))?Z?$/.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = ""] = match;
  const timeMs = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, "0").slice(0, 3)}Z`,
  );
  return Number.isNaN(timeMs) ? null : timeMs;
}

/** A span as AMPS writes an uptime, `hh:mm:ss.uuuuuu`. */
export function formatSpan(spanMs: number): string {
  const seconds = Math.floor(spanMs / 1000);
  const part = (value: number) => String(value).padStart(2, "0");
  const micros = String(Math.floor(spanMs % 1000) * 1000).padStart(6, "0");
  return `${part(Math.floor(seconds / 3600))}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}.${micros}`;
}
