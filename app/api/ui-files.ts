/** The UI's built files: a folder read by exact names, so that no request can leave it. */
import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

export interface UiFiles {
  /** A file by its URL path (`/`, `/assets/index-abc.js`); null if there is none. */
  read(urlPath: string): Promise<Buffer | null>;
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const lists = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? listFiles(path) : [path];
    }),
  );
  return lists.flat();
}

/** Lists the folder once; a path is looked up among what is there and never joined to it. */
export function openUiFiles(folder: string): UiFiles {
  let known: Promise<ReadonlyMap<string, string>> | null = null;
  const list = async () => {
    const files = await listFiles(folder).catch(() => []);
    return new Map(files.map((file) => [`/${relative(folder, file).split(sep).join("/")}`, file]));
  };
  return {
    async read(urlPath) {
      known ??= list();
      const file = (await known).get(urlPath === "/" ? "/index.html" : urlPath);
      return file === undefined ? null : readFile(file).catch(() => null);
    },
  };
}
