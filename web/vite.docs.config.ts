import { defineConfig } from 'vite';

/**
 * The page at /docs, beside what vite.config.ts has built: a build of its own, so that the page itself shares no file with it
 * and its service worker keeps none of it.
 */
export default defineConfig({
  publicDir: false,
  build: {
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // Swagger UI is what it is; nothing but /docs loads it.
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      input: 'docs.html',
      output: { entryFileNames: 'assets/docs-[hash].js', chunkFileNames: 'assets/docs-[hash].js', assetFileNames: 'assets/docs-[hash][extname]' },
    },
  },
});
