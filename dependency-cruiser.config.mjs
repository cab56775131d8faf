/** Which folder may import which: the arrows of ARCHITECTURE.md, held by a tool. */

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-cycles",
      comment:
        "A cycle has no beginning to read from. Type-only imports count too: they hide a misplaced type.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "app-knows-no-screen",
      comment: "The application runs on plain Node: no Electron, no entry point, no UI.",
      severity: "error",
      from: { path: "^app/" },
      to: {
        path: [
          "^(main|renderer|test|scripts)/",
          "(^|node_modules/)(electron|electron-store|react|react-dom|zustand)(/|$)",
        ],
      },
    },
    {
      name: "only-main-imports-electron",
      severity: "error",
      from: { path: "^(app|renderer)/" },
      to: { path: "(^|node_modules/)electron(-store)?(/|$)" },
    },
    {
      name: "main-shows-nothing",
      severity: "error",
      from: { path: "^main/" },
      to: { path: ["^(renderer|test|scripts)/"] },
    },
    {
      name: "renderer-knows-the-contract-only",
      comment: "Of the application the UI sees the contract.",
      severity: "error",
      from: { path: "^renderer/" },
      to: { path: "^(app/(?!contract/)|main/|test/|scripts/)" },
    },
    {
      name: "renderer-imports-types-of-the-contract",
      comment: "And of the contract only types, so that no engine code reaches the page.",
      severity: "error",
      from: { path: "^renderer/" },
      to: { path: "^app/contract/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "contract-depends-on-nothing",
      severity: "error",
      from: { path: "^app/contract/" },
      to: { pathNot: "^app/contract/" },
    },
    {
      name: "decisions-know-no-engine",
      comment: "Pure code decides, the engine obeys.",
      severity: "error",
      from: { path: "^app/(config|balance)/" },
      to: { path: "^app/(engine|forward|service|sandbox)/" },
    },
    {
      name: "nothing-imports-tests",
      severity: "error",
      from: { pathNot: "^test/" },
      to: { path: "^test/" },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|release)/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".cjs"],
      conditionNames: ["import", "require", "node", "default"],
    },
  },
};
