// What is parked runs when it is allowed and not before, in order, without a reload, and goes when it no longer is.
import { beforeEach, expect, test } from 'vitest'
import { startFresh, until, type Visit, visit } from './fixtures/visit.ts'

beforeEach(startFresh)

const script = (purpose: string, text: string, more = '') => `<script type="text/plain" data-sayso="${purpose}" ${more}>${text}</script>`
const note = (name: string) => `(window.ran ??= []).push('${name}')`
const external = (name: string) => `src="data:text/javascript,${encodeURIComponent(note(name))}"`
const FRAME = '<iframe id="film" data-sayso="video" data-src="/test/widget/fixtures/page.html" style="width:320px;height:180px" title="Film"></iframe>'

const ran = (page: Visit) => page.window.ran ?? []

test('nothing parked runs before the choice, nor after a refusal', async () => {
  const page = await visit({ html: script('analytics', note('inline')) + script('analytics', '', external('file')) })
  expect(ran(page)).toEqual([])
  page.button('reject-all').click()
  await until(() => !page.banner)
  expect(ran(page)).toEqual([])
})

test('what is allowed runs at once and in order, files and inline code alike, each once', async () => {
  const page = await visit({ html: script('analytics', '', external('a')) + script('analytics', note('b')) + script('advertising', note('never')) + script('analytics', '', external('c')) + script('analytics', note('d')) })
  page.box('analytics').click()
  page.button('save').click()
  await until(() => ran(page).length === 4)
  expect(ran(page)).toEqual(['a', 'b', 'c', 'd'])
  page.sayso.set({ analytics: true })
  page.document.body.append('more')
  await until(() => page.service.taken.length === 2)
  expect(ran(page)).toEqual(['a', 'b', 'c', 'd'])
})

test('a file that fails to load does not hold up the next', async () => {
  const page = await visit({ html: script('analytics', '', 'src="data:text/html,no"') + script('analytics', note('next')) })
  page.button('accept-all').click()
  await until(() => ran(page).includes('next'))
})

test('a module stays a module', async () => {
  const page = await visit({ html: script('analytics', `${note('module')}; export {}`, 'data-sayso-type="module"') })
  page.button('accept-all').click()
  await until(() => ran(page).includes('module'))
})

test('deferred scripts and modules come after all others, in order', async () => {
  const page = await visit({
    html: script('analytics', '', `${external('deferred')} defer`) + script('analytics', note('module'), 'data-sayso-type="module" defer') + script('analytics', '', `${external('last')} defer`)
      + script('analytics', '', external('file')) + script('analytics', note('inline')),
  })
  page.button('accept-all').click()
  await until(() => ran(page).length === 5)
  expect(ran(page)).toEqual(['file', 'inline', 'deferred', 'module', 'last'])
})

test('what a script waits for is a file before it, not one that said “async”', async () => {
  const page = await visit({ html: script('analytics', '', `${external('async')} async onload="window.ran.push('loaded')"`) + script('analytics', note('inline')) })
  page.button('accept-all').click()
  await until(() => ran(page).includes('loaded'))
  expect(ran(page)).toEqual(['inline', 'async', 'loaded'])
})

test('two purposes need both; none, or an unknown one, is never allowed', async () => {
  const page = await visit({ html: script('analytics  video', note('both')) + script('', note('none')) + script('telepathy', note('unknown')) })
  page.sayso.set({ analytics: true })
  await until(() => page.service.taken.length === 1)
  expect(ran(page)).toEqual([])
  page.sayso.set({ video: true, telepathy: true })
  await until(() => ran(page).length > 0)
  await until(() => page.service.taken.length === 2)
  expect(ran(page)).toEqual(['both'])
})

test('what comes later is held back or run like the rest', async () => {
  const page = await visit()
  page.button('accept-all').click()
  page.document.body.append(page.document.createRange().createContextualFragment(script('analytics', note('late'))))
  await until(() => ran(page).includes('late'))
})

test('a remembered choice frees its scripts without asking', async () => {
  const first = await visit()
  first.button('accept-all').click()
  await until(() => first.service.taken.length === 1)
  const second = await visit({ html: script('analytics', note('again')), isBannerDue: false })
  await until(() => ran(second).includes('again'))
  expect(second.banner).toBeNull()
})

test('a frame waits behind words and one button, as large as itself, that says what it allows', async () => {
  const page = await visit({ html: FRAME })
  const placeholder = await until(() => page.document.querySelector<HTMLElement>('div[data-sayso=video]'))
  const button = await until(() => placeholder.querySelector('button'))
  expect(page.document.querySelector('iframe')).toBeNull()
  expect([placeholder.offsetWidth, placeholder.offsetHeight]).toEqual([324, 184])
  expect(placeholder.textContent).toContain('Play videos from YouTube on product pages.')
  expect(placeholder.textContent).toContain('Google Ireland Limited (YouTube)')

  button.click()
  const frame = await until(() => page.document.querySelector<HTMLIFrameElement>('#film'))
  expect(frame.getAttribute('src')).toBe('/test/widget/fixtures/page.html')
  expect(page.sayso.choices()).toEqual({ analytics: false, video: true, advertising: false })
  expect(page.banner, 'the rest is still to be decided').not.toBeNull()
  await until(() => page.service.taken.length === 1)
  expect(page.service.taken[0]!.event.decisions.map(({ purpose_id, event_state }) => [purpose_id, event_state])).toEqual([['video', 'given']])
  expect(page.service.taken[0]!.event.source.action).toBe('Allow and load')
})

const LAYOUTS = {
  'a frame of fixed size, in a line of text': ['width:320px;height:180px', ''],
  'a frame that is as wide as its column': ['display:block;border:0;width:100%;height:200px', ''],
  'one that keeps its shape': ['display:block;border:0;width:100%;aspect-ratio:16/9', ''],
  'one that fills a box kept in shape by padding': ['position:absolute;inset:0;width:100%;height:100%;border:0', 'position:relative;padding-bottom:56.25%;height:0'],
  'one in a row with something else': ['flex:1;min-width:0;height:150px', 'display:flex'],
} as const

test.each(Object.entries(LAYOUTS))('nothing moves when a placeholder comes, the page becomes narrower, or the embed is loaded: %s', async (_name, [own, around]) => {
  const frame = FRAME.replace('width:320px;height:180px', own)
  const page = await visit({ html: `<main id="column" style="width:600px"><div id="around" style="${around}">Words ${frame}</div><p id="below">Below</p></main>` })
  const column = page.document.querySelector<HTMLElement>('#column')!
  const read = () => page.document.querySelector('#below')!.getBoundingClientRect().top - column.getBoundingClientRect().top
  const readBox = (element: Element) => {
    const { width, height, left, top } = element.getBoundingClientRect()
    return [width, height, left, top]
  }
  const placeholder = await until(() => page.document.querySelector<HTMLElement>('div[data-sayso=video]'))
  await until(() => placeholder.querySelector('button'))
  const held: Record<number, unknown[]> = {}
  for (const width of [600, 400, 900]) {
    column.style.width = `${width}px`
    held[width] = [read(), ...readBox(placeholder)]
  }
  placeholder.querySelector('button')!.click()
  const loaded = await until(() => page.document.querySelector<HTMLIFrameElement>('#film'))
  for (const width of [600, 400, 900]) {
    column.style.width = `${width}px`
    expect([read(), ...readBox(loaded)], `${width} px`).toEqual(held[width])
  }
})

test('a placeholder is a named group with two buttons, in its language; the embed has the focus when its button is pressed', async () => {
  const page = await visit({ html: FRAME, language: 'de', prepare: ({ document }) => { document.documentElement.lang = 'de' } })
  const placeholder = await until(() => page.document.querySelector<HTMLElement>('div[data-sayso=video]'))
  const button = await until(() => placeholder.querySelector('button'))
  expect([placeholder.role, placeholder.ariaLabel, placeholder.lang]).toEqual(['group', 'Film', 'de'])
  expect([...placeholder.querySelectorAll('button')].map(({ textContent, tabIndex, type }) => [textContent, tabIndex, type])).toEqual([['Erlauben und laden', 0, 'button'], ['Nur dies hier laden', 0, 'button']])
  button.focus()
  button.click()
  await until(() => page.document.querySelector('#film[src]'))
  expect(page.document.activeElement!.id).toBe('film')
})

test('“only this one” loads one frame, decides nothing and is not recorded; the next page asks again', async () => {
  const page = await visit({ html: FRAME + FRAME.replace('id="film"', 'id="second"') })
  const placeholders = await until(() => {
    const found = [...page.document.querySelectorAll<HTMLElement>('div[data-sayso=video]')]
    return found.length === 2 && found.every((one) => one.querySelectorAll('button').length === 2) && found
  })
  placeholders[0]!.querySelectorAll('button')[1]!.click()
  await until(() => page.document.querySelector<HTMLIFrameElement>('#film')?.contentDocument?.title === 'A page')
  expect(page.document.querySelector('#second')).toBeNull()
  expect(page.sayso.choices()).toEqual({ analytics: false, video: false, advertising: false })
  page.sayso.set({ analytics: false })
  await until(() => page.service.taken.length === 1)
  expect(page.service.taken[0]!.event.decisions.map(({ purpose_id }) => purpose_id)).toEqual(['analytics'])
  expect(page.document.querySelector('#film[src]'), 'it stays while the page does').not.toBeNull()
})

test('an embed’s own words and picture stand on its placeholder; a picture from elsewhere is not asked for', async () => {
  const own = FRAME.replace('data-sayso="video"', 'data-sayso="video" data-sayso-text="How we bend glass" data-sayso-poster="/test/widget/fixtures/poster.svg"')
  const page = await visit({ html: own + FRAME.replace('data-sayso="video"', 'data-sayso="video" data-sayso-poster="https://elsewhere.example/p.png"') })
  const [first, second] = await until(() => {
    const found = [...page.document.querySelectorAll<HTMLElement>('div[data-sayso=video]')]
    return found.length === 2 && found.every((one) => one.querySelector('button')) && found
  })
  expect(first!.textContent).toContain('How we bend glass')
  expect(first!.style.backgroundImage).toContain('/test/widget/fixtures/poster.svg')
  expect(second!.style.backgroundImage).not.toContain('elsewhere')
})

test('when its purpose is withdrawn a frame goes back behind its placeholder', async () => {
  const page = await visit({ html: FRAME })
  page.button('accept-all').click()
  await until(() => page.document.querySelector('#film[src]'))
  page.sayso.withdraw('video')
  // At once, whether or not the part with the placeholder can be loaded.
  expect(page.document.querySelector('iframe[src]')).toBeNull()
  await until(() => page.document.querySelector('div[data-sayso=video] button'))
})

test('a frame that was withdrawn is empty even where the rest cannot be loaded', async () => {
  const first = await visit()
  first.button('accept-all').click()
  await until(() => first.service.taken.length === 1)
  const page = await visit({ html: FRAME, config: { restUrl: '/nowhere.js' }, isBannerDue: false })
  const frame = await until(() => page.document.querySelector<HTMLIFrameElement>('#film[src]'))
  await until(() => frame.contentDocument?.title === 'A page')
  page.sayso.withdraw('video')
  expect(frame.hasAttribute('src')).toBe(false)
  expect(frame.contentDocument?.title).not.toBe('A page')
})

test('an image is asked for only when it is allowed, and a tiny one shows nothing meanwhile', async () => {
  const pixel = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='
  const page = await visit({ html: `<img id="pixel" alt="" data-sayso="analytics" data-src="${pixel}" width="1" height="1">` })
  expect(page.document.querySelector<HTMLImageElement>('#pixel')!.src).toBe('')
  await until(() => !page.document.querySelector('#pixel'))
  expect(page.document.querySelector<HTMLElement>('[data-sayso=analytics]')!.offsetHeight).toBe(0)
  page.button('accept-all').click()
  const image = await until(() => page.document.querySelector<HTMLImageElement>('#pixel'))
  await until(() => image.naturalWidth === 1)
})

test('style sheets, films, sounds and objects wait, come, and go again', async () => {
  const sheet = `data:text/css,${encodeURIComponent('#styled{color:rgb(1,2,3)}')}`
  const page = await visit({ html: `<p id="styled">Words</p>
    <link rel="stylesheet" data-sayso="analytics" data-href="${sheet}">
    <video id="film" data-sayso="video" data-src="data:video/mp4,x" data-poster="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" style="width:200px;height:100px"></video>
    <audio id="sound" controls data-sayso="video" data-src="data:audio/wav,x"></audio>
    <object id="thing" data-sayso="video" data-data="/test/widget/fixtures/page.html" style="width:200px;height:100px"></object>
    <img id="picture" alt="" data-sayso="video" data-srcset="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA= 1x" width="80" height="80">` })
  const find = (id: string) => page.document.querySelector<HTMLElement & { src: string; data: string; poster: string; srcset: string }>(`#${id}`)
  const colour = () => page.window.getComputedStyle(find('styled')!).color
  await until(() => page.document.querySelectorAll('div[data-sayso=video] button').length >= 3)
  expect(colour()).not.toBe('rgb(1, 2, 3)')
  page.button('accept-all').click()
  await until(() => find('film')?.src && find('thing')?.data && find('picture')?.srcset)
  expect(find('film')!.poster).toContain('data:image/gif')
  expect(find('sound')!.src).toContain('data:audio/wav')
  await until(() => colour() === 'rgb(1, 2, 3)')
  page.sayso.withdraw()
  await until(() => !find('film') && !find('thing') && !find('picture'))
  await until(() => colour() !== 'rgb(1, 2, 3)')
})

test('a film’s and a picture’s own parts wait, come, and go with it', async () => {
  const pixel = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='
  const html = `<video id="film" data-sayso="video" style="width:200px;height:100px"><source data-src="data:video/mp4,x"><track data-src="data:text/vtt,WEBVTT"></video>
    <picture id="picture" data-sayso="video"><source data-srcset="${pixel} 1x"><img alt="" data-src="${pixel}" style="width:90px;height:60px"></picture>`
  const first = await visit({ html })
  await until(() => first.document.querySelectorAll('div[data-sayso=video] button').length === 4)
  expect(first.document.querySelector('source,img')).toBeNull()
  first.button('accept-all').click()
  await until(() => first.document.querySelector<HTMLSourceElement>('#film source')?.src)
  await until(() => first.document.querySelector<HTMLImageElement>('#picture img')?.currentSrc === pixel)
  await until(() => first.service.taken.length === 1)

  const second = await visit({ html, isBannerDue: false })
  await until(() => second.document.querySelector<HTMLSourceElement>('#film source[src]'))
  const film = second.document.querySelector<HTMLVideoElement>('#film')!
  await until(() => film.networkState === film.NETWORK_NO_SOURCE && film.currentSrc === 'data:video/mp4,x')
  second.sayso.withdraw()
  await until(() => second.document.querySelectorAll('div[data-sayso=video] button').length === 4)
  expect(film.querySelector('[src]')).toBeNull()
})

test('a page whose address and body are replaced by code is asked no second time, and what is parked in the new body waits', async () => {
  const page = await visit({ html: script('analytics', note('first')) })
  page.button('reject-all').click()
  page.window.history.pushState({}, '', '?next')
  page.document.body.replaceWith(page.document.createElement('body'))
  page.document.body.append(page.document.createRange().createContextualFragment(script('analytics', note('second')) + FRAME))
  await until(() => page.document.querySelector('div[data-sayso=video] button'))
  expect(page.banner).toBeNull()
  expect(ran(page)).toEqual([])
  page.sayso.set({ analytics: true, video: true })
  await until(() => ran(page).length > 0)
  expect(ran(page)).toEqual(['second'])
  await until(() => page.document.querySelector('#film[src]'))
})

test('a withdrawal in one tab takes frames, cookies and storage in another, too', async () => {
  const first = await visit()
  first.button('accept-all').click()
  await until(() => first.service.taken.length === 1)
  const second = await visit({ html: FRAME, isBannerDue: false })
  await until(() => second.document.querySelector('#film[src]'))
  second.document.cookie = '_ga=1;Path=/'
  second.window.sessionStorage.setItem('_ga_more', '1')
  // The tab in which it is withdrawn cannot know what to remove.
  first.service.intercept = (url) => (url.includes('/notices/') ? new Response(null, { status: 503 }) : undefined)
  first.leave()
  const third = await visit({ service: first.service, isBannerDue: false })
  third.sayso.withdraw()
  await until(() => !second.document.querySelector('iframe[src]'))
  await until(() => !second.document.cookie.includes('_ga'))
  expect(second.window.sessionStorage.getItem('_ga_more')).toBeNull()
  expect(second.sayso.allowed('video')).toBe(false)
})

test('withdrawing removes the purpose’s cookies and storage, and no others', async () => {
  const page = await visit()
  page.button('accept-all').click()
  for (const name of ['_ga', '_ga_AB12', 'basket']) page.document.cookie = `${name}=1;Path=/`
  for (const storage of [page.window.localStorage, page.window.sessionStorage]) {
    storage.setItem('_ga_more', '1')
    storage.setItem('theme', 'dark')
  }
  await until(() => page.service.taken.length === 1)
  page.sayso.withdraw('analytics')
  await until(() => !page.document.cookie.includes('_ga'))
  expect(page.document.cookie).toContain('basket=1')
  expect(page.window.localStorage.getItem('_ga_more')).toBeNull()
  expect(page.window.sessionStorage.getItem('_ga_more')).toBeNull()
  expect(page.window.localStorage.getItem('theme')).toBe('dark')

  // The tag still runs on that page and writes again; at the next page that goes, too.
  await until(() => page.service.taken.length === 2)
  page.document.cookie = '_ga=again;Path=/'
  page.leave()
  const next = await visit({ isBannerDue: false })
  await until(() => !next.document.cookie.includes('_ga'))
})
