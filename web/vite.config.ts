import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds the API; the built page asks its own origin or VITE_API_BASE_URL. */
const api = process.env['API'] ?? 'http://127.0.0.1:7860';

/** What the server sends with the page, so that `npm run preview` is as strict. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://huggingface.co";

export default defineConfig({
  plugins: [react(), tailwind()],
  build: {
    // Data URLs would need exceptions in the CSP; files do not.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: { port: 5173, strictPort: true, proxy: { '/api': api, '/health': api } },
  preview: { port: 4173, strictPort: true, headers: { 'content-security-policy': policy }, proxy: { '/api': api, '/health': api } },
});
