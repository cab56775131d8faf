/** Which test files the rows are read from. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/paths.mjs";

/**
 * Files under test/ that at least one of the rows names, measured programs left out. A row that looks for a title in any file has
 * those in which the title's pattern occurs.
 * @param {readonly import("./rows.mjs").Row[]} rows
 * @returns {readonly string[]}
 */
export function testFilesOf(rows) {
  const wanted = rows.flatMap((row) => row.tests ?? []);
  const named = wanted.map((one) => (typeof one === "string" ? one : one[0])).filter((file) => file !== "");
  // A title begins somewhere within its file.
  const titles = wanted.flatMap((one) =>
    typeof one !== "string" && one[0] === "" ? [new RegExp(one[1].source.replace(/^\^/, ""))] : [],
  );
  const anywhere = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.test\.tsx?$/.test(file))
    .map((file) => join("test", file))
    .filter((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return titles.some((title) => title.test(text));
    });
  return [...new Set([...named, ...anywhere])].filter((file) => !file.endsWith(".proof.ts")).sort();
}
