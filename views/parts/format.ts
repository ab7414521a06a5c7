// Times, durations, sizes and counts as words for a person. Pure, so that the server and the browser
// say the same. British spelling, thin spaces between thousands, the minus sign, no invented zero.

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const THIN_SPACE = '\u2009'
const MINUS = '\u2212'

/** `48 214` with thin spaces; a fraction keeps at most one digit. */
export function formatNumber(value: number): string {
  const rounded = Math.round(Math.abs(value) * 10) / 10
  const [whole = '', fraction] = String(rounded).split('.')
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, THIN_SPACE)
  const sign = value < 0 && rounded !== 0 ? MINUS : ''
  return sign + grouped + (fraction === undefined ? '' : `.${fraction}`)
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** Decimal units, as disks are sold: `4.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (Math.round(value * 10) / 10 >= 1_000 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${formatNumber(value)} ${value === 1 && unit === 0 ? 'byte' : BYTE_UNITS[unit]}`
}

/** The largest unit that says enough: `40 s`, `6 min`, `3 h 40 min`, `2 days`. Never negative. */
export function formatSpan(ms: number): string {
  const span = Math.max(0, ms)
  if (span < SECOND) return 'under 1 s'
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`
  if (span < DAY) {
    const minutes = Math.floor((span % HOUR) / MINUTE)
    return `${Math.floor(span / HOUR)} h${minutes === 0 ? '' : ` ${minutes} min`}`
  }
  const days = Math.floor(span / DAY)
  return days === 1 ? '1 day' : `${formatNumber(days)} days`
}

/** `6 min ago`, `in 2 h`, `now`; beyond 30 days the date itself. */
export function formatRelative(at: number, now: number): string {
  const distance = now - at
  if (Math.abs(distance) < 5 * SECOND) return 'now'
  if (Math.abs(distance) > 30 * DAY) return formatDate(at)
  const span = formatSpan(Math.abs(distance)).replace(/^(\d+ h) \d+ min$/, '$1')
  return distance > 0 ? `${span} ago` : `in ${span}`
}

const parts = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options })
const DATE = parts({ day: 'numeric', month: 'long', year: 'numeric' })
const DAY_NAME = parts({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
const CLOCK = parts({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

/** `19 November 2026`, in UTC. */
export const formatDate = (at: number): string => DATE.format(at)

/** `Thursday 19 November 2026`, in UTC. */
export const formatDay = (at: number): string => DAY_NAME.format(at).replace(',', '')

/** `14:22:18`, in UTC. */
export const formatClock = (at: number): string => CLOCK.format(at)

/** `2026-11-19 14:22:18 UTC`: exact, for a title or a copy. */
export const formatExact = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** Up to two letters that stand for a name in an avatar; `?` when it has none. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? []
  const picked = words.length > 1 ? [words[0]!, words.at(-1)!] : words
  return picked.map((word) => firstLetter(word)).join('') || '?'
}

/** `1 rule`, `640 rules`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`
}

/** The first character of a word, whole even when it takes two code units. */
export function firstLetter(word: string): string {
  return String.fromCodePoint(word.codePointAt(0) ?? 63).toUpperCase()
}

/** The beginning of a text that may be of any length, with an ellipsis for the rest. */
export function clip(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text
  // Half of a pair of code units is no character.
  return `${text.slice(0, charsMax).replace(/[\uD800-\uDBFF]$/, '')}…`
}
