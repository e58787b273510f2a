// The demo's mailbox: all mails at the left, one opened at the right. A mail's HTML stays in a sandboxed frame.
import { DeskPage } from './DeskPage.tsx'
import type { Mail } from './mailbox.ts'

/** The list and, where there is one, the opened mail. */
export function MailboxPage({ mails, open }: { mails: Mail[]; open: Mail | undefined }) {
  return (
    <DeskPage
      title="Mailbox"
      intro="Every mail that the consent service sends in this demo lands here, whoever it is for. New ones appear by themselves."
    >
      <div data-live>
        {open === undefined ? (
          <p class="nothing">No mail yet. Subscribe to the letter in the shop, with a box ticked.</p>
        ) : (
          <div class="panes">
            <ol class="mails" aria-label="Mails, newest first">
              {mails.map((mail) => (
                <li key={mail.id}>
                  <a href={`/mailbox/${encodeURIComponent(mail.id)}`} aria-current={mail.id === open.id ? 'page' : undefined}>
                    <strong>{mail.subject}</strong>
                    <span class="small">{mail.to}</span>
                    <Time at={mail.received_at} />
                  </a>
                </li>
              ))}
            </ol>
            <OpenMail mail={open} />
          </div>
        )}
      </div>
    </DeskPage>
  )
}

function OpenMail({ mail }: { mail: Mail }) {
  return (
    <article class="mail">
      <h2>{mail.subject}</h2>
      <dl class="fields">
        <dt>From</dt>
        <dd>{mail.from}</dd>
        <dt>To</dt>
        <dd>{mail.to}</dd>
        <dt>Sent</dt>
        <dd>
          <Time at={mail.received_at} />
        </dd>
      </dl>
      {mail.html !== undefined && (
        // No scripts, no forms, and links open in a tab of their own.
        <iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc={openLinksInTabs(mail.html)} />
      )}
      {mail.text !== undefined && (
        <details open={mail.html === undefined}>
          <summary>As plain text</summary>
          <pre>
            <LinkedText text={mail.text} />
          </pre>
        </details>
      )}
      <details>
        <summary>Headers</summary>
        <dl class="fields">{mail.headers.flatMap(({ name, value }) => [<dt>{name}</dt>, <dd>{value}</dd>])}</dl>
      </details>
    </article>
  )
}

function LinkedText({ text }: { text: string }) {
  return (
    <>
      {text.split(/(https?:\/\/[^\s<>"]+)/).map((part, i) =>
        i % 2 === 1 ? (
          <a href={part} target="_blank" rel="noreferrer">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </>
  )
}

function Time({ at }: { at: string }) {
  return (
    <time class="small" dateTime={at}>
      {at.slice(0, 10)} {at.slice(11, 19)} UTC
    </time>
  )
}

function openLinksInTabs(html: string): string {
  const base = '<base target="_blank">'
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, (head) => head + base) : base + html
}
