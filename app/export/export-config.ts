/** An export: the configuration in another program's words, and what those cannot say. Pure. */
import type { ExportedFile, ExportPreview, ExportRequest } from "../contract/export.ts";
import type { ParsedConfig } from "../config/parsed-config.ts";
import { envoyFile } from "./envoy/envoy-file.ts";
import { haproxyFile } from "./haproxy/haproxy-file.ts";
import { nginxFile } from "./nginx/nginx-file.ts";
import { ampsFragments } from "./amps-fragments.ts";
import { clientList } from "./client-list.ts";
import { tunnelUnits } from "./tunnel-units.ts";
import type { EngineName, ExportPlan } from "./plan/export-plan.ts";
import { planExport } from "./plan/plan-export.ts";
import type { ExportSource } from "./plan/source.ts";
import { Remarks } from "./remarks.ts";
import { shuntJson } from "./shunt-json.ts";

export function exportConfig(config: ParsedConfig, request: ExportRequest): ExportPreview {
  const remarks = new Remarks(request.annotate === true);
  const files = filesOf({ ...config, request, remarks });
  return { files: remarks.isRefused ? [] : files, notExpressed: remarks.list() };
}

function filesOf(source: ExportSource): readonly ExportedFile[] {
  switch (source.request.format) {
    case "nginx":
      return engineFiles(source, {
        engine: "nginx",
        name: "shunt-nginx.conf",
        language: "nginx",
        write: nginxFile,
      });
    case "haproxy":
      return engineFiles(source, {
        engine: "haproxy",
        name: "shunt-haproxy.cfg",
        language: "haproxy",
        write: haproxyFile,
      });
    case "envoy":
      return engineFiles(source, {
        engine: "envoy",
        name: "shunt-envoy.yaml",
        language: "yaml",
        write: envoyFile,
      });
    case "amps":
      return ampsFragments(source);
    case "clients":
      return [{ name: "shunt-clients.txt", language: "text", text: clientList(source) }];
    case "json":
      return [{ name: "shunt.json", language: "json", text: shuntJson(source.document) }];
  }
}

interface EngineFile extends Pick<ExportedFile, "name" | "language"> {
  readonly engine: EngineName;
  readonly write: (plan: ExportPlan, headline: readonly string[], publicHost?: string) => string;
}

function engineFiles(
  source: ExportSource,
  { engine, name, language, write }: EngineFile,
): readonly ExportedFile[] {
  const plan = planExport(source, engine);
  const units = tunnelUnits(source, plan.forwards);
  return [{ name, language, text: write(plan, headline(source, plan), source.request.publicHost) }, ...units];
}

/** What stands at the top of every engine's file. */
function headline({ remarks, request }: ExportSource, plan: ExportPlan): readonly string[] {
  const host = request.publicHost === undefined ? "on loopback" : `under ${request.publicHost}`;
  return [
    `Exported from Shunt, ${host}. Made by "shunt export ${request.format}": change the routes there, not here.`,
    ...plan.comments,
    ...plan.absent.map((one) => `Left out: ${one}`),
    ...new Set(
      remarks
        .list()
        .map(({ outcome, reason }) => `${outcome === "differs" ? "Differs" : "Left out"}: ${reason}`),
    ),
  ];
}
