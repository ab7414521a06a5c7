// What a page needs beside htmx: theme, palette, keys, times, toasts, select-all, focus after a swap,
// failures told to the person. Everything works without it, only with more steps. No HTML strings, no
// handlers in markup.

import type { openEditor } from './editor.ts'
import { keepFolder } from './folder.ts'
import { keepKeys } from './keys.ts'
import { keepPalette } from './palette.ts'
import { keepPasskeys } from './passkey.ts'
import { keepSignals } from './signals.ts'
import { addLocalTimes, keepTimes } from './times.ts'
import { sendWithProgress } from './upload.ts'

const TOAST_MS = 8_000

interface EditorScript {
  readonly openEditor: typeof openEditor
}

interface HtmxContext {
  text: string
  swap: string
  readonly hx?: { readonly retarget?: string }
  readonly response?: { readonly status: number }
}

/** Fits out what has just come into the page. Safe to run twice on the same element. */
function fitOut(root: ParentNode): void {
  for (const part of root.querySelectorAll<HTMLElement>('[data-script], input[data-check-all]')) {
    part.hidden = false
  }
  for (const toast of root.querySelectorAll<HTMLElement>('.toast:not([data-timed])')) time(toast)
  countTicked(root)
  addLocalTimes(root)
  keepPasskeys(root)
  for (const field of root.querySelectorAll<HTMLTextAreaElement>('textarea[data-editor]')) {
    void fitEditor(field)
  }
}

// The editor is large and comes only to the pages that have one; until then, and if it does not come,
// the field is what it was.
async function fitEditor(field: HTMLTextAreaElement): Promise<void> {
  const { editor } = field.dataset
  if (editor === undefined) return
  delete field.dataset.editor
  const script = (await import(editor)) as EditorScript
  script.openEditor(field)
}

// A toast goes by itself, but not while somebody reads it or stands on its button.
function time(toast: HTMLElement): void {
  toast.dataset.timed = ''
  for (const button of toast.querySelectorAll<HTMLElement>('[data-dismiss]')) button.hidden = false
  const leave = () => {
    if (toast.matches(':hover, :focus-within')) setTimeout(leave, TOAST_MS)
    else toast.remove()
  }
  setTimeout(leave, TOAST_MS)
}

document.addEventListener('change', keepFolder)
document.addEventListener('submit', sendWithProgress)

document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element)) return
  target.closest('[data-dismiss]')?.closest('.toast')?.remove()
  const copyId = target.closest<HTMLElement>('[data-copy]')?.dataset.copy
  if (copyId !== undefined) void copyField(copyId)
  const theme = target.closest<HTMLElement>('[data-theme-set]')?.dataset.themeSet
  if (theme !== undefined) setTheme(theme)
})

// Without permission, or on plain http, the text is at least marked for the person to copy.
async function copyField(id: string): Promise<void> {
  const field = document.querySelector<HTMLInputElement>(`#${CSS.escape(id)}`)
  if (!field) return
  field.select()
  try {
    await navigator.clipboard.writeText(field.value)
  } catch {
    return
  }
  const button = document.querySelector(`[data-copy="${CSS.escape(id)}"]`)
  if (button) button.textContent = 'Copied'
}

function setTheme(theme: string): void {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme
    localStorage.removeItem('theme')
  } else {
    document.documentElement.dataset.theme = theme
    localStorage.setItem('theme', theme)
  }
  markTheme()
}

function markTheme(): void {
  const current = document.documentElement.dataset.theme ?? 'system'
  for (const button of document.querySelectorAll<HTMLElement>('[data-theme-set]')) {
    button.setAttribute('aria-pressed', String(button.dataset.themeSet === current))
  }
}

document.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.dataset.checkAll) return
  const boxes = target.form?.querySelectorAll<HTMLInputElement>(
    `input[name="${CSS.escape(target.dataset.checkAll)}"]`,
  )
  for (const box of boxes ?? []) box.checked = target.checked
})

// How many boxes of a form are ticked, said where the form says so.
document.addEventListener('change', ({ target }) => {
  const form = target instanceof HTMLInputElement ? target.form : null
  if (form) countTicked(form)
})

function countTicked(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>('[data-ticked]')) {
    const name = CSS.escape(place.dataset.ticked!)
    const boxes = place.closest('form')?.querySelectorAll(`input[name="${name}"]:checked`) ?? []
    place.textContent = boxes.length === 0 ? 'None ticked' : `${boxes.length} ticked`
  }
}

// When the thing that had the focus was swapped away, what took its place gets it.
let lastFocus: { readonly holderIds: readonly string[] } | undefined
document.addEventListener('htmx:before:swap', () => {
  const holderIds: string[] = []
  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) {
    const id = at.getAttribute('id')
    if (id) holderIds.push(id)
  }
  lastFocus = holderIds.length > 0 ? { holderIds } : undefined
})

function restoreFocus(): void {
  const lost = document.activeElement === null || document.activeElement === document.body
  if (!lastFocus || !lost) return
  for (const id of lastFocus.holderIds) {
    const place = document.getElementById(id)
    if (!place) continue
    if (!place.matches('a[href], button, input, select, textarea, [tabindex]')) {
      place.tabIndex = -1
    }
    place.focus({ preventScroll: true })
    return
  }
}

document.addEventListener('htmx:after:swap', restoreFocus)

// An error answer that is neither ours (it names its place) nor a form sent back is a proxy's page.
document.addEventListener('htmx:response:error', (event) => {
  const { ctx } = (event as CustomEvent<{ ctx: HtmxContext }>).detail
  if (ctx.hx?.retarget || ctx.response?.status === 422) return
  ctx.text = ''
  ctx.swap = 'none'
  tellProblem('The server did not answer as expected. Try again.')
})
document.addEventListener('htmx:error', () => {
  tellProblem('The server could not be reached. Try again.')
})
document.addEventListener('htmx:after:process', ({ target }) => {
  fitOut(target instanceof Element ? (target.parentElement ?? target) : document)
})

function tellProblem(message: string): void {
  document.querySelector('#problem')?.replaceChildren(message)
}

fitOut(document)
markTheme()
keepPalette()
keepKeys()
keepTimes(Number(document.body.dataset.servedAt))
keepSignals()
