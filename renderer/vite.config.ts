// How the page is built: into dist/renderer, with nothing in it that the hosts' strict CSP would refuse.
// `__CSP_NONCE__` is the placeholder that a host replaces in each answer with that answer's nonce.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  cacheDir: here('../node_modules/.cache/vite'),
  plugins: [react()],
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: here('../dist/renderer'),
    emptyOutDir: true,
    // The same page runs in Electron and in an ordinary browser.
    target: 'baseline-widely-available',
    // `data:` addresses and inline scripts are refused: every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
  },
});
