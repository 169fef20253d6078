import { defineConfig } from "vite";

// The pages are served by `mizzle studio` itself: everything is a file of its own, nothing is inlined, so that the
// content security policy needs no exception.
export default defineConfig({
  base: "/assets/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../src/mizzle/studio/assets",
    emptyOutDir: true,
    assetsDir: ".",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    chunkSizeWarningLimit: 1500,
    license: { fileName: "licenses.md" },
  },
  worker: { format: "es" },
});
