// What a detection says and what changed in it, in words: fields with their modifiers, values, and which
// of them came and went.

import { meaningOf } from '#languages/sigma/written.ts'

export type Data = Readonly<Record<string, unknown>>

/** Sentences without a full stop, in the order of the newer detection. */
export function describeDetections(before: Data, after: Data): readonly string[] {
  const said: string[] = []
  for (const name of namesOf(before, after)) {
    const [was, is] = [before[name], after[name]]
    if (meaningOf(was) === meaningOf(is) && (was === undefined) === (is === undefined)) continue
    if (name === 'condition' || name === 'timeframe')
      said.push(`${name} ${quote(was)} → ${quote(is)}`)
    else if (was === undefined) said.push(`adds ${name}: ${sayDetection(is)}`)
    else if (is === undefined) said.push(`drops ${name}: ${sayDetection(was)}`)
    else said.push(...describeOne(was, is).map((sentence) => `${name}: ${sentence}`))
  }
  return said
}

/** The newer names first, so that sentences follow the text that is read. */
export function namesOf(before: Data, after: Data): readonly string[] {
  return [...new Set([...Object.keys(after), ...Object.keys(before)])]
}

/** What came into a list and what went, each item by what it says. */
export function listChanges(
  was: unknown,
  is: unknown,
): { readonly added: readonly unknown[]; readonly dropped: readonly unknown[] } {
  return { added: without(is, was), dropped: without(was, is) }
}

/** As people quote it: text in quotes, long values and lists cut. */
export function quote(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return `"${shorten(value)}"`
  return shorten(JSON.stringify(value))
}

export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function asList(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as unknown[]) : [value]
}

const TEXT_CHARS_MAX = 120
const VALUES_MAX = 4

function describeOne(was: unknown, is: unknown): readonly string[] {
  if (isData(was) && isData(is)) return describeFields(was, is)
  const { added, dropped } = listChanges(was, is)
  const said = [
    ...added.map((item) => `adds ${sayItem(item)}`),
    ...dropped.map((item) => `drops ${sayItem(item)}`),
  ]
  return said.length > 0 ? said : ['has its parts in another order']
}

function describeFields(was: Data, is: Data): readonly string[] {
  const said: string[] = []
  const renamed = renamedFields(was, is)
  for (const key of namesOf(was, is)) {
    const from = renamed.get(key)
    if (from !== undefined) said.push(`${sayKey(from)} → ${sayKey(key)}`)
    const [old, now] = [was[from ?? key], is[key]]
    if (now === undefined && [...renamed.values()].includes(key)) continue
    if (old === undefined && !Object.hasOwn(was, from ?? key))
      said.push(`adds ${sayField(key, now)}`)
    else if (now === undefined && !Object.hasOwn(is, key)) said.push(`drops ${sayField(key, old)}`)
    else said.push(...describeValues(key, old, now))
  }
  return said
}

/** A field whose modifiers changed while its values stayed, so that it reads as one change. */
function renamedFields(was: Data, is: Data): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>()
  const gone = Object.keys(was).filter((key) => !Object.hasOwn(is, key))
  for (const key of Object.keys(is)) {
    if (Object.hasOwn(was, key)) continue
    const from = gone.findIndex((old) => {
      return old.split('|')[0] === key.split('|')[0] && meaningOf(was[old]) === meaningOf(is[key])
    })
    if (from >= 0) renamed.set(key, gone.splice(from, 1)[0]!)
  }
  return renamed
}

function describeValues(key: string, was: unknown, is: unknown): readonly string[] {
  if (meaningOf(asList(was)) === meaningOf(asList(is))) return []
  const [olds, news] = [asList(was), asList(is)]
  if (olds.length === 1 && news.length === 1) {
    return [`${sayKey(key)} ${quote(olds[0])} → ${quote(news[0])}`]
  }
  const { added, dropped } = listChanges(was, is)
  return [
    ...(added.length > 0 ? [`${sayKey(key)}: adds ${sayValues(added, 'and')}`] : []),
    ...(dropped.length > 0 ? [`${sayKey(key)}: drops ${sayValues(dropped, 'and')}`] : []),
  ]
}

function without(of: unknown, other: unknown): readonly unknown[] {
  const known = asList(other).map(meaningOf)
  return asList(of).filter((item) => {
    const at = known.indexOf(meaningOf(item))
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}

export function sayDetection(value: unknown): string {
  if (isData(value)) return sayItem(value)
  return asList(value).map(sayItem).join(' or ')
}

/** One alternative: fields that must all hold, or a keyword. */
function sayItem(item: unknown): string {
  if (!isData(item)) return `keyword ${quote(item)}`
  return Object.entries(item)
    .map(([key, value]) => sayField(key, value))
    .join(' and ')
}

function sayField(key: string, value: unknown): string {
  if (key.endsWith('|exists'))
    return `${key.split('|')[0]} ${value === false ? 'is absent' : 'is there'}`
  return `${sayKey(key)} ${sayValues(asList(value), /\|all(?:\||$)/.test(key) ? 'and' : 'or')}`
}

function sayValues(values: readonly unknown[], word: 'and' | 'or'): string {
  const shown = values.slice(0, VALUES_MAX).map(quote)
  const more = values.length - shown.length
  if (more > 0) return `${shown.join(', ')} ${word} ${more} more`
  return shown.length > 1
    ? `${shown.slice(0, -1).join(', ')} ${word} ${shown.at(-1)}`
    : (shown[0] ?? 'nothing')
}

const VERBS: Readonly<Record<string, string>> = {
  contains: 'contains',
  startswith: 'starts with',
  endswith: 'ends with',
  re: 'matches',
  cidr: 'is in',
  fieldref: 'equals the field',
  lt: 'is below',
  lte: 'is at most',
  gt: 'is above',
  gte: 'is at least',
  exists: 'is there:',
  all: 'all of',
}

/** `CommandLine|contains|all` reads "CommandLine contains all of". Other modifiers stand in brackets. */
function sayKey(key: string): string {
  const [field, ...modifiers] = key.split('|')
  const verbs = modifiers.flatMap((name) => VERBS[name] ?? [])
  const others = modifiers.filter((name) => !Object.hasOwn(VERBS, name))
  const isPlain = verbs.length === 0 || (verbs.length === 1 && verbs[0] === VERBS.all)
  const verb = isPlain ? ['is', ...verbs] : verbs
  const note = others.length === 0 ? '' : ` (${others.join(', ')})`
  return `${field === '' ? 'any field' : field} ${verb.join(' ')}${note}`
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > TEXT_CHARS_MAX ? `${line.slice(0, TEXT_CHARS_MAX - 1)}…` : line
}
