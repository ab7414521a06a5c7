// A rule begun from an event that somebody has: the fields they pick become a detection that the event
// fires, with the event as its first test. Pure; the text is theirs to go on with.

import { knownSources } from '#languages/sigma/lint/logsource.ts'
import { writeText } from '#languages/sigma/value.ts'

export const FIELDS_MAX = 200
const DEPTH_MAX = 8
const NAME_CHARS_MAX = 500

type Scalar = string | number | boolean
export type PastedEvent = Readonly<Record<string, unknown>>

export interface EventField {
  /** Dotted where it is nested. */
  readonly name: string
  readonly value: Scalar
}

/** Undefined for a text that is no JSON object. */
export function readEvent(text: string): PastedEvent | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The fields with one value, in the order of the event; what else it holds cannot be picked. */
export function fieldsOf(event: PastedEvent): readonly EventField[] {
  return fieldsUnder(event, '', 0).slice(0, FIELDS_MAX)
}

function fieldsUnder(value: PastedEvent, prefix: string, depth: number): readonly EventField[] {
  return Object.entries(value).flatMap(([key, one]): readonly EventField[] => {
    const name = prefix + key
    if (name.length > NAME_CHARS_MAX || depth > DEPTH_MAX) return []
    if (isObject(one)) {
      return name === 'logsource' ? [] : fieldsUnder(one, `${name}.`, depth + 1)
    }
    // A stroke in a name would be read as a modifier.
    return isScalar(one) && !name.includes('|') ? [{ name, value: one }] : []
  })
}

/** `names` are those of fieldsOf; others are left out. */
export function ruleFromEvent(event: PastedEvent, names: readonly string[]): string {
  const picked = fieldsOf(event).filter(({ name }) => names.includes(name))
  const lines = picked.map(({ name, value }) => `    ${quoted(name)}: ${written(value)}`)
  const selection = lines.length === 0 ? '  selection: {}' : `  selection:\n${lines.join('\n')}`
  return `title: What this rule finds, in a few words
status: experimental
description: Why somebody should look at this.
logsource:
${sourceOf(event, picked)}
detection:
${selection}
  condition: selection
level: medium
rulewright:
  tests:
    - name: fires on the event it began with
      expect: match
      events: [${JSON.stringify(event)}]
    - name: silent without what was picked
      expect: no_match
      events: [{}]
`
}

/** The one that the event names, else the one whose events hold most of the fields. */
function sourceOf({ logsource }: PastedEvent, picked: readonly EventField[]): string {
  if (isObject(logsource)) {
    const named = ['product', 'category', 'service'].flatMap((key) => {
      const value = logsource[key]
      return typeof value === 'string' ? [`  ${key}: ${JSON.stringify(value)}`] : []
    })
    if (named.length > 0) return named.join('\n')
  }
  let best = { line: 'windows category process_creation', count: 0 }
  for (const [line, fields] of knownSources()) {
    const count = picked.filter(({ name }) => fields.has(name)).length
    if (count > best.count) best = { line, count }
  }
  const [product = '-', kind = 'category', name = ''] = best.line.split(' ')
  return [...(product === '-' ? [] : [`  product: ${product}`]), `  ${kind}: ${name}`].join('\n')
}

/** Text of an event is text: what would be a wildcard in a rule is written as itself. */
const written = (value: Scalar) =>
  JSON.stringify(typeof value === 'string' ? writeText([value]) : value)
const quoted = (name: string) => (/^[A-Za-z_][\w.-]*$/.test(name) ? name : JSON.stringify(name))

const isObject = (value: unknown): value is PastedEvent =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isScalar = (value: unknown): value is Scalar =>
  ['string', 'number', 'boolean'].includes(typeof value)
