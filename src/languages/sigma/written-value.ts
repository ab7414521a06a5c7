// Plain data as YAML text, in the style of published rules: block collections, text in single quotes
// where a plain word could be read as something else. What is printed is read back as the same value,
// by our reader and by stricter ones.

import { resolvePlain } from './scalar.ts'

export interface WritingStyle {
  /** Spaces further in for what is held by a key. */
  readonly step: number
  readonly lineBreak: string
}

/** `key: value` as whole lines at `indent`. */
export function writeEntry(
  name: string,
  value: unknown,
  indent: number,
  style: WritingStyle,
): string {
  return `${' '.repeat(indent)}${writeScalar(name)}:${writeHeld(value, indent, style)}`
}

/** `- value` as whole lines at `indent`. */
export function writeItem(value: unknown, indent: number, style: WritingStyle): string {
  const dash = `${' '.repeat(indent)}-`
  if (!isFull(value)) return `${dash}${writeHeld(value, indent, style)}`
  const lines = writeParts(value, indent + 2, style)
  return `${dash} ${lines.slice(indent + 2)}`
}

/** What follows a key's colon or a dash, up to and with the line end. */
export function writeHeld(value: unknown, indent: number, style: WritingStyle): string {
  if (isFull(value)) return style.lineBreak + writeParts(value, indent + style.step, style)
  if (typeof value === 'string' && isBlockText(value)) return writeBlockText(value, indent, style)
  return ` ${writeFlow(value)}${style.lineBreak}`
}

/** On one line, whatever it is. */
export function writeFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeFlow).join(', ')}]`
  if (typeof value !== 'object' || value === null) return writeScalar(value)
  const entries = Object.entries(value).map(([name, item]) => writeFlowEntry(name, item))
  return `{${entries.join(', ')}}`
}

export function writeFlowEntry(name: string, value: unknown): string {
  return `${writeScalar(name)}: ${writeFlow(value)}`
}

function writeParts(value: object, indent: number, style: WritingStyle): string {
  if (Array.isArray(value)) return value.map((item) => writeItem(item, indent, style)).join('')
  const entries = Object.entries(value)
  return entries.map(([name, item]) => writeEntry(name, item, indent, style)).join('')
}

function isFull(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

// Letters first, and nothing that YAML or another reader of it could take for syntax.
const WORDS = /^[\p{L}\p{N}_/](?:[\p{L}\p{N}_./()@+*|-]| (?=[^ ]))*$/u
/** YAML 1.1 knows these as truths; some readers still do. */
const OTHERS_TRUTHS = /^[yn]$/i
// Line breaks of other kinds, control and byte order marks, halves of a character.
const UNPRINTABLE =
  // eslint-disable-next-line no-control-regex -- looking for them is the point
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/u

function writeScalar(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  const isPlain = WORDS.test(value) && resolvePlain(value) === value && !looksLikeNumber(value)
  if (isPlain && !OTHERS_TRUTHS.test(value)) return value
  if (value.includes('\n') || UNPRINTABLE.test(value)) return writeQuoted(value)
  return `'${value.replaceAll("'", "''")}'`
}

function looksLikeNumber(value: string): boolean {
  return (
    /^[\d.+-]/.test(value) &&
    (Number.isFinite(Number(value)) || /^[-+]?[\d.]+e[-+]?\d+$/i.test(value))
  )
}

function writeQuoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Several lines of printable text, the first of which shows the indentation. */
function isBlockText(value: string): boolean {
  if (!value.includes('\n') || UNPRINTABLE.test(value) || value.includes('\t')) return false
  return /^[^ \n]/.test(value) && !/\n\n$|\n +(?:\n|$)/.test(value)
}

function writeBlockText(value: string, indent: number, style: WritingStyle): string {
  const mark = value.endsWith('\n') ? '|' : '|-'
  const margin = ' '.repeat(indent + style.step)
  const lines = value.replace(/\n$/, '').split('\n')
  const body = lines.map((line) => (line === '' ? '' : margin + line)).join(style.lineBreak)
  return ` ${mark}${style.lineBreak}${body}${style.lineBreak}`
}
