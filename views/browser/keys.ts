// Keys typed one after the other press the link that names them (`data-keys="g a"`) or go to the field
// that does; `j` and `k` go through the rows of a list (`data-row`), where Enter opens and `x` ticks; `?` opens
// the list of keys. They do nothing while somebody types, and can be switched off: speech input would otherwise
// set them off by accident.

const CHORD_MS = 1_200
const SETTING = 'single-keys'

export function keepKeys(): void {
  const toggle = document.querySelector<HTMLInputElement>('[data-keys-switch]')
  let isOn = localStorage.getItem(SETTING) !== 'off'
  if (toggle) {
    toggle.checked = isOn
    toggle.addEventListener('change', () => {
      isOn = toggle.checked
      localStorage.setItem(SETTING, isOn ? 'on' : 'off')
    })
  }

  document.querySelector('#keys')?.addEventListener('beforetoggle', listOwnKeys)
  let typed = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  document.addEventListener('keydown', (event) => {
    if (!isOn || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === '?') return document.querySelector<HTMLElement>('#keys')?.togglePopover()
    if (event.key.length !== 1) return
    clearTimeout(timer)
    timer = setTimeout(() => (typed = ''), CHORD_MS)
    typed = `${typed} ${event.key.toLowerCase()}`.trim()
    if (press(typed) || goToRow(typed) || tickRow(typed)) {
      event.preventDefault() // or the field that was gone to would get the key
      typed = ''
    } else if (!isBegun(typed)) typed = event.key.toLowerCase()
  })
}

/** What this page adds to the keys of every page, read from what they press. */
function listOwnKeys(): void {
  const list = document.querySelector('#keys dl')
  for (const old of list?.querySelectorAll('[data-own]') ?? []) old.remove()
  for (const [name, keys] of ownKeys().toReversed()) {
    const term = Object.assign(document.createElement('dt'), { textContent: name })
    const value = document.createElement('dd')
    for (const key of keys.split(' ')) {
      const text = key.length === 1 ? key.toUpperCase() : key
      const shown = Object.assign(document.createElement('kbd'), { textContent: text })
      shown.className = 'kbd'
      value.append(shown, ' ')
    }
    for (const part of [value, term]) {
      part.dataset.own = ''
      list?.prepend(part)
    }
  }
}

function ownKeys(): readonly (readonly [name: string, keys: string])[] {
  const inMain = [...document.querySelectorAll<HTMLElement>('main [data-keys]')]
  const has = (selector: string) => document.querySelector(`main ${selector}`) !== null
  return [
    ...inMain.map((one) => [nameOf(one), one.dataset.keys ?? ''] as const),
    ...(has('[data-row]') ? LIST_KEYS : []),
    ...(has('tr [name=rule]') ? [['Tick the rule', 'x'] as const] : []),
    ...(has('textarea[data-words]') ? EDITOR_KEYS : []),
  ]
}

const LIST_KEYS = [
  ['Next row', 'j'],
  ['Row before', 'k'],
  ['Open the row', 'Enter'],
] as const
const EDITOR_KEYS = [
  ['Save', 'Ctrl s'],
  ['Find in the text', 'Ctrl f'],
  ['Offer words', 'Ctrl Space'],
  ['Next problem', 'F8'],
] as const

const nameOf = (one: HTMLElement) => one.ariaLabel ?? one.textContent.replaceAll(/\s+/g, ' ').trim()

function press(keys: string): boolean {
  const link = links().find((one) => one.dataset.keys === keys)
  if (link instanceof HTMLInputElement || link instanceof HTMLTextAreaElement) {
    link.focus()
    link.select()
  } else link?.click()
  return link !== undefined
}

function goToRow(key: string): boolean {
  if (key !== 'j' && key !== 'k') return false
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  const row = key === 'j' ? rows[at + 1] : rows[Math.max(at - 1, 0)]
  row?.focus()
  return row !== undefined
}

function tickRow(key: string): boolean {
  const row = key === 'x' ? document.activeElement?.closest('tr') : null
  const box = row?.querySelector<HTMLInputElement>('input[type=checkbox]')
  box?.click()
  return box !== null && box !== undefined
}

const isBegun = (keys: string) => links().some((one) => one.dataset.keys?.startsWith(`${keys} `))

const links = () => [...document.querySelectorAll<HTMLElement>('[data-keys]')]

function isTyping(event: KeyboardEvent): boolean {
  const { target } = event
  if (event.isComposing || document.querySelector('dialog[open]')) return true
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox]), textarea, select'))
  )
}
