/** The files of the page that the admin endpoint serves at `/`, by path. All their addresses are relative. */
import { pageHtml } from "./page-html.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import { replicationScript } from "./replication-script.ts";
import { sqlScript } from "./sql-script.ts";
import { tableScript } from "./table-script.ts";

interface PageFile {
  readonly type: string;
  readonly body: string;
}

export const pageFiles: ReadonlyMap<string, PageFile> = new Map([
  ["", { type: "text/html", body: pageHtml }],
  ["index.html", { type: "text/html", body: pageHtml }],
  ["page.css", { type: "text/css", body: pageStyle }],
  ["page.js", { type: "text/javascript", body: pageScript }],
  ["replication.js", { type: "text/javascript", body: replicationScript }],
  ["sql.js", { type: "text/javascript", body: sqlScript }],
  ["table.js", { type: "text/javascript", body: tableScript }],
]);
