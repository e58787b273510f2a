// Columns in one temporary folder, so that an audit of any length needs little memory. Not durable, not shared.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Column, CreateColumn } from '../../core/column.ts'

const BUFFER_BYTES = 64 * 1024
/** Short reads go through pages, of which the last few are kept: the roots of a log's states share most of their nodes. */
const PAGE_BYTES = 16 * 1024
const PAGES_KEPT = 32
const SHORT_BYTES = 1024

interface FileColumn extends Column {
  close(): void
}

function openColumn(path: string): FileColumn {
  const file = openSync(path, 'wx+', 0o600)
  // Where a file may lose its name while it is open, nothing is left behind even by a process that is killed.
  if (process.platform !== 'win32') unlinkSync(path)
  const buffer = new Uint8Array(BUFFER_BYTES)
  let written = 0
  let buffered = 0

  const pages = new Map<number, Uint8Array>()

  function readFile(bytes: Uint8Array, offset: number): void {
    for (let at = 0; at < bytes.length;) {
      const count = readSync(file, bytes, at, bytes.length - at, offset + at)
      if (count === 0) throw new Error(`${path} is shorter than what was written to it`)
      at += count
    }
  }

  /** A page that is written in full, so that it changes no more. */
  function readPage(number: number): Uint8Array {
    const page = pages.get(number) ?? new Uint8Array(PAGE_BYTES)
    if (!pages.delete(number)) readFile(page, number * PAGE_BYTES)
    pages.set(number, page)
    if (pages.size > PAGES_KEPT) pages.delete(pages.keys().next().value!)
    return page
  }

  function readWritten(bytes: Uint8Array, offset: number): void {
    const number = Math.floor(offset / PAGE_BYTES)
    const start = offset - number * PAGE_BYTES
    const isInPage = bytes.length <= SHORT_BYTES && start + bytes.length <= PAGE_BYTES && (number + 1) * PAGE_BYTES <= written
    if (isInPage) bytes.set(readPage(number).subarray(start, start + bytes.length))
    else readFile(bytes, offset)
  }

  function write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, written + at)
    written += bytes.length
  }

  return {
    get length() {
      return written + buffered
    },
    append(bytes) {
      if (buffered + bytes.length > BUFFER_BYTES) {
        write(buffer.subarray(0, buffered))
        buffered = 0
      }
      if (bytes.length > BUFFER_BYTES) return write(bytes)
      buffer.set(bytes, buffered)
      buffered += bytes.length
    },
    read(offset, length) {
      const bytes = new Uint8Array(length)
      const inFile = Math.min(Math.max(written - offset, 0), length)
      if (inFile > 0) readWritten(bytes.subarray(0, inFile), offset)
      if (inFile < length) bytes.set(buffer.subarray(offset + inFile - written, offset + length - written), inFile)
      return bytes
    },
    close: () => closeSync(file),
  }
}

/** Columns in files; `close` removes them. */
export function createColumnFolder(): { createColumn: CreateColumn; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-audit-'))
  const columns: FileColumn[] = []
  return {
    createColumn() {
      const column = openColumn(join(folder, String(columns.length)))
      columns.push(column)
      return column
    },
    close() {
      for (const column of columns) column.close()
      rmSync(folder, { recursive: true })
    },
  }
}
