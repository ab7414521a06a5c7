// The text of an exclusion made of an event: the fields that somebody ticked, as they stand there. Pure.

import type { RuleLogSource } from '#domain/rules/content.ts'

export type EventValue = string | number | boolean | null

/** Deeper and longer events are shown up to here. */
const DEPTH_MAX = 8
const FIELDS_MAX = 200
const VALUE_CHARS_MAX = 2_000

/** Fields with a plain value, nested ones by their path, in the order of the event. */
export function fieldsOfEvent(
  event: Readonly<Record<string, unknown>>,
): readonly (readonly [field: string, value: EventValue])[] {
  const found: (readonly [string, EventValue])[] = []
  const walk = (value: unknown, path: string, depth: number): void => {
    if (found.length >= FIELDS_MAX) return
    if (isPlain(value)) {
      if (typeof value !== 'string' || value.length <= VALUE_CHARS_MAX) found.push([path, value])
    } else if (!Array.isArray(value) && depth < DEPTH_MAX) {
      for (const [key, inner] of Object.entries(value as object)) {
        walk(inner, path === '' ? key : `${path}.${key}`, depth + 1)
      }
    }
  }
  walk(event, '', 0)
  return found
}

function isPlain(value: unknown): value is EventValue {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

export interface ExclusionWish {
  readonly title: string
  /** The id a text names it by: its Sigma id, or ours where it has none. */
  readonly reference: string
  readonly logsource: RuleLogSource | null
  readonly fields: readonly (readonly [field: string, value: EventValue])[]
}

/** A filter document; without fields one to be filled in. */
export function writeExclusion({ title, reference, logsource, fields }: ExclusionWish): string {
  const source = Object.entries(logsource ?? {}).map(([key, value]) => `  ${key}: ${quote(value)}`)
  const items =
    fields.length === 0
      ? ['    User: name of the account']
      : fields.map(([field, value]) => `    ${key(field)}: ${write(value)}`)
  return [
    `title: ${quote(title)}`,
    'logsource:',
    ...(source.length === 0 ? ['  product: windows'] : source),
    'filter:',
    '  rules:',
    `    - ${quote(reference)}`,
    '  selection:',
    ...items,
    '  condition: not selection',
    '',
  ].join('\n')
}

function write(value: EventValue): string {
  return typeof value === 'string' ? quote(literal(value)) : String(value)
}

/** As Sigma reads it back: no wildcard, and no backslash before one that is meant. */
function literal(text: string): string {
  return text.replaceAll(/\\(?=[\\*?]|$)|[*?]/g, String.raw`\$&`)
}

/** Plain words stand as they are; the rest in double quotes, whose escapes are those of JSON. */
function quote(text: string): string {
  const isWord = /^[A-Za-z][\w./@-]*(?: [\w./@-]+)*$/.test(text) && !WORDS_THAT_MEAN.test(text)
  return isWord ? text : JSON.stringify(text)
}

const WORDS_THAT_MEAN = /^(?:true|false|null|yes|no|on|off|y|n)$/i

function key(field: string): string {
  return /^[A-Za-z_][\w.]*$/.test(field) && !WORDS_THAT_MEAN.test(field)
    ? field
    : JSON.stringify(field)
}
