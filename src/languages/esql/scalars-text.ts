// ES|QL's functions of texts. Positions count characters from 1, and a character outside the basic
// plane is one. Source: elastic.co/docs, ES|QL "String functions" 9.x, read 2026-11.

import { Refusal, type Value } from '#languages/evaluation.ts'
import { compileRegex } from '#languages/regex.ts'
import type { EsqlScalar } from './scalars.ts'
import { isScalar, numberFrom, textFrom } from './values.ts'

function text(
  name: string,
  type: 'keyword' | 'long' | 'boolean',
  compute: (text: string, ...more: readonly Value[]) => Value,
): readonly [string, EsqlScalar] {
  const apply = ([value, ...more]: readonly Value[]) =>
    compute(textFrom(value, name.toUpperCase()), ...more)
  return [name, { type, apply }]
}

const bytes = (value: string) => new TextEncoder().encode(value).length
const characters = (value: string) => Array.from(value)

/** Accepts several values, each folded for itself. */
function folding(name: string, fold: (value: string) => string): readonly [string, EsqlScalar] {
  const one = (value: Value) => (value === null ? null : fold(textFrom(value, name.toUpperCase())))
  const apply = ([value = null]: readonly Value[]) =>
    isScalar(value) ? one(value) : value.map(one)
  return [name, { type: 'keyword', takesMany: true, apply }]
}

export const TEXT_SCALARS: readonly (readonly [string, EsqlScalar])[] = [
  text('bit_length', 'long', (value) => bytes(value) * 8),
  text('byte_length', 'long', bytes),
  [
    'concat',
    { type: 'keyword', apply: (given) => given.map((one) => textFrom(one, 'CONCAT')).join('') },
  ],
  text('contains', 'boolean', (value, part) => value.includes(textFrom(part, 'CONTAINS'))),
  text('ends_with', 'boolean', (value, end) => value.endsWith(textFrom(end, 'ENDS_WITH'))),
  text('starts_with', 'boolean', (value, start) =>
    value.startsWith(textFrom(start, 'STARTS_WITH')),
  ),
  text('left', 'keyword', (value, count) =>
    characters(value)
      .slice(0, Math.max(0, numberFrom(count, 'LEFT')))
      .join(''),
  ),
  text('right', 'keyword', (value, count) => {
    const length = numberFrom(count, 'RIGHT')
    return length <= 0 ? '' : characters(value).slice(-length).join('')
  }),
  text('length', 'long', (value) => characters(value).length),
  text('locate', 'long', locate),
  text('ltrim', 'keyword', (value) => value.trimStart()),
  text('rtrim', 'keyword', (value) => value.trimEnd()),
  text('trim', 'keyword', (value) => value.trim()),
  text('repeat', 'keyword', repeat),
  text('replace', 'keyword', replace),
  text('reverse', 'keyword', (value) => characters(value).toReversed().join('')),
  text('split', 'keyword', split),
  text('substring', 'keyword', substring),
  folding('to_lower', (value) => value.toLowerCase()),
  folding('to_upper', (value) => value.toUpperCase()),
  ['space', { type: 'keyword', apply: ([count]) => repeat(' ', count ?? null) }],
  text('url_encode', 'keyword', (value) => encodeUrl(value).replaceAll('%20', '+')),
  text('url_encode_component', 'keyword', encodeUrl),
  text('url_decode', 'keyword', decodeUrl),
  text('to_base64', 'keyword', (value) => toBase64(new TextEncoder().encode(value))),
  text('from_base64', 'keyword', fromBase64),
]

/** 0 when it is not there; the search begins at `start`. */
function locate(value: string, part: Value = null, start: Value = 1): Value {
  const all = characters(value)
  const from = all.slice(0, Math.max(0, numberFrom(start, 'LOCATE') - 1)).join('').length
  const at = value.indexOf(textFrom(part, 'LOCATE'), from)
  return at < 0 ? 0 : characters(value.slice(0, at)).length + 1
}

const REPEATED_CHARS_MAX = 1_048_576

function repeat(value: string, count: Value = null): Value {
  const times = numberFrom(count, 'REPEAT')
  if (times < 0) return null
  if (value.length * times > REPEATED_CHARS_MAX)
    throw new Refusal('too-large', 'The text is too long.')
  return value.repeat(times)
}

function replace(value: string, pattern: Value = null, replacement: Value = null): Value {
  const compiled = compileRegex(textFrom(pattern, 'REPLACE'), [])
  if ('refusal' in compiled) {
    throw new Refusal('regex', `The expression of REPLACE cannot run: ${compiled.refusal}.`)
  }
  return compiled.replace(value, textFrom(replacement, 'REPLACE'))
}

function split(value: string, delimiter: Value = null): Value {
  const parts = value.split(textFrom(delimiter, 'SPLIT'))
  return parts.length === 1 ? parts[0]! : parts
}

/** A negative start counts from the end. */
function substring(value: string, start: Value = null, length?: Value): Value {
  const all = characters(value)
  const from = numberFrom(start, 'SUBSTRING')
  const begin = from > 0 ? from - 1 : from < 0 ? Math.max(0, all.length + from) : 0
  if (length === undefined) return all.slice(begin).join('')
  const count = numberFrom(length, 'SUBSTRING')
  if (count < 0)
    throw new Refusal('wrong-arguments', 'SUBSTRING needs a length that is not negative.')
  return all.slice(begin, begin + count).join('')
}

function encodeUrl(value: string): string {
  const encoded = encodeURIComponent(value.toWellFormed())
  return encoded.replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function decodeUrl(value: string): Value {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '))
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}

function toBase64(data: Uint8Array): string {
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(''))
}

function fromBase64(value: string): Value {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return null
  const data = Uint8Array.from(atob(value), (character) => character.charCodeAt(0))
  return new TextDecoder().decode(data)
}
