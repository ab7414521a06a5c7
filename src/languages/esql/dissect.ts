// DISSECT: a text cut at the delimiters of a pattern. Source: elastic.co/docs, ES|QL "Process data with
// DISSECT and GROK" and the dissect processor's key modifiers, read 2026-11.

import { Refusal } from '#languages/evaluation.ts'

interface Key {
  readonly name: string
  readonly modifier: '' | '+' | '?'
  readonly isPadded: boolean
  /** Among keys that are appended, where this one comes. */
  readonly order: number
  /** The text up to the next key. */
  readonly delimiter: string
}

export interface Dissector {
  readonly names: readonly string[]
  /** Undefined when the text does not fit. */
  read(text: string): ReadonlyMap<string, string> | undefined
}

/** Throws `Refusal`. */
export function compileDissect(pattern: string, separator: string): Dissector {
  const keys: Key[] = []
  const places = [...pattern.matchAll(/%\{([^}]*)\}/g)]
  const prefix = pattern.slice(0, places[0]?.index ?? 0)
  for (const [at, place] of places.entries()) {
    const end = place.index + place[0].length
    const delimiter = pattern.slice(end, places[at + 1]?.index ?? pattern.length)
    keys.push(readKey(place[1]!, delimiter))
  }
  if (keys.length === 0) throw new Refusal('bad-pattern', 'DISSECT needs a key such as %{name}.')
  const names = [...new Set(keys.filter(isNamed).map(({ name }) => name))]
  return { names, read: (text) => read(text, prefix, keys, separator) }
}

const isNamed = ({ name, modifier }: Key) => name !== '' && modifier !== '?'

function readKey(written: string, delimiter: string): Key {
  const match = /^([+?*&]?)([^/>]*)(?:\/(\d+))?(->)?$/.exec(written)
  const [, modifier = '', name = '', order = '0', padding] = match ?? []
  if (match === null || modifier === '*' || modifier === '&') {
    throw new Refusal('bad-pattern', `DISSECT does not know the key %{${written}}.`)
  }
  const known = modifier as Key['modifier']
  return { name, modifier: known, isPadded: padding !== undefined, order: Number(order), delimiter }
}

function read(
  text: string,
  prefix: string,
  keys: readonly Key[],
  separator: string,
): ReadonlyMap<string, string> | undefined {
  if (!text.startsWith(prefix)) return undefined
  const found: { readonly key: Key; readonly value: string }[] = []
  let at = prefix.length
  for (const key of keys) {
    const end = key.delimiter === '' ? text.length : text.indexOf(key.delimiter, at)
    if (end < 0) return undefined
    found.push({ key, value: text.slice(at, end) })
    at = end + key.delimiter.length
    if (key.isPadded) while (text.startsWith(key.delimiter, at)) at += key.delimiter.length
  }
  const values = new Map<string, string>()
  for (const { key, value } of found.toSorted((a, b) => a.key.order - b.key.order)) {
    if (!isNamed(key)) continue
    const before = key.modifier === '+' ? values.get(key.name) : undefined
    values.set(key.name, before === undefined ? value : `${before}${separator}${value}`)
  }
  return values
}
