// Kusto's functions of texts; positions count from 0. Source: learn.microsoft.com, Kusto "String
// functions", read 2026-11.

import { Refusal, unsupported } from '#languages/evaluation.ts'
import { compileRegex, type CompiledRegex } from '#languages/regex.ts'
import type { KustoScalar } from './scalars.ts'
import { textOf, type KustoType, type KustoValue } from './values.ts'

type Entry = readonly [string, KustoScalar]

function text(
  name: string,
  type: KustoType,
  apply: (text: string, ...more: readonly KustoValue[]) => KustoValue,
): Entry {
  return [
    name,
    {
      type,
      apply: ([value = null, ...more], [own = 'string']) => apply(textOf(value, own), ...more),
    },
  ]
}

const plain = (value: KustoValue | undefined) => textOf(value ?? null, 'dynamic')
const numberIn = (value: KustoValue | undefined, missing: number) =>
  typeof value === 'number' ? value : missing

function regex(pattern: KustoValue | undefined): CompiledRegex {
  const compiled = compileRegex(plain(pattern), [])
  if ('refusal' in compiled)
    throw new Refusal('regex', `This expression cannot run: ${compiled.refusal}.`)
  return compiled
}

export const TEXT_FUNCTIONS: readonly Entry[] = [
  text('strlen', 'long', (value) => Array.from(value).length),
  text('tolower', 'string', (value) => value.toLowerCase()),
  text('toupper', 'string', (value) => value.toUpperCase()),
  [
    'strcat',
    {
      type: 'string',
      apply: (given, types) => given.map((one, at) => textOf(one, types[at]!)).join(''),
    },
  ],
  [
    'strcat_delim',
    {
      type: 'string',
      apply: ([by = '', ...rest], [, ...types]) =>
        rest.map((one, at) => textOf(one, types[at]!)).join(plain(by)),
    },
  ],
  text('substring', 'string', (value, start, length) => {
    const all = Array.from(value)
    const from = numberIn(start, 0)
    const begin = from < 0 ? Math.max(0, all.length + from) : from
    return all.slice(begin, begin + Math.max(0, numberIn(length, all.length))).join('')
  }),
  text('split', 'dynamic', (value, by, at) => {
    const parts = value.split(plain(by))
    return typeof at === 'number' ? parts.slice(at, at + 1) : parts
  }),
  text('indexof', 'long', (value, part, start) => value.indexOf(plain(part), numberIn(start, 0))),
  text('reverse', 'string', (value) => Array.from(value).toReversed().join('')),
  text('replace_string', 'string', (value, from, to) =>
    value.replaceAll(plain(from), () => plain(to)),
  ),
  text('replace_regex', 'string', replace),
  // The old name, with the text last.
  [
    'replace',
    {
      type: 'string',
      apply: ([pattern, to, value = null]) => replace(plain(value), pattern ?? null, to ?? null),
    },
  ],
  [
    'trim',
    {
      type: 'string',
      apply: ([pattern, value = null]) => trim(plain(pattern), plain(value), true, true),
    },
  ],
  [
    'trim_start',
    {
      type: 'string',
      apply: ([pattern, value = null]) => trim(plain(pattern), plain(value), true, false),
    },
  ],
  [
    'trim_end',
    {
      type: 'string',
      apply: ([pattern, value = null]) => trim(plain(pattern), plain(value), false, true),
    },
  ],
  ['extract', { type: 'string', apply: extract }],
  text('countof', 'long', (value, part, kind) => {
    if (kind === 'regex') return regex(part).find(value, Number.POSITIVE_INFINITY).length
    return value.split(plain(part)).length - 1
  }),
  text('base64_encode_tostring', 'string', (value) =>
    btoa(Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join('')),
  ),
  text('base64_decode_tostring', 'string', (value) => {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return ''
    return new TextDecoder().decode(Uint8Array.from(atob(value), (one) => one.charCodeAt(0)))
  }),
  text('url_encode', 'string', (value) => encodeURIComponent(value.toWellFormed())),
  text('url_decode', 'string', (value) => {
    try {
      return decodeURIComponent(value)
    } catch (error) {
      if (error instanceof URIError) return value
      throw error
    }
  }),
]

/** `\1` stands for the first group. */
function replace(value: string, pattern?: KustoValue, to?: KustoValue): string {
  const written = plain(to).replaceAll(/\\(\d)|\$/g, (_, group?: string) =>
    group === undefined ? String.raw`\$` : `$${group}`,
  )
  return regex(pattern).replace(value, written)
}

function trim(pattern: string, value: string, isLeft: boolean, isRight: boolean): string {
  const start = isLeft ? (regex(`^(?:${pattern})`).find(value, 1)[0]?.end ?? 0) : 0
  const rest = value.slice(start)
  const end = isRight
    ? (regex(`(?:${pattern})$`).find(rest, 1)[0]?.start ?? rest.length)
    : rest.length
  return rest.slice(0, end)
}

/** Group 0 is the whole match; without a match the empty text. */
function extract([pattern, group, value, type]: readonly KustoValue[]): KustoValue {
  if (type !== undefined) throw unsupported('extract with a type')
  const [match] = regex(pattern).find(plain(value), 1)
  if (match === undefined) return ''
  const at = numberIn(group, 0)
  return at === 0 ? plain(value).slice(match.start, match.end) : (match.groups[at - 1] ?? '')
}
