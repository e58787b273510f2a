// What a page loads: one classic script with a site's configuration baked in. Whatever fails here, nothing is
// allowed, there is one line in the console, and the page goes on.
import type { WidgetConfig } from '../core/protocol.ts'
import { startWidget } from './start.ts'

declare const __SAYSO_CONFIG__: WidgetConfig

function start(): void {
  try {
    if (!window.sayso) startWidget(__SAYSO_CONFIG__)
  } catch (error) {
    console.error('sayso: nothing is allowed and no banner is shown.', error)
  }
}

if ((document as Document & { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', start)
else start()
