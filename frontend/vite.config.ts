import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the service. */
const SERVICE = process.env["FACEAUTH_BASE_URL"] ?? "http://127.0.0.1:8080";

/** First path segments that belong to the service; everything else is the page. */
const SERVICE_PATHS =
  "^/(register|verify|detect|capture|page|liveness|me|token|docs|openapi\\.json|\\.well-known|healthz|readyz)(/|$|\\?)";

/** The face finder's model, which set-up takes out of its package. */
const MODEL = new URL("models/facemesh-detection-short.json", import.meta.url);

export default defineConfig(({ command }) => {
  if (command === "build" && !existsSync(MODEL)) {
    throw new Error("the face finder's model is missing: run ./dev setup in the project's root first");
  }
  return {
    // Addresses are told from where a file is: the element may be loaded by a page of another origin.
    base: "./",
    build: {
      target: "es2022",
      // A content security policy of `default-src 'self'` refuses data: URLs in styles.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: { index: "index.html", login: "login.html", "face-sign-in": "src/element.tsx" },
        preserveEntrySignatures: "strict",
        output: {
          // Pages of others name it, so its name stays.
          entryFileNames: ({ name }) => (name === "face-sign-in" ? "[name].js" : "assets/[name]-[hash].js"),
        },
      },
    },
    worker: { format: "es" },
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    server: { proxy: { [SERVICE_PATHS]: { target: SERVICE } } },
    test: { include: ["src/**/*.test.ts"], environment: "node" },
  };
});
