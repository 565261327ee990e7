import { defineConfig } from "vite";

/** Builds `@faceauth/web`: the client and the element as modules, for bundlers and for browsers. */
export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    target: "es2022",
    outDir: "package/dist",
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: { client: "src/client.ts", "face-sign-in": "src/element.tsx" },
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "[name].js" },
    },
  },
  worker: { format: "es" },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
