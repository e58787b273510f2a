// What a page loads: one classic script with a site's configuration baked in. Whatever fails here, nothing is
// allowed, there is one line in the console, and the page goes on.
import type { LoaderConfig } from '../core/protocol.ts'
import { buildBanner } from './banner/first-layer.ts'
import { report, startWidget } from './start.ts'

declare const __SAYSO_CONFIG__: LoaderConfig

function start(): void {
  try {
    if (!window.sayso) startWidget(__SAYSO_CONFIG__, buildBanner)
  } catch (error) {
    report(error)
  }
}

if ((document as Document & { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', start)
else start()
