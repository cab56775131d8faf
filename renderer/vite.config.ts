/** The one UI build, for Electron and for a browser; `--mode fake` builds the page with made-up data instead. */
import react from "@vitejs/plugin-react";
import { resolve } from "node:path";
import { defineConfig } from "vite";

export default defineConfig(({ mode }) => {
  const fake = mode === "fake";
  return {
    root: import.meta.dirname,
    base: "./",
    plugins: [react()],
    css: { transformer: "lightningcss" },
    build: {
      outDir: fake ? "../node_modules/.cache/renderer-fake" : "../dist/renderer",
      emptyOutDir: true,
      target: "chrome114",
      cssTarget: "chrome114",
      // The CSP allows no data: URLs but for images, and one small file more costs nothing on a local disk.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1200,
      rollupOptions: { input: resolve(import.meta.dirname, fake ? "dev.html" : "index.html") },
    },
  };
});
