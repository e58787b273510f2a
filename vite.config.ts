// Every build and every test set-up in one place; `--mode` says which build: widget, widget-extra, widget-parts, page,
// package or server.
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { msw } from 'msw/vite'
import { playwright } from '@vitest/browser-playwright'
import type { Plugin, UserConfig } from 'vite'
import { defineConfig } from 'vitest/config'
import { launchOptions } from './scripts/browser.ts'
import { listDurationWords } from './ui/duration.ts'

const jsx = { runtime: 'automatic', importSource: 'preact' } as const

// The tightest that stays correct: nothing of ours reads function names, and pages run the newest engines.
const tight = {
  compress: { target: 'es2022', maxIterations: 10 },
  mangle: { toplevel: true },
  codegen: { removeWhitespace: true },
} as const

const builds: Record<string, UserConfig> = {
  // The one script tag: a classic script, into which the service puts a site's config.
  widget: {
    build: {
      outDir: 'dist/widget',
      target: 'es2022',
      // Rewriting light and dark for older engines would cost bytes that every visitor downloads.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      rolldownOptions: {
        input: 'widget/loader.ts',
        output: { format: 'es', entryFileNames: 'loader.js', minify: tight },
      },
    },
    plugins: [wrapScript(), keepConfigPlaceholder()],
  },
  // One piece of code that only some sites bake into widget.js; scripts/build.ts says which.
  'widget-extra': {
    build: {
      outDir: 'dist/widget/extras',
      emptyOutDir: false,
      target: 'es2022',
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      rolldownOptions: { preserveEntrySignatures: 'strict', output: { format: 'es', minify: tight } },
    },
    plugins: [wrapExtra()],
  },
  // What the loader fetches later, by name from manifest.json.
  'widget-parts': {
    build: {
      outDir: 'dist/widget',
      emptyOutDir: false,
      target: 'es2022',
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      modulePreload: false,
      rolldownOptions: {
        input: present({ rest: 'widget/rest.ts' }),
        preserveEntrySignatures: 'allow-extension',
        output: {
          format: 'es',
          entryFileNames: '[name].[hash].js',
          chunkFileNames: 'part.[hash].js',
          assetFileNames: '[name].[hash][extname]',
          minify: tight,
        },
      },
    },
    plugins: [hardenExports(), writeManifest()],
  },
  // The pages' scripts, the checking page's among them, and their style sheets.
  page: {
    build: {
      outDir: 'dist/page',
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: present({
          'preference-center': 'preference-center/browser.ts', verify: 'preference-center/verify-browser.ts',
          styles: 'preference-center/preference-center.css', 'proof-styles': 'preference-center/proof.css',
          'mail-preview-styles': 'preference-center/mail-previews.css', 'api-styles': 'preference-center/api.css',
        }),
        output: {
          format: 'es',
          entryFileNames: '[name].[hash].js',
          chunkFileNames: 'part.[hash].js',
          assetFileNames: '[name].[hash][extname]',
        },
      },
    },
    plugins: [writeManifest()],
  },
  // The widget's core and its bindings for bundlers; packages stay outside.
  package: {
    build: {
      outDir: 'dist/package',
      target: 'es2022',
      minify: false,
      lib: { entry: Object.fromEntries(['sayso', 'react', 'preact', 'vue', 'svelte'].map((name) => [name, `widget/package/${name}.ts`])), formats: ['es'] },
      rolldownOptions: { external: [/^[@a-z]/] },
    },
  },
  // The service for Node; packages stay outside.
  server: {
    build: {
      outDir: 'dist/server',
      ssr: true,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        // A thread starts with a file of its own.
        input: { main: 'server/main.ts', 'read-worker': 'server/node/read-worker.ts', 'event-worker': 'server/node/event-worker.ts', 'append-worker': 'server/node/append-worker.ts' },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name].[hash].js' },
      },
    },
  },
}

export default defineConfig(({ mode }) => ({
  ...builds[mode],
  plugins: [...(builds[mode]?.plugins ?? []), cutWidgetWords()],
  publicDir: false,
  oxc: { jsx },
  test: {
    // Two where there are two cores: what is tested is mostly waited for.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          // A guard against hanging, not a measure: machines that test are often busy.
          testTimeout: 60_000,
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/**/*.browser.test.{ts,tsx}', 'test/e2e/**', 'test/engines/**', 'test/faults/**', 'test/fuzz/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ['test/engines/**/*.test.ts'],
          // One browser at a time, each with the machine to itself.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: { name: 'faults', environment: 'node', testTimeout: 60_000, include: ['test/faults/**/*.test.ts'], fileParallelism: false },
      },
      { extends: true, test: { name: 'fuzz', environment: 'node', testTimeout: 60_000, include: ['test/fuzz/**/*.test.ts'] } },
      {
        extends: true,
        plugins: [msw({ mode: 'worker-only' })],
        // Known beforehand: finding one midway reloads the test's page, and the frames in it would lose their modules.
        optimizeDeps: {
          include: ['@noble/hashes/sha2.js', '@preact/signals', '@testing-library/preact', '@valibot/to-json-schema', 'asn1js', 'axe-core', 'diff', 'i18next', 'idb-keyval', 'pkijs', 'preact', 'preact/jsx-dev-runtime', 'preact/jsx-runtime', 'react', 'react-dom/client', 'uuid', 'valibot', 'vue'],
        },
        test: {
          name: 'browser',
          include: ['test/**/*.browser.test.{ts,tsx}'],
          // Files share one browser, and with it the cookies and the storage that they are about.
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions(process.env) }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
}))

/** Of these entries, those whose file exists. */
function present(entries: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(path)))
}

/** Writes manifest.json beside a build: the name of each entry and of each style sheet's source, and its hashed file. */
function writeManifest(): Plugin {
  return {
    name: 'sayso-manifest',
    generateBundle(_options, bundle) {
      const manifest: Record<string, string> = {}
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk' && output.isEntry && !output.facadeModuleId?.endsWith('.css')) manifest[output.name] = output.fileName
        if (output.type === 'asset') for (const path of output.originalFileNames) manifest[basename(path)] = output.fileName
      }
      this.emitFile({ type: 'asset', fileName: 'manifest.json', source: `${JSON.stringify(manifest, null, 2)}\n` })
    },
  }
}

/** `locales/xx.json?widget` is as much of a locale as the widget needs, as one flat record. */
function cutWidgetWords(): Plugin {
  return {
    name: 'sayso-widget-words',
    enforce: 'pre',
    load(id) {
      const [path, query] = id.split('?')
      if (query !== 'widget' || !path!.endsWith('.json')) return undefined
      const { notice, widget, widget_parts } = JSON.parse(readFileSync(path!, 'utf8')) as Record<string, Record<string, string>>
      return { code: `export const words = ${JSON.stringify({ ...notice, ...widget, ...widget_parts, ...listDurationWords(basename(path!, '.json')) })}`, moduleType: 'js' }
    },
  }
}

/** Keeps the names of the one script out of the page's. Done here, because the bundler's own wrapper is longer. */
function wrapScript(): Plugin {
  return {
    name: 'sayso-wrap-script',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) if (output.type === 'chunk') output.code = `(()=>{${output.code.trimEnd()}})()`
    },
  }
}

/** Makes an expression of a module with one export, which the service writes into the configuration. */
function wrapExtra(): Plugin {
  return {
    name: 'sayso-wrap-extra',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue
        const [exported, name] = /export\s*\{\s*([\w$]+)(?:\s+as\s+[\w$]+)?\s*\};?\s*$/.exec(output.code) ?? []
        if (exported === undefined || output.imports.length > 0) return this.error(`${output.fileName} is not a module with exactly one export and no imports.`)
        output.code = `(()=>{${output.code.slice(0, -exported.length)}return ${name}})()`
      }
    },
  }
}

/** On a page that has added to Object.prototype the bundler's own helper would take that for an export, and throw. */
function hardenExports(): Plugin {
  return {
    name: 'sayso-harden-exports',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') output.code = output.code.replace(/for\(var (\w+) in (\w+)\)(?=\w+\(\w+,\1,\{get:\2\[\1\])/g, 'for(let $1 of Object.keys($2))')
      }
    },
  }
}

/** Fails the build unless the place for the config is in the loader exactly once: the service replaces it. */
function keepConfigPlaceholder(): Plugin {
  return {
    name: 'sayso-config-placeholder',
    writeBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue
        const places = output.code.split('__SAYSO_CONFIG__').length - 1
        if (places !== 1) this.error(`${output.fileName} holds __SAYSO_CONFIG__ ${places} times instead of once.`)
      }
    },
  }
}
