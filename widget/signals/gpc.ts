// Global Privacy Control (navigator.globalPrivacyControl): a browser's standing objection to sale and sharing. What it
// keeps off is off before any tag runs (widget/start.ts); here the person is told.
// https://w3c.github.io/gpc/
import type { Context } from '../context.ts'
import { loadWords } from '../words.ts'

/** Says on the banner that the signal is honoured, and locks the boxes of the purposes that it keeps off. */
export async function showSignal({ barred, ids, layer }: Context): Promise<void> {
  const banner = document.querySelector('sayso-banner')
  if (!barred || !banner) return
  ids.forEach((id, i) => {
    if (barred[i] === 'r') banner.querySelector<HTMLInputElement>(`[name=${id}]`)!.disabled = true
  })
  const words = await loadWords(layer[1])
  if (banner.querySelector('[data-sayso-signal]')) return
  const note = document.createElement('small')
  note.dataset.saysoSignal = 'gpc'
  note.slot = 'facts'
  note.textContent = words.signal_honoured!
  banner.querySelector('[slot=facts]')!.before(note)
}
