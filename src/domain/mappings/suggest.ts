// Candidates for what a target calls a log source or a field, from what it says it holds. Each says why
// and how sure it is; none is ever applied by itself. Pure.

import type { SchemaTable, SiemKind } from '#domain/targets/port.ts'
import type { LogSourceKeys } from './input.ts'

export const CONFIDENCES = ['high', 'medium', 'low'] as const
export type Confidence = (typeof CONFIDENCES)[number]

export interface Candidate {
  /** A field, a table or an index; for Splunk `index=… sourcetype=…`. */
  readonly name: string
  readonly confidence: Confidence
  readonly reason: string
}

const CANDIDATES_MAX = 3

export interface FieldAsked {
  readonly field: string
  /** What it is called so far, which the target does not have. */
  readonly called: readonly string[]
  /** What other schemas call it: by whom, and how. */
  readonly synonyms: readonly (readonly [pipeline: string, name: string])[]
}

/** The surest first. */
export function suggestFields(
  { field, called, synonyms }: FieldAsked,
  columns: readonly string[],
): readonly Candidate[] {
  const found = new Map<string, Candidate>()
  const add = (name: string, confidence: Confidence, reason: string) => {
    if (!found.has(name)) found.set(name, { name, confidence, reason })
  }
  const has = new Set(columns)
  if (has.has(field)) add(field, 'high', 'the name that rules use')
  for (const [pipeline, name] of synonyms) {
    if (has.has(name)) add(name, 'high', `${pipeline} calls it so`)
  }
  const byLetters = new Map(columns.map((name) => [lettersOf(name), name]))
  for (const name of [field, ...called]) {
    const same = byLetters.get(lettersOf(name))
    if (same !== undefined) add(same, 'high', `${name}, written otherwise`)
  }
  for (const [pipeline, name] of synonyms) {
    // A data model stands before its fields: `Processes.process_path`.
    const same = byLetters.get(lettersOf(name)) ?? byLetters.get(lastPartOf(name))
    if (same !== undefined) add(same, 'medium', `${pipeline} calls it ${name}`)
  }
  const wanted = new Set([field, ...called].map(lastPartOf))
  for (const name of columns) {
    if (found.size >= CANDIDATES_MAX) break
    const part = lastPartOf(name)
    if (part.length > 3 && wanted.has(part)) add(name, 'low', 'it ends in the same word')
  }
  return inOrder([...found.values()])
}

/** Case and what stands between words do not count: `process.command_line`, `ProcessCommandLine`. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function lastPartOf(name: string): string {
  return lettersOf(name.split(/[.:]/).at(-1)!)
}

export interface SourceAsked {
  readonly logsource: LogSourceKeys
  /** Of the rules of that log source, as they are called so far or by other schemas. */
  readonly fields: readonly (readonly string[])[]
  /** Where other pipelines have it. */
  readonly synonyms: readonly (readonly [pipeline: string, place: string])[]
}

/** A table that has most fields of the rules, or whose name says it. The surest first. */
export function suggestPlaces(
  { logsource, fields, synonyms }: SourceAsked,
  tables: readonly SchemaTable[],
): readonly Candidate[] {
  const found: Candidate[] = []
  const words = [logsource.service, logsource.category, logsource.product]
    .filter((one) => one !== undefined)
    .map(lettersOf)
    .filter((one) => one.length > 2)
  for (const { name, columns } of tables) {
    const known = synonyms.find(([, place]) => isPlaceIn(place, name))
    const letters = lettersOf(name)
    const named = words.filter((word) => letters.includes(word))
    const has = new Set(columns.map((one) => lettersOf(one.name)))
    const there = fields.filter((names) => names.some((one) => has.has(lettersOf(one)))).length
    const share = fields.length === 0 ? 0 : there / fields.length
    const counted = `${there} of ${fields.length} fields of its rules are there`
    if (known) found.push({ name, confidence: 'high', reason: `${known[0]} has it there` })
    else if (share >= 0.8 && named.length > 0) {
      found.push({ name, confidence: 'high', reason: `${counted}, and its name says it` })
    } else if (share >= 0.5) found.push({ name, confidence: 'medium', reason: counted })
    else if (named.length === words.length && words.length > 0) {
      found.push({ name, confidence: 'medium', reason: 'its name says it' })
    } else if (named.length > 0) {
      found.push({ name, confidence: 'low', reason: `its name has “${named[0]}”` })
    }
  }
  return inOrder(found)
}

function inOrder(found: readonly Candidate[]): readonly Candidate[] {
  const rank = ({ confidence }: Candidate) => CONFIDENCES.indexOf(confidence)
  return found.toSorted((a, b) => rank(a) - rank(b)).slice(0, CANDIDATES_MAX)
}

// ── Places ───────────────────────────────────────────────────────────────────────────────────────

/** What a pipeline says about where events are. */
export interface Whereabouts {
  /** Tables, or patterns of indexes. */
  readonly places: readonly string[]
  /** Conditions that it adds. */
  readonly conditions: Readonly<Record<string, readonly string[]>>
}

/** The tables it leads to; undefined where it names nothing that a schema tells. */
export function tablesAt(
  { places, conditions }: Whereabouts,
  kind: SiemKind,
  tables: readonly SchemaTable[],
): readonly SchemaTable[] | undefined {
  if (kind !== 'splunk') {
    if (places.length === 0) return undefined
    return tables.filter(({ name }) => places.some((place) => isPlaceIn(place, name)))
  }
  const asked = Object.entries(conditions).filter(
    ([key]) => key === 'index' || key === 'sourcetype',
  )
  if (asked.length === 0) return undefined
  return tables.filter(({ name }) => {
    const words = wordsOf(name)
    return asked.every(([key, values]) => values.some((one) => isLike(one, words[key] ?? '')))
  })
}

/** `index=win sourcetype="a b"` as Splunk names a table. */
export function wordsOf(name: string): Readonly<Record<string, string>> {
  const words = name.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S+)/g)
  return Object.fromEntries(
    Array.from(words, ([, key, value]) => [
      key!,
      value!.startsWith('"') ? value!.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value!,
    ]),
  )
}

function isPlaceIn(place: string, name: string): boolean {
  if (isLike(place, name)) return true
  return Object.values(wordsOf(name)).some((word) => isLike(place, word))
}

/** With stars; case does not count. */
function isLike(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'is').test(text)
}

/** The column that a name reads: `bag(EventData).a` is in `EventData`. */
export function columnOf(name: string): string {
  return /^\w+\(([\w.]+)\)/.exec(name)?.[1] ?? name
}
