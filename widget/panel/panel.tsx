// The banner's second layer: the whole notice purpose by purpose, and this device's receipts. The checkboxes and the
// three buttons stay where they are on the first layer, so rejecting is as near as accepting.
import { signal } from '@preact/signals'
import { render } from 'preact'
import type { Notice } from '../../core/notice.ts'
import type { Receipt } from '../../core/receipt.ts'
import { NoticeText } from '../../ui/notice-text.tsx'
import { fetchCheckedNotice } from '../checked-notice.ts'
import type { Context } from '../context.ts'
import { listReceipts, type SetFlag } from '../record.ts'
import { loadWords } from '../words.ts'
import css from './panel.css?inline'
import { ReceiptList } from './ReceiptList.tsx'

/** The notice as far as it has come: null while it is under way, undefined where it did not come. */
type Arrival = Notice | null | undefined

/** Opens the second layer in the banner's shadow tree, or closes it where it is open. */
export async function showPanel(root: ShadowRoot, context: Context, setFlag: SetFlag): Promise<void> {
  const words = await loadWords(context.layer[1])
  const open = root.querySelector('.panel')
  if (open) {
    render(null, open)
    open.remove()
    return
  }
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [root.adoptedStyleSheets[0]!, sheet]
  const place = document.createElement('div')
  place.className = 'panel'
  place.tabIndex = -1
  root.querySelector('[name=actions]')!.before(place)

  const [hash, language] = context.layer
  const notice = signal<Arrival>(null)
  const receipts = signal<Receipt[]>([])

  function Panel() {
    return (
      <>
        {notice.value === null && <p>{words.loading}</p>}
        {notice.value === undefined && <p>{words.unavailable}</p>}
        {notice.value && <NoticeText notice={notice.value} words={words} level={3} />}
        <ReceiptList receipts={receipts.value} words={words} language={language} base={context.base} />
      </>
    )
  }

  render(<Panel />, place)
  place.focus({ preventScroll: true })
  place.parentElement!.scrollTop = place.offsetTop
  void fetchCheckedNotice(context, hash).then((outcome) => {
    notice.value = outcome.kind === 'ok' ? outcome.value : undefined
  })
  void listReceipts(context, setFlag).then((kept) => {
    receipts.value = kept
  })
}
