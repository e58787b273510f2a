// Has witnesses cosign the newest checkpoints (C2SP tlog-witness), in the background: nothing waits for it, so a
// witness that is down, slow or lying costs nobody a receipt. Only cosignatures that hold, of configured keys, are kept.
// All witnesses are asked about the same checkpoint, so that their cosignatures meet under one.
import { type NoteKey, formatNoteKey, parseWitnessKey } from '../core/checkpoint.ts'
import { verifyCosignatures } from '../core/cosignature.ts'
import { type FieldError, Refusal } from '../core/refusal.ts'
import { proveConsistency } from '../core/tree.ts'
import { readText } from './body.ts'
import type { Service } from './service.ts'
import { createNodeReader } from './tiles.ts'
import { createVoucher, type Voucher } from './voucher.ts'
import { formatSubmission } from './witness.ts'

const ANSWER_LIMIT_BYTES = 16 * 1024
const TIMEOUT_MS = 10_000
const PAUSE_MS = 1000
const CONFLICTS = 3
const BACK_OFF_SECONDS = [5, 30, 120, 600]

/** A witness as configured. */
export interface Witness {
  key: NoteKey
  /** Its submission prefix, without a slash at the end. */
  url: string
}

/** What a cosigner works with. Addresses come from the operator's configuration alone. */
export interface CosignerOptions extends Pick<Service, 'store' | 'now' | 'log'> {
  witnesses: readonly Witness[]
  fetch: typeof globalThis.fetch
  /** A witness that has not answered by then is tried again later. */
  timeoutMs?: number
  /** Between two rounds about one site. */
  pauseMs?: number
}

/** The witnesses of a configuration: a `vkey url` a line, # before a comment. Throws a Refusal that names the line. */
export function parseWitnesses(text: string): Witness[] {
  const errors: FieldError[] = []
  const witnesses: Witness[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const [vkey = '', url = '', ...more] = line.trim().split(/\s+/)
    if (vkey === '' || vkey.startsWith('#')) continue
    const fail = (detail: string) => errors.push({ pointer: `SAYSO_WITNESSES, line ${i + 1}`, code: 'environment', detail })
    const { protocol, search, hash, username } = URL.canParse(url) ? new URL(url) : { protocol: '', search: '', hash: '', username: '' }
    if (!/^https?:$/.test(protocol) || search + hash + username !== '' || more.length > 0) {
      fail('Expected a vkey, a space, and the address of the witness: https://witness.example/prefix')
      continue
    }
    try {
      const key = parseWitnessKey(vkey)
      if (witnesses.some((known) => formatNoteKey(known.key).split('+')[2] === formatNoteKey(key).split('+')[2])) fail('This key stands twice.')
      else witnesses.push({ key, url: url.replace(/\/+$/, '') })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      fail(error.errors[0]!.detail)
    }
  }
  if (errors.length > 0) throw new Refusal(errors)
  return witnesses
}

/** A checkpoint that witnesses are asked about. */
interface Question {
  site: string
  size: number
  note: string
  signal: AbortSignal
}

/** What a witness did that brings no cosignature; the words are for the operator. */
class Fruitless extends Error {}

/** Asks these witnesses. */
export function createCosigner({ store, witnesses, fetch, now, log, timeoutMs = TIMEOUT_MS, pauseMs = PAUSE_MS }: CosignerOptions): Voucher {
  /** By site and vkey: the size that the witness has cosigned, and when to ask again after failures. */
  const cosignedSizes = new Map<string, number>()
  const failures = new Map<string, { count: number; retryAtMs: number }>()

  /** Asks once, from the size that the witness is thought to have; a number is the size that it says it has. */
  async function ask({ site, size, note, signal }: Question, oldSize: number, { key, url }: Witness): Promise<string | number> {
    const proof = await proveConsistency(oldSize, size, createNodeReader((tiles) => store.readTiles(site, tiles)))
    const response = await fetch(`${url}/add-checkpoint`, {
      method: 'POST', body: formatSubmission({ oldSize, proof, note }), headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'error', signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const text = await readText(response, ANSWER_LIMIT_BYTES)
    if (response.status === 409) {
      const told = /^(0|[1-9]\d{0,14})\n$/.test(text) ? Number(text) : undefined
      if (told === undefined || response.headers.get('content-type') !== 'text/x.tlog.size') throw new Fruitless('it answered 409 without a size')
      return told
    }
    if (response.status !== 200) throw new Fruitless(`it answered ${response.status}`)
    // Nothing but signature lines: an empty line among them would move where the note's text ends.
    if (!/^(?:— [^\n]+\n)+$/.test(text)) throw new Fruitless('its answer is not a list of signatures')
    const [cosignature] = await verifyCosignatures(note + text, [key])
    if (!cosignature) throw new Fruitless('its answer has no cosignature of its key')
    return cosignature.line
  }

  async function submit(question: Question, witness: Witness): Promise<void> {
    const { site, size } = question
    const vkey = formatNoteKey(witness.key)
    const slot = `${site} ${vkey}`
    let oldSize = Math.min(cosignedSizes.get(slot) ?? 0, size)
    for (let tries = 0; tries < CONFLICTS; tries += 1) {
      const answer = await ask(question, oldSize, witness)
      if (typeof answer === 'string') {
        await store.addCosignature({ site, size, witness: vkey, line: answer })
        cosignedSizes.set(slot, size)
        return
      }
      cosignedSizes.set(slot, answer)
      if (answer > size) {
        // Another process of this service may have been quicker; else this log lost leaves that the witness saw.
        if ((await store.readHead(site)).size >= answer) return
        throw new Fruitless(`it has seen ${answer} leaves of this log, which has ${size}: was an older copy restored?`)
      }
      oldSize = answer
    }
    throw new Fruitless('it keeps saying another size')
  }

  async function tryWitness(question: Question, witness: Witness): Promise<void> {
    const { site, size, signal } = question
    const slot = `${site} ${formatNoteKey(witness.key)}`
    try {
      await submit(question, witness)
      failures.delete(slot)
    } catch (error) {
      if (signal.aborted) return
      const count = (failures.get(slot)?.count ?? 0) + 1
      const seconds = BACK_OFF_SECONDS[Math.min(count, BACK_OFF_SECONDS.length) - 1]!
      failures.set(slot, { count, retryAtMs: now() + seconds * 1000 })
      const reason = error instanceof Fruitless || error instanceof Refusal ? error.message : error instanceof Error ? error.name : 'unknown'
      log(`witness ${witness.key.name} did not cosign ${site} at ${size} (${reason}); asked again in ${seconds} s at the earliest`)
    }
  }

  async function holdRound(site: string, signal: AbortSignal): Promise<void> {
    const { size, checkpoint } = await store.readHead(site)
    if (checkpoint === null || size === 0) return
    const kept = new Set((await store.readCosignatures(site, size)).map(({ witness }) => witness))
    const due = witnesses.filter(({ key }) => {
      const vkey = formatNoteKey(key)
      return !kept.has(vkey) && (failures.get(`${site} ${vkey}`)?.retryAtMs ?? 0) <= now()
    })
    await Promise.all(due.map((witness) => tryWitness({ site, size, note: checkpoint, signal }, witness)))
  }

  return createVoucher({ holdRound, pauseMs, log })
}
