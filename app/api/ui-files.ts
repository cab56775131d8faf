/** The UI's built files: a folder read by exact names, so that no request can leave it. */
import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

interface UiFile {
  readonly contentType: string;
  readonly body: Buffer;
}

export interface UiFiles {
  /** A file by its URL path (`/`, `/assets/index-abc.js`); null if there is none. */
  read(urlPath: string): Promise<UiFile | null>;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
};

function contentTypeOf(path: string): string | undefined {
  return contentTypes[/\.[a-z0-9]+$/.exec(path)?.[0] ?? ""];
}

/** Files alone: a link could lead out of the folder. */
async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const lists = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listFiles(path);
      return entry.isFile() && contentTypeOf(path) !== undefined ? [path] : [];
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
      const body = file === undefined ? null : await readFile(file).catch(() => null);
      const contentType = file === undefined ? undefined : contentTypeOf(file);
      return body && contentType !== undefined ? { body, contentType } : null;
    },
  };
}
