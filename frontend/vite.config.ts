import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the service. */
const SERVICE = process.env["FACEAUTH_BASE_URL"] ?? "http://127.0.0.1:8080";

/** First path segments that belong to the service; everything else is the page. */
const SERVICE_PATHS = "^/(register|verify|detect|capture|liveness|me|token|docs|openapi\\.json|\\.well-known|healthz|readyz)(/|$|\\?)";

export default defineConfig({
  build: {
    target: "es2022",
    // A content security policy of `default-src 'self'` refuses data: URLs in styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { proxy: { [SERVICE_PATHS]: { target: SERVICE } } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
