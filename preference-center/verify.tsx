// The checking page at work: takes a file by picking, dropping or pasting, checks it here, and says what it found.
// The one request it can make is for the service's own key, when somebody presses that button.
import { render } from 'preact'
import { type NoteKey, parseNoteKey } from '../core/checkpoint.ts'
import { Refusal } from '../core/refusal.ts'
import { createTranslate } from '../ui/i18n.ts'
import { checkFile, type Progress, readOrigin } from './check-file.ts'
import { summarize, VerifyResult } from './VerifyResult.tsx'

const PROGRESS_INTERVAL_MS = 150

/** What the page stands in, and how it asks for the key. */
export interface VerifyOptions {
  document: Document
  fetch: typeof globalThis.fetch
  /** Where the page is: the logs of this host are the service's own. */
  location: Pick<Location, 'host'>
}

/** Brings the form to life. */
export function startVerify({ document, fetch, location }: VerifyOptions): void {
  const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E
  const form = find<HTMLFormElement>('check')
  const [fileField, pasteField, keyField] = [find<HTMLInputElement>('file'), find<HTMLTextAreaElement>('paste'), find<HTMLTextAreaElement>('key')]
  const [status, result] = [find('status'), find('result')]
  const language = form.dataset.language!
  const t = createTranslate(language)
  let file: Blob | undefined
  let ownKey: string | undefined
  // Every check has a number, so that a slow one does not speak over a later one.
  let run = 0

  function complain(field: HTMLElement, errorId: string, message: string): void {
    const error = find(errorId)
    error.textContent = message
    error.hidden = false
    field.setAttribute('aria-invalid', 'true')
    field.focus()
    status.textContent = message
  }

  function calm(): void {
    for (const id of ['file-error', 'key-error']) find(id).hidden = true
    for (const field of [fileField, keyField]) field.removeAttribute('aria-invalid')
    status.textContent = ''
  }

  function clearResult(): void {
    run += 1
    render(null, result)
    status.classList.remove('unseen')
  }

  function choose(chosen: Blob | undefined): void {
    file = chosen
    clearResult()
    calm()
  }

  function readKeys(): NoteKey[] | undefined {
    const lines = keyField.value.split('\n').filter((line) => line.trim() !== '')
    if (lines.length === 0) return void complain(keyField, 'key-error', t('verify.key_first'))
    try {
      return lines.map(parseNoteKey)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return void complain(keyField, 'key-error', t('verify.key_wrong'))
    }
  }

  async function check(): Promise<void> {
    calm()
    if (!file) return complain(fileField, 'file-error', t('verify.choose_first'))
    const keys = readKeys()
    if (!keys) return
    clearResult()
    const own = run
    let shownAt = 0
    const showProgress = ({ bytes, totalBytes, leaves }: Progress) => {
      if (own !== run || performance.now() - shownAt < PROGRESS_INTERVAL_MS) return
      shownAt = performance.now()
      const percent = Math.floor((bytes / Math.max(totalBytes, 1)) * 100)
      render(<p><progress max={100} value={percent} aria-label={t('verify.progress', { percent, count: leaves })} /><br />{t('verify.progress', { percent, count: leaves })}</p>, result)
    }
    try {
      const found = await checkFile(file, keys, showProgress)
      if (own !== run) return
      render(<VerifyResult result={found} language={language} isKeyOwn={keyField.value === ownKey} />, result)
      // Heard only: the same sentence is seen in the result.
      status.classList.add('unseen')
      status.textContent = summarize(found, language)
    } catch {
      // The file went away, or the disk failed: nothing about its content.
      if (own === run) complain(fileField, 'file-error', t('verify.unreadable'))
    }
  }

  async function fillInOwnKey(): Promise<void> {
    calm()
    if (!file) return complain(fileField, 'file-error', t('verify.choose_first'))
    const origin = (await readOrigin(file)) ?? ''
    const site = origin.startsWith(`${location.host}/log/`) ? origin.slice(`${location.host}/log/`.length) : ''
    if (!/^[a-z0-9-]+(?:\.access)?$/.test(site)) return complain(keyField, 'key-error', t('verify.key_foreign', { origin }))
    try {
      const response = await fetch(`/log/${site}/key`, { credentials: 'omit' })
      if (!response.ok) return complain(keyField, 'key-error', t('verify.key_unreachable'))
      keyField.value = ownKey = (await response.text()).trim()
      status.textContent = t('verify.key_fetched')
    } catch {
      complain(keyField, 'key-error', t('verify.key_unreachable'))
    }
  }

  fileField.addEventListener('change', () => {
    pasteField.value = ''
    choose(fileField.files?.[0])
  })
  pasteField.addEventListener('input', () => {
    fileField.value = ''
    choose(pasteField.value.trim() === '' ? undefined : new Blob([pasteField.value]))
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void check()
  })
  find('use-key').addEventListener('click', () => void fillInOwnKey())
  document.addEventListener('dragover', (event) => {
    event.preventDefault()
    document.body.classList.add('is-dropping')
  })
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('is-dropping')
  })
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    document.body.classList.remove('is-dropping')
    const [dropped] = event.dataTransfer?.files ?? []
    if (!dropped) return
    fileField.files = event.dataTransfer!.files
    pasteField.value = ''
    choose(dropped)
    status.textContent = t('verify.file_dropped', { name: dropped.name })
  })
  form.hidden = false
}
