import vue from "@vitejs/plugin-vue";
import { fileURLToPath, URL } from "node:url";
import { defineConfig } from "vite";

// The alert service serves what is built here under /app/; for `npm run dev` it is asked for the data.
const service = process.env["HAZARDWATCH_SERVICE"] ?? "http://127.0.0.1:8470";

export default defineConfig({
  base: "/app/",
  plugins: [vue()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    // No file may be written into the page as a data: script or font; the policy of the service forbids it.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: false,
  },
  server: {
    proxy: { "^/(?!app/)": { target: service, ws: true, changeOrigin: false } },
  },
});
