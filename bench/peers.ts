// Who is compared: each has a folder in peers/ with the page that embeds it as its own documentation says.
// Selectors are Playwright's: they look into open shadow roots. `banner` is a path through shadow roots, outermost first.

/** One page of the comparison. */
export interface Peer {
  name: string
  /** Its folder in peers/; none for Sayso, whose page is the demo's. */
  folder?: string
  /** Its npm package, whose version goes into the table. */
  npm?: string
  /** Whether peers/<folder>/entry.js is bundled first. */
  isBundled?: true
  banner: string[]
  accept: string
  reject: string
  preferences?: string
  /** What a reader has to know to compare it. */
  note?: string
}

/** The yardstick: a script of 300 bytes that appends one `div`. */
export const floor = { name: 'floor', folder: 'floor', banner: ['#floor'] } as const

/** Sayso as the demo shop embeds it, from the built service on an origin of its own. */
export const sayso: Peer = {
  name: 'Sayso',
  banner: ['sayso-banner'],
  accept: 'sayso-banner [data-sayso-action="accept-all"]',
  reject: 'sayso-banner [data-sayso-action="reject-all"]',
  preferences: 'sayso-banner input[type=checkbox] >> nth=0',
  note: 'its preferences are the checkboxes on the banner itself; the decision is signed, sent, and answered with a receipt',
}

/** Every peer that npm carries. */
export const peers: Peer[] = [
  {
    name: 'osano cookieconsent', folder: 'osano', npm: 'cookieconsent', banner: ['.cc-window'],
    accept: '.cc-window .cc-allow', reject: '.cc-window .cc-deny',
    note: 'knows no purposes and has no preferences; configured as `opt-in`, so that it has a button to reject',
  },
  {
    name: 'orejime', folder: 'orejime', npm: 'orejime', banner: ['.orejime-Banner'],
    accept: '.orejime-Banner-saveButton', reject: '.orejime-Banner-declineButton', preferences: '.orejime-Banner-learnMoreButton',
  },
  {
    name: 'vanilla-cookieconsent', folder: 'vanilla-cookieconsent', npm: 'vanilla-cookieconsent', isBundled: true, banner: ['#cc-main .cm'],
    accept: '#cc-main .cm [data-role="all"]', reject: '#cc-main .cm [data-role="necessary"]', preferences: '#cc-main .cm [data-role="show"]',
    note: 'with `hideFromBots: false`, since else it shows nothing to a browser that a program drives',
  },
  {
    name: '@probo/cookie-banner', folder: 'probo', npm: '@probo/cookie-banner', banner: ['probo-cookie-banner', '.card'],
    accept: 'probo-cookie-banner probo-accept-button button >> visible=true', reject: 'probo-cookie-banner probo-reject-button button >> visible=true',
    preferences: 'probo-cookie-banner probo-customize-button button >> visible=true',
    note: 'asks its back end what to show: here a file that answers as its interface is typed, on the same origin as its script',
  },
  {
    name: 'c15t, headless', folder: 'c15t', npm: 'c15t', isBundled: true, banner: ['#consent'],
    accept: '#consent [data-do="accept"]', reject: '#consent [data-do="reject"]', preferences: '#consent [data-do="choose"]',
    note: 'the package has no banner: this one is a dozen lines of ours after its "Building UI" page; offline mode, so no back end is asked',
  },
  {
    name: '@c15t/react', folder: 'c15t-react', npm: '@c15t/react', isBundled: true, banner: ['[data-testid="consent-banner-card"]'],
    accept: '[data-testid="consent-banner-accept-button"]', reject: '[data-testid="consent-banner-reject-button"]', preferences: '[data-testid="consent-banner-customize-button"]',
    note: 'with React; offline mode, so no back end is asked; the purposes are its own four categories',
  },
  {
    name: 'klaro', folder: 'klaro', npm: 'klaro', banner: ['.klaro .cookie-notice'],
    accept: '.klaro .cookie-notice .cm-btn-success', reject: '.klaro .cookie-notice .cn-decline', preferences: '.klaro .cookie-notice .cn-learn-more',
  },
  {
    name: 'tarteaucitron', folder: 'tarteaucitron', npm: 'tarteaucitronjs', banner: ['#tarteaucitronAlertBig'],
    accept: '#tarteaucitronPersonalize2', reject: '#tarteaucitronAllDenied2', preferences: '#tarteaucitronCloseAlert',
    note: 'the minified build, which fetches its language, style and services itself',
  },
]
