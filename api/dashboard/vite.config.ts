import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Where `otolith serve` answers, for `npm run dev`. */
const station = process.env["OTOLITH_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: "es2022",
    // data: URLs would need a wider Content-Security-Policy than 'self'.
    assetsInlineLimit: 0,
    // The notices of what is bundled travel with it.
    license: { fileName: "licenses.md" },
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": { target: station, ws: true } } },
});
