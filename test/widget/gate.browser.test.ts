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
