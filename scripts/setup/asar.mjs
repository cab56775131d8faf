/** Electron's archive format, just enough to write a few files into one. */

/**
 * An asar archive: a Chromium "pickle" (lengths as 32-bit little-endian) around a JSON header, then the files end to end.
 * @param {Readonly<Record<string, string>>} files contents by name
 * @returns {Buffer}
 */
export function packAsar(files) {
  /** @type {Record<string, { size: number, offset: string }>} */
  const entries = {};
  let offset = 0;
  const bodies = Object.entries(files).map(([name, text]) => {
    const body = Buffer.from(text);
    entries[name] = { size: body.length, offset: String(offset) };
    offset += body.length;
    return body;
  });
  const json = Buffer.from(JSON.stringify({ files: entries }));
  const padded = Math.ceil(json.length / 4) * 4;
  const lengths = Buffer.alloc(16);
  [4, padded + 8, padded + 4, json.length].forEach((value, at) => lengths.writeUInt32LE(value, at * 4));
  return Buffer.concat([lengths, json, Buffer.alloc(padded - json.length), ...bodies]);
}
