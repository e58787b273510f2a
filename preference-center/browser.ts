// Makes the pages behind a link nicer where there is JavaScript: a form is sent without leaving the page, a choice is
// signed on the device, and what happened takes focus. Whatever goes wrong, the browser sends the form as it would
// have without this file.

/** Longer than that nobody waits for a signature. */
const SIGNING_LIMIT_MS = 8_000

/** What the device signs of a choice, as fields beside the form's own; none where it cannot. */
async function sign(form: HTMLFormElement, submitter: HTMLElement | null, ticked: ReadonlySet<string>): Promise<Record<string, string>> {
  // Shares no module with what it loads: that would load this file again, under its other name.
  if (!document.querySelector('template[data-signing]')) return {}
  const signing = import('./device-signature.ts').then(({ signChoice }) => signChoice(form, submitter, ticked)).catch(() => ({}))
  const tooLate = new Promise<Record<string, string>>((resolve) => setTimeout(resolve, SIGNING_LIMIT_MS, {}))
  return Promise.race([signing, tooLate])
}

/** Sends a form as the browser would and gives the page that came back; undefined where none did. */
async function send(form: HTMLFormElement, submitter: HTMLElement | null): Promise<{ page: Document; url: string } | undefined> {
  const fields = new URLSearchParams()
  // The boxes as they stand now, whatever is ticked while the device signs.
  for (const [name, value] of new FormData(form, submitter)) fields.append(name, String(value))
  for (const [name, value] of Object.entries(await sign(form, submitter, new Set([...fields.getAll('purpose'), ...fields.getAll('again')])))) fields.append(name, value)
  const response = await fetch(form.action, { method: 'POST', body: fields, headers: { accept: 'text/html' } })
  if (!response.headers.get('content-type')?.startsWith('text/html')) return undefined
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  return page.querySelector('main') ? { page, url: response.redirected ? response.url : location.href } : undefined
}

/** Puts the page that came back in place of this one, without a reload. */
function show(page: Document, url: string): void {
  document.title = page.title
  document.documentElement.lang = page.documentElement.lang
  document.querySelector('main')!.replaceWith(document.adoptNode(page.querySelector('main')!))
  history.replaceState(null, '', url)
  const news = document.querySelector<HTMLElement>('[data-focus], h1')
  if (news && !news.hasAttribute('tabindex')) news.tabIndex = -1
  news?.focus()
  news?.scrollIntoView({ block: 'center' })
}

/** Lets the browser send the form; the pressed button goes along as a hidden field. */
function sendPlainly(form: HTMLFormElement, submitter: HTMLElement | null): void {
  if (submitter instanceof HTMLButtonElement && submitter.name) {
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: submitter.name, value: submitter.value }))
  }
  form.submit()
}

/** Watches every form of the document, also of pages that are shown later. */
export function enhanceForms(): void {
  let isBusy = false
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (form.method !== 'post' || event.defaultPrevented || form.dataset.plain !== undefined) return
    event.preventDefault()
    // A second press while the first is under way would say the same again.
    if (isBusy) return
    isBusy = true
    const pressed = event.submitter ?? form
    pressed.ariaBusy = 'true'
    send(form, event.submitter)
      .then((answer) => (answer ? show(answer.page, answer.url) : sendPlainly(form, event.submitter)))
      .catch(() => sendPlainly(form, event.submitter))
      .finally(() => {
        isBusy = false
        pressed.ariaBusy = null
      })
  })
}

enhanceForms()
