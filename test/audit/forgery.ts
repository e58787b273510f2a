// What tests of forgeries share: an export taken apart and put together again, by somebody who holds the file only or by an insider
// who holds the log's key and signs the forged tree anew.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../core/bytes.ts'
import { type NoteKey, type NoteSigner, signCheckpoint } from '../../core/checkpoint.ts'
import { splitLines } from '../../core/export.ts'
import { TreeHistory } from '../../core/history.ts'
import { formatLeaf, type Leaf, parseLeaf } from '../../core/leaf.ts'
import { hashLeaf } from '../../core/tree.ts'
import { verifyExport } from '../../core/verify.ts'
import type { Line } from '../fixtures/audit.ts'

/** What there is to forge, once it was made. */
export interface Original {
  origin: string
  /** What the auditor has. */
  keys: NoteKey[]
  /** What an insider has. */
  signer: NoteSigner
  genuine: Line[]
  /** What an auditor, or a witness, kept: an earlier checkpoint, and the last one. */
  held: string
  final: string
}

/** A way to cheat. */
export interface Forgery {
  name: string
  forge: (lines: Line[]) => unknown
  /** What the audit says of the forger who has the file only. */
  outsider: string[]
  /** What it says of one who has the log's key too. Nothing: only a checkpoint that somebody kept shows it. */
  insider: string[]
}

export const leavesOf = (lines: Line[]) => lines.filter((line) => 'leaf' in line)
export const lineOf = (lines: Line[], index: number): Line => lines.find((line) => line.index === index)!
export const changeLeaf = (line: Line, change: Partial<Leaf>) => void (line.leaf = formatLeaf({ ...parseLeaf(line.leaf), ...change }))

/** Numbers the leaves as they stand, and counts them. */
export function renumber(lines: Line[]): Line[] {
  for (const [index, line] of leavesOf(lines).entries()) line.index = index
  lines.at(-1)!.leaves = leavesOf(lines).length
  return lines
}

/** What an insider does last: builds the tree over the forged leaves and signs it. */
export async function sign(lines: Line[], { origin, signer }: Original): Promise<Line[]> {
  const tree = new TreeHistory()
  for (const line of leavesOf(lines)) tree.add(hashLeaf(utf8(line.leaf)))
  lines[0]!.checkpoint = await signCheckpoint({ origin, size: tree.size, root: await tree.rootAt(tree.size) }, signer)
  return lines
}

/** Codes of what the audit finds, each once, in their order. */
export async function codesOf(lines: Line[], { keys }: Pick<Original, 'keys'>, earlierCheckpoints: string[] = []): Promise<string[]> {
  async function* write(): AsyncGenerator<string> {
    yield lines.map((line) => JSON.stringify(line)).join('\n')
  }
  const report = await verifyExport(splitLines(write()), { keys, earlierCheckpoints })
  expect(report.isValid).toBe(report.totals.findings === 0)
  return [...new Set(report.findings.map(({ code }) => code))].sort()
}

/** Tries each on an export that holds; `bodies` of its leaves have something beside them under `member`. */
export function describeForgeries(forgeries: readonly Forgery[], original: () => Original, { member, bodies }: { member: string; bodies: number }): void {
  it('the genuine export holds, against what was kept too', async () => {
    const { genuine, held, final } = original()
    expect(await codesOf(genuine, original())).toEqual([])
    expect(await codesOf(genuine, original(), [held, final])).toEqual([])
    expect(genuine.filter((line) => line[member])).toHaveLength(bodies)
  })

  describe.each(forgeries)('$name', ({ forge, outsider, insider }) => {
    const forged = async () => {
      const lines = structuredClone(original().genuine)
      await forge(lines)
      return renumber(lines)
    }

    it(`is caught as ${outsider.join(', ')}`, async () => {
      expect(await codesOf(await forged(), original())).toEqual(outsider)
    })

    it(insider.length > 0 ? `by an insider it is caught as ${insider.join(', ')}` : 'by an insider only a checkpoint kept elsewhere shows it', async () => {
      const { genuine, final } = original()
      const lines = await sign(await forged(), original())
      expect(await codesOf(lines, original())).toEqual(insider)
      const shown = leavesOf(lines).length === leavesOf(genuine).length ? 'split_view' : 'inconsistent'
      if (insider.length === 0) expect(await codesOf(lines, original(), [final])).toEqual([shown])
    })
  })
}
