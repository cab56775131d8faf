import manifest from "../../package.json" with { type: "json" };

/** Shunt's version, from package.json. */
export const version: string = manifest.version;
