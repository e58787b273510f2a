// The Consent Mode default as a script of its own, for pages that run Google's tags before a choice (advanced mode): it
// stands first in the head, is not async, and can be pasted inline, for it never changes with the visitor.
import { GOOGLE_TYPES } from '../core/signal-names.ts'
import type { Signals } from '../core/signals.ts'

/** The script: all denied but what is necessary, in less than 400 bytes. */
export function writeGoogleDefault({ types, ads_data_redaction, url_passthrough, wait_for_update }: NonNullable<Signals['google']>): string {
  const states = GOOGLE_TYPES.map((type) => `${type}:${types[type] === 'necessary' ? 'y' : 'n'}`)
  const wait = wait_for_update === undefined ? [] : [`wait_for_update:${wait_for_update}`]
  const calls = [
    `g("consent","default",{${[...states, ...wait].join()}})`,
    ...(ads_data_redaction ? ['g("set","ads_data_redaction",!0)'] : []),
    ...(url_passthrough ? ['g("set","url_passthrough",!0)'] : []),
  ]
  return `!function(n,y,d){function g(){d.push(arguments)}${calls.join(';')}}("denied","granted",window.dataLayer=window.dataLayer||[])`
}
