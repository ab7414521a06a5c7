// Opens the palette over the page and moves through its results by arrow keys. Without this file the
// search link leads to a page that does the same.

const RESULTS = '[data-result]'

const palette = (): HTMLDialogElement | null => document.querySelector('dialog#palette')

export function keepPalette(): void {
  document.addEventListener('click', (event) => {
    const opener = event.target instanceof Element && event.target.closest('[data-opens="palette"]')
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (openPalette()) event.preventDefault()
  })
  document.addEventListener('keydown', (event) => {
    const isOpener = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k'
    if (isOpener && openPalette()) event.preventDefault()
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') move(event)
    if (event.key === 'Enter') takeFirst(event)
    else isEnterPending = false
  })
  document.addEventListener('htmx:after:swap', takePending)
  document.addEventListener('htmx:after:process', loadFirstResults)
  palette()?.addEventListener('click', (event) => {
    if (event.target === palette()) palette()?.close() // the backdrop belongs to the dialog itself
  })
}

function openPalette(): boolean {
  const dialog = palette()
  if (dialog && !dialog.open) {
    dialog.showModal()
    dialog.querySelector('input')?.select()
    askForResults(dialog)
  }
  return dialog !== null
}

function askForResults(dialog: HTMLDialogElement): void {
  dialog.querySelector('form')?.dispatchEvent(new CustomEvent('palette:open'))
}

// htmx takes up the page a turn after this script: who was quicker has opened an empty palette.
function loadFirstResults(): void {
  const dialog = palette()
  if (dialog?.open && !dialog.querySelector('[data-q]')) askForResults(dialog)
}

function move(event: KeyboardEvent): void {
  const dialog = palette()
  if (!dialog?.open) return
  const stops = [...dialog.querySelectorAll<HTMLElement>(`input, ${RESULTS}`)]
  const step = event.key === 'ArrowDown' ? 1 : -1
  stops[stops.indexOf(document.activeElement as HTMLElement) + step]?.focus()
  event.preventDefault()
}

// Enter in the box takes the first result: who types two letters and Enter means that one. Results of
// what was typed before do not count: then the act waits for the ones that are on their way.
let isEnterPending = false

function takeFirst(event: KeyboardEvent): void {
  const dialog = palette()
  if (!dialog?.open || !(event.target instanceof HTMLInputElement) || event.isComposing) return
  event.preventDefault()
  isEnterPending = true
  takePending()
}

function takePending(): void {
  const dialog = palette()
  if (!isEnterPending || !dialog?.open) return
  const results = dialog.querySelector<HTMLElement>('[data-q]')
  if (!results || results.dataset.q !== dialog.querySelector('input')?.value) return
  isEnterPending = false
  results.querySelector<HTMLElement>(RESULTS)?.click()
}
