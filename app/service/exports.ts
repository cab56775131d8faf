/** The commands of the export: begun, and given up where it takes long. */
import type { ParsedConfig } from "../config/parsed-config.ts";
import type { CommandHandlers } from "../contract/commands.ts";
import type { ExportWork, StartExport } from "../export/export-work.ts";
import { accept, refuse } from "../failures.ts";

export function exportHandlers(
  startExport: StartExport,
  config: () => ParsedConfig,
): Pick<CommandHandlers, "export.preview" | "export.stop"> {
  const underWay = new Map<string, ExportWork>();
  return {
    "export.preview": async ({ run, ...request }) => {
      const work = startExport(config(), request);
      if (run !== undefined) underWay.set(run, work);
      try {
        const preview = await work.done;
        return preview === null ? refuse("EXPORT_STOPPED", "The export was stopped.") : accept(preview);
      } finally {
        if (run !== undefined) underWay.delete(run);
      }
    },
    "export.stop": async ({ run }) => {
      underWay.get(run)?.stop();
      return accept(null);
    },
  };
}
