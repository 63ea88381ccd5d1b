import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Builds src/web to dist/web. Browsers from Chrome 100 on: those of government desktops. Nothing is loaded from outside. */
export default defineConfig({
  root: fileURLToPath(new URL("src/web", import.meta.url)),
  base: "/",
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL("dist/web", import.meta.url)),
    emptyOutDir: true,
    target: "chrome100",
    // A font or picture inlined as data: would need a wider content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600,
    reportCompressedSize: false,
  },
});
