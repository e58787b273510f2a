// The witnesses that the operator names in SAYSO_WITNESSES: the list itself, or a file that has it.
import { readFile } from 'node:fs/promises'
import { refuse } from '../../core/refusal.ts'
import { parseWitnesses, type Witness } from '../cosigning.ts'

/** Reads them; throws a Refusal where the setting, the file or a line in it is wrong. */
export async function readWitnesses(setting: string | undefined): Promise<Witness[]> {
  if (setting === undefined) return []
  const isList = /\shttps?:\/\//.test(setting)
  return parseWitnesses(isList ? setting : await readFile(setting, 'utf8').catch((error: NodeJS.ErrnoException) =>
    refuse('SAYSO_WITNESSES', 'environment', `Neither “vkey url” lines nor a file that can be read (${error.code ?? 'unknown'}).`)))
}
