// `npm run bench:widget`: the demo page and every peer that npm carries, side by side in one browser, on a slow mobile
// and as the machine is. Writes its section of docs/benchmarks.md. --rounds N, --json FILE for all that was measured,
// --screenshots FOLDER for a picture of each banner, --dry to leave the document as it is.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright'
import { launchOptions } from '../scripts/browser.ts'
import { buildAll, isBuildDue } from '../scripts/build.ts'
import { startDemo } from '../scripts/demo-process.ts'
import { installPackages } from '../scripts/install.mjs'
import { buildPeers } from './build-peers.ts'
import { checkPeers } from './check-peers.ts'
import { measurePage, type Profile } from './measure-page.ts'
import { floor, peers, sayso } from './peers.ts'
import { writeSection } from './section.ts'
import { servePeers } from './serve-peers.ts'
import { describeRun, type Measured } from './widget-table.ts'

const profiles: Profile[] = [
  { name: 'Slow mobile', network: { latencyMs: 150, downloadKilobits: 1600, uploadKilobits: 750 }, cpuSlowdown: 4 },
  { name: 'Unthrottled', cpuSlowdown: 1 },
]
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, json: { type: 'string' }, screenshots: { type: 'string' }, dry: { type: 'boolean', default: false } },
})
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds wants a whole number from 1.')

const root = join(import.meta.dirname, '..')
installPackages(import.meta.dirname)
if (isBuildDue(root)) await buildAll(root)
const builtDir = mkdtempSync(join(tmpdir(), 'sayso-peers-'))
await buildPeers(builtDir)
const served = await servePeers(builtDir)
const demo = await startDemo()
const browser = await chromium.launch(launchOptions(process.env))
try {
  const ours = { ...sayso, url: `${demo.shopUrl}/bench.html` }
  const others = peers.map((peer) => ({ ...peer, url: `${served.pagesUrl}/${peer.folder}` }))
  await checkPeers(browser, [ours, ...others], values.screenshots)

  const pages = [{ ...floor, url: `${served.pagesUrl}/${floor.folder}` }, ours, ...others]
  const measured: Measured[] = profiles.flatMap((profile) => pages.map(({ name }) => ({ page: name, profile: profile.name, visits: [] })))
  for (let round = 0; round < rounds; round++) {
    for (const profile of profiles) {
      // Each round begins with another page, so that none always follows the same one.
      for (let place = 0; place < pages.length; place++) {
        const page = pages[(place + round) % pages.length]!
        const visit = await measurePage(browser, page, profile, !profile.network)
        measured.find((one) => one.page === page.name && one.profile === profile.name)!.visits.push(visit)
      }
    }
    console.log(`round ${round + 1} of ${rounds}, load ${loadavg()[0]!.toFixed(1)}`)
  }

  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Chromium ${browser.version()}, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)} at the end of the run`
  const text = describeRun({ rounds, machine }, profiles, [ours, ...others], measured)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rounds, machine, profiles, measured }, null, 2)}\n`)
  if (!values.dry) writeSection(join(root, 'docs/benchmarks.md'), 'widget', text)
  console.log(text)
} finally {
  await browser.close()
  await demo.stop()
  served.stop()
  rmSync(builtDir, { recursive: true })
}
