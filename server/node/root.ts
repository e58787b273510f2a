// Where the project's own files are, whether this runs from the sources or from dist/.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The nearest folder above this file that has a package.json. */
export function findProjectRoot(from = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json')) || dirname(from) === from) return from
  return findProjectRoot(dirname(from))
}
