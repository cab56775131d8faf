/** Lint: type-aware rules for what runs, and the rules of the house that a tool can hold. */
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const typed = ["app/**/*.ts", "main/**/*.ts", "renderer/**/*.{ts,tsx}", "test/**/*.{ts,tsx}"];

const rawIpc = {
  selector:
    "MemberExpression[object.name='ipcMain'][property.name=/^(on|once|handle|handleOnce|addListener)$/]",
  message: "Register IPC through main/desktop/ipc.ts: it checks the sender and the arguments.",
};
const defaultExport = { selector: "ExportDefaultDeclaration", message: "Export by name." };
const barrel = {
  selector: "ExportAllDeclaration",
  message: "Import from the file that defines it; no barrels.",
};

/** V8 makes such a closure in its old generation, and everything that it sees lives until the next full collection (decision 82). */
const closureIntoProperty = {
  selector:
    "AssignmentExpression[left.type='MemberExpression'][right.type=/^(ArrowFunctionExpression|FunctionExpression)$/]",
  message: "Give the function a name of its own first, and assign that.",
};

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", "release/", "test-results/"] },
  {
    files: typed,
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      // Interfaces promise asynchrony that an implementation may not need.
      "@typescript-eslint/require-await": "off",
      // Handles here are records of closures; nothing uses `this`.
      "@typescript-eslint/unbound-method": "off",
      "no-restricted-syntax": ["error", rawIpc, defaultExport, barrel],
      "no-control-regex": "error",
      "no-cond-assign": "error",
      "no-empty": "error",
      "no-self-assign": "error",
      "no-unsafe-finally": "error",
      "no-useless-escape": "error",
      eqeqeq: ["error", "smart"],
    },
  },
  {
    // The application reports through its activity, never to a terminal it does not know.
    files: ["app/**/*.ts", "renderer/src/**/*.{ts,tsx}"],
    rules: { "no-console": "error" },
  },
  {
    files: ["app/**/*.ts"],
    // The sandbox's page script runs in a browser.
    ignores: ["app/sandbox/page/**"],
    rules: { "no-restricted-syntax": ["error", rawIpc, defaultExport, barrel, closureIntoProperty] },
  },
  {
    files: ["renderer/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    // The two classic rules; the others run the React Compiler, which is not used, over every file.
    rules: { "react-hooks/rules-of-hooks": "error", "react-hooks/exhaustive-deps": "error" },
  },
  {
    files: ["main/desktop/ipc.ts"],
    rules: { "no-restricted-syntax": ["error", defaultExport, barrel] },
  },
  {
    // Tools that load these files ask for a default export.
    files: ["**/*.config.ts", "**/vite.config.ts"],
    rules: { "no-restricted-syntax": ["error", rawIpc, barrel] },
  },
  {
    files: ["test/**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["**/*.mjs", "**/*.cjs"],
    rules: { eqeqeq: ["error", "smart"], "no-unused-vars": "error", "no-undef": "off" },
  },
);
