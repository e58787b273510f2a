// A document that several commands write: each has a section of its own between two comment lines, and leaves the rest.
import { readFileSync, writeFileSync } from 'node:fs'

/** `document` with the section of this name replaced, or added at the end where there is none yet. */
export function replaceSection(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`]
  const section = `${begin}\n${text.trim()}\n${end}`
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from === -1 && to === -1) return `${document.trimEnd()}\n\n${section}\n`
  if (from === -1 || to < from) throw new Error(`The marks of the section ${name} do not pair.`)
  return document.slice(0, from) + section + document.slice(to + end.length)
}

/** Replaces one section of a file. */
export function writeSection(path: string, name: string, text: string): void {
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), name, text))
}
