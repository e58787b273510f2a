// What the shop's trackers have sent to the demo server, for people who want to see that nothing came too early.
import { DeskPage } from './DeskPage.tsx'

/** One request to /collect: when, from which page (as its Referer says), saying what. */
export interface Beacon {
  received_at: string
  page: string | null
  /** page-view, reading-begins, reading-ends, advertising; or "unreadable" with the text. */
  kind: string
  [detail: string]: unknown
}

/** All beacons, newest first. */
export function BeaconsPage({ beacons }: { beacons: Beacon[] }) {
  return (
    <DeskPage
      title="What trackers have sent"
      intro="The shop’s counting and advertising scripts report to this server. Before anybody allows them, this list stays empty."
    >
      <div data-live>
        {beacons.length === 0 ? (
          <p class="nothing">Nothing. Visit the shop and allow something, and it appears here.</p>
        ) : (
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Received</th>
                  <th scope="col">From</th>
                  <th scope="col">Said</th>
                </tr>
              </thead>
              <tbody>
                {beacons.map(({ received_at, page, ...said }) => (
                  <tr>
                    <td>{received_at.slice(11, 23)}</td>
                    <td>{page ?? 'unknown'}</td>
                    <td>{JSON.stringify(said)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </DeskPage>
  )
}
