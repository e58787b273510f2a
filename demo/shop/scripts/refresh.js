// Keeps a page of the demo up to date: fetches it again and swaps only what has changed, so nothing flickers.
const everyMs = 1500

async function refresh() {
  const response = await fetch(location.href)
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('[data-live]')
  const shown = document.querySelector('[data-live]')
  if (fresh && shown && fresh.innerHTML !== lastHtml) {
    lastHtml = fresh.innerHTML
    shown.replaceChildren(...fresh.childNodes)
  }
}

// Compared with what was fetched last, not with the page: an opened <details> is no news.
let lastHtml = document.querySelector('[data-live]')?.innerHTML
setInterval(() => {
  if (document.visibilityState === 'visible') refresh().catch(() => {})
}, everyMs)
