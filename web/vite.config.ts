import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run dev` finds the API; the built page asks its own origin or VITE_API_BASE_URL. */
const api = process.env['API'] ?? 'http://127.0.0.1:7860';

/** What the server sends with the page, so that `npm run preview` is as strict. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://huggingface.co";

/** Writes `sw.js`: the service worker of src/offline, and before it which files it keeps. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle(_options, bundle) {
      const code = readFileSync('src/offline/worker.js', 'utf8');
      const built = Object.values(bundle).filter(({ fileName }) => fileName.startsWith('assets/'));
      const ours = readdirSync('public');
      const files = ['/', ...built.map(({ fileName }) => `/${fileName}`), ...ours.map((name) => `/${name}`)].sort();
      // The names of what was built change with its content; the page itself names them.
      const version = createHash('sha256').update(files.join()).update(code).update(readFileSync('index.html'));
      for (const name of ours) version.update(readFileSync(`public/${name}`));
      const head = `const VERSION = '${version.digest('hex').slice(0, 16)}';\nconst FILES = ${JSON.stringify(files)};\n`;
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: head + code });
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwind(), serviceWorker()],
  build: {
    // Data URLs would need exceptions in the CSP; files do not.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: { port: 5173, strictPort: true, proxy: { '/api': api, '/calendar': api, '/health': api } },
  preview: { port: 4173, strictPort: true, headers: { 'content-security-policy': policy }, proxy: { '/api': api, '/calendar': api, '/health': api } },
});
