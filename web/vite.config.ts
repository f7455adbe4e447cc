// The cockpit's build: hashed names, no inline code, a strict content security policy in the page itself.
import { defineConfig, type Plugin } from 'vite';
import solid from 'vite-plugin-solid';

// `npm run dev` needs a hub: `npm run mock`, or any other named here.
const hub = process.env['FLOTTE_URL'] ?? 'http://127.0.0.1:7799';

// Only in what is built: Vite's own development page has inline styles. frame-ancestors is the hub's to say, as a header.
const policy = (): Plugin => ({
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'",
      },
      injectTo: 'head-prepend',
    },
  ],
});

export default defineConfig({
  plugins: [solid(), policy()],
  server: { proxy: { '/fleet': { target: hub, ws: true } } },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
