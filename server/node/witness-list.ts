// The witnesses that the operator names in SAYSO_WITNESSES: the list itself, or a file that has it.
import { readFileSync } from 'node:fs'
import { refuse } from '../../core/refusal.ts'
import { parseWitnesses, type Witness } from '../cosigning.ts'

function readList(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return refuse('SAYSO_WITNESSES', 'environment', `Neither “vkey url” lines nor a file that can be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`)
  }
}

/** Reads them; throws a Refusal where the setting, the file or a line in it is wrong. */
export function readWitnesses(setting: string): Witness[] {
  if (setting.trim() === '') return []
  const isList = /\shttps?:\/\//.test(setting)
  return parseWitnesses(isList ? setting : readList(setting.trim()))
}
