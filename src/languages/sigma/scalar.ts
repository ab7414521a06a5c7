// What an unquoted YAML scalar means, by YAML 1.1 (yaml.org/type) as the community's reference reader
// implements it: narrower than the specification for floats, and every published rule was tested with
// it. Dates and times stay text: rules compare them as text, and no field value becomes a date.

/** A number too large to be exact stays text, so that no digit of an identifier is lost. */
export type ScalarValue = string | number | boolean | null

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL'])
const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  ['yes', 'true', 'on', 'no', 'false', 'off'].flatMap((word, index) => {
    const title = word[0]!.toUpperCase() + word.slice(1)
    return [word, title, word.toUpperCase()].map((spelling) => [spelling, index < 3] as const)
  }),
)

const INTEGER = /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*(?::[0-5]?[0-9])*)$/
const FLOAT =
  /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/

export function resolvePlain(text: string): ScalarValue {
  if (NULLS.has(text)) return null
  const truth = BOOLEANS.get(text)
  if (truth !== undefined) return truth
  const first = text.charCodeAt(0)
  const isNumeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46
  if (!isNumeric) return text
  if (INTEGER.test(text)) return exact(text, readInteger(text))
  if (FLOAT.test(text)) return exact(text, readSexagesimal(text.replaceAll('_', ''), Number))
  return text
}

/** True when the value is not what a reader of plain text expects: `010`, `12:30`, `yes`. */
export function isSurprising(text: string): boolean {
  const value = resolvePlain(text)
  if (typeof value === 'boolean') return !/^(?:true|false)$/i.test(text)
  return typeof value === 'number' && !/^-?(?:0|[1-9]\d*)(?:\.\d+)?$|^0x/.test(text)
}

function readInteger(text: string): number {
  const isNegative = text.startsWith('-')
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '')
  const magnitude = readMagnitude(digits)
  return isNegative ? -magnitude : magnitude
}

function readMagnitude(digits: string): number {
  if (digits.startsWith('0b') || digits.startsWith('0x')) return Number(digits)
  if (digits.startsWith('0')) return Number.parseInt(digits, 8)
  return readSexagesimal(digits, Number)
}

/** `190:20:30` is base 60; a number without a colon is read by `leaf` alone. */
function readSexagesimal(text: string, leaf: (digits: string) => number): number {
  if (!text.includes(':')) return leaf(text)
  const isNegative = text.startsWith('-')
  const parts = text.replace(/^[-+]/, '').split(':')
  const value = parts.reduce((total, part) => total * 60 + leaf(part), 0)
  return isNegative ? -value : value
}

function exact(text: string, value: number): ScalarValue {
  if (!Number.isFinite(value)) return text
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value
}
