// The frame of the demo's own pages, which are in English and belong to nobody's shop: mailbox and beacons.
import type { ComponentChildren } from 'preact'

/** Head and header; what stands in an element with `data-live` is kept up to date by refresh.js. */
export function DeskPage({ title, intro, children }: { title: string; intro: string; children: ComponentChildren }) {
  return (
    <>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/shop.css" />
        <script type="module" src="/scripts/refresh.js" />
      </head>
      <body>
        <header class="wide top">
          <a class="brand" href="/">
            Fern &amp; Filament
          </a>
          <nav aria-label="Demo">
            <a href="/">Shop</a>
            <a href="/mailbox">Mailbox</a>
            <a href="/collect">Trackers</a>
          </nav>
        </header>
        <main class="wide desk">
          <header>
            <h1>{title}</h1>
            <p class="lead">{intro}</p>
          </header>
          {children}
        </main>
      </body>
    </>
  )
}
