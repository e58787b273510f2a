// Bundles the peers that come as ES modules, for production, each into one script and one style sheet.
import { join } from 'node:path'
import { build } from 'vite'
import { peers } from './peers.ts'

/** Writes <folder>.js and <folder>.css of each into `outDir`. */
export async function buildPeers(outDir: string): Promise<void> {
  for (const { folder } of peers.filter(({ isBundled }) => isBundled)) {
    await build({
      configFile: false,
      root: join(import.meta.dirname, 'peers', folder!),
      mode: 'production',
      logLevel: 'error',
      publicDir: false,
      build: {
        outDir,
        emptyOutDir: false,
        modulePreload: false,
        reportCompressedSize: false,
        // The newest engines for all, as for Sayso's own build.
        target: 'es2022',
        rolldownOptions: {
          input: { [folder!]: 'entry.js' },
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name].[hash].js', assetFileNames: `${folder}[extname]` },
        },
      },
    })
  }
}
