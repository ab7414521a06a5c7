// What changed between two texts of a rule, in sentences for people who review it: by what it means, not
// by how it is written. Nothing that means something is passed over: what has no sentence of its own
// is told by its path.

import { hasErrors } from '#kernel/problem.ts'
import { Source } from '#languages/sigma/source.ts'
import { meaningOf } from '#languages/sigma/written.ts'
import { readYaml, toData as toPlain } from '#languages/sigma/yaml.ts'
import { isKind, type Kind, KIND_ROWS } from '#domain/rules/renders/kinds.ts'
import {
  asList,
  type Data,
  describeDetections,
  isData,
  listChanges,
  namesOf,
  quote,
} from './detection-in-words.ts'

export interface QueryChange {
  readonly kind: Kind
  /** Of the newer implementation. */
  readonly type: string
  readonly before: string
  readonly after: string
}

/** What changed between two native queries, null when nothing; undefined when nobody can say. */
export type CompareQuery = (change: QueryChange) => string | null | undefined

/** Sentences without a full stop. Empty only when the texts are the same, byte for byte. */
export function describeChanges(
  before: string,
  after: string,
  compare: CompareQuery = () => undefined,
): readonly string[] {
  if (before === after) return []
  const [was, is] = [dataOf(before), dataOf(after)]
  if (was === undefined || is === undefined) return ['other text, one of which is no readable rule']
  const said = namesOf(was, is).flatMap((name) => describeKey(name, was[name], is[name], compare))
  return said.length > 0 ? said : ['same meaning, other text']
}

type Describe = (was: unknown, is: unknown, compare: CompareQuery) => readonly string[]

const KEYS: Readonly<Record<string, Describe>> = {
  description: (was, is) => prose('the description', was, is),
  tags: (was, is) => items('tag', was, is),
  references: (was, is) => items('reference', was, is),
  falsepositives: (was, is) => items('false positive', was, is),
  fields: (was, is) => items('field', was, is),
  logsource: (was, is) => entries('log source', was, is),
  detection: (was, is) => describeDetections(toData(was), toData(is)),
  correlation: (was, is) => correlation(was, is),
  filter: (was, is) => filter(was, is),
  rulewright: (was, is, compare) => ours(toData(was), toData(is), compare),
}

const OUR_KEYS: Readonly<Record<string, Describe>> = {
  runbook: (was, is) => prose('the runbook', was, is),
  schedule: (was, is) => schedule('schedule', was, is),
  throttle: (was, is) => entries('throttle', was, is),
  source: (was, is) => entries('source', was, is),
  entities: (was, is) => items('entity', was, is, sayEntity),
  tests: (was, is) => named('test', was, is),
  drilldowns: (was, is) => named('drilldown', was, is),
  implementations: (was, is, compare) => implementations(toData(was), toData(is), compare),
  overlays: (was, is) => overlays(toData(was), toData(is)),
}

function describeKey(
  name: string,
  was: unknown,
  is: unknown,
  compare: CompareQuery,
): readonly string[] {
  return withWords(KEYS[name], name, was, is, compare)
}

function ours(was: Data, is: Data, compare: CompareQuery): readonly string[] {
  return namesOf(was, is).flatMap((name) => {
    return withWords(OUR_KEYS[name], name, was[name], is[name], compare)
  })
}

/** In the words of the part; plainly where it is of a kind that these have no words for. */
function withWords(
  describe: Describe | undefined,
  name: string,
  was: unknown,
  is: unknown,
  compare: CompareQuery,
): readonly string[] {
  if (isSame(was, is)) return []
  const said = describe?.(was, is, compare) ?? anything(name, was, is)
  return said.length > 0 ? said : anythingElse(name, was, is)
}

/** By its path, down to what differs. */
function anything(path: string, was: unknown, is: unknown): readonly string[] {
  if (isSame(was, is)) return []
  if (isData(was) && isData(is)) return entries(path, was, is)
  if (Array.isArray(was) && Array.isArray(is)) return items(path, was, is)
  if (was === undefined) return [`adds ${path} ${say(is)}`]
  return is === undefined ? [`drops ${path} ${say(was)}`] : [`${path} ${say(was)} → ${say(is)}`]
}

function entries(path: string, was: unknown, is: unknown): readonly string[] {
  const [old, now] = [toData(was), toData(is)]
  const said = namesOf(old, now).flatMap((name) =>
    anything(`${path} ${name}`, old[name], now[name]),
  )
  return said.length > 0 ? said : anythingElse(path, was, is)
}

/** Something that is there on one side alone and holds nothing, or is of another kind. */
function anythingElse(path: string, was: unknown, is: unknown): readonly string[] {
  if (is === undefined) return [`drops ${path}`]
  return was === undefined ? [`adds ${path}`] : [`${path} ${say(was)} → ${say(is)}`]
}

function items(noun: string, was: unknown, is: unknown, sayItem = say): readonly string[] {
  const { added, dropped } = listChanges(was, is)
  const said = [
    ...added.map((item) => `adds ${noun} ${sayItem(item)}`),
    ...dropped.map((item) => `drops ${noun} ${sayItem(item)}`),
  ]
  if (said.length > 0) return said
  if (was === undefined || is === undefined) return anythingElse(`an empty list: ${noun}`, was, is)
  return [`${noun}: another order`]
}

/** Items that are known by their name, such as tests. */
function named(noun: string, was: unknown, is: unknown): readonly string[] {
  const [old, now] = [byName(was), byName(is)]
  if (old === undefined || now === undefined) return items(noun, was, is)
  const said = namesOf(old, now).flatMap((name) => {
    if (isSame(old[name], now[name])) return []
    if (old[name] === undefined) return [`adds ${noun} "${name}"`]
    if (now[name] === undefined) return [`drops ${noun} "${name}"`]
    const changed = namesOf(toData(old[name]), toData(now[name])).filter((key) => {
      return !isSame(toData(old[name])[key], toData(now[name])[key])
    })
    return [`changes ${noun} "${name}": ${changed.join(', ')}`]
  })
  return said.length > 0 ? said : [`${noun}s in another order`]
}

/** Undefined when an item has no name of its own. */
function byName(list: unknown): Data | undefined {
  const all = asList(list)
  const names = all.map((item) => (isData(item) ? item.name : undefined))
  const isUnique =
    names.every((name) => typeof name === 'string') && new Set(names).size === names.length
  return isUnique
    ? Object.fromEntries(all.map((item, at) => [names[at] as string, item]))
    : undefined
}

function prose(noun: string, was: unknown, is: unknown): readonly string[] {
  if (was === undefined) return [`adds ${noun}`]
  if (is === undefined) return [`drops ${noun}`]
  return [`changes ${noun}`]
}

function schedule(noun: string, was: unknown, is: unknown): readonly string[] {
  const [old, now] = [toData(was), toData(is)]
  const said = namesOf(old, now).flatMap((name) => {
    return anything(
      name === 'every' || name === 'cron' ? noun : `${noun} ${name}`,
      old[name],
      now[name],
    )
  })
  return said.length > 0 ? said : anythingElse(noun, was, is)
}

function correlation(was: unknown, is: unknown): readonly string[] {
  const { rules: oldRules, ...old } = toData(was)
  const { rules: newRules, ...now } = toData(is)
  const rules = isSame(oldRules, newRules) ? [] : items('correlated rule', oldRules, newRules)
  const rest =
    Object.keys(old).length + Object.keys(now).length > 0 ? entries('correlation', old, now) : []
  return [...rules, ...(isSame(old, now) ? [] : rest)]
}

function filter(was: unknown, is: unknown): readonly string[] {
  const { rules: oldRules, ...old } = toData(was)
  const { rules: newRules, ...now } = toData(is)
  const rules = isSame(oldRules, newRules) ? [] : items('filtered rule', oldRules, newRules)
  return [...rules, ...describeDetections(old, now)]
}

function implementations(was: Data, is: Data, compare: CompareQuery): readonly string[] {
  return namesOf(was, is).flatMap((name) => {
    const label = isKind(name) ? KIND_ROWS[name].label : name
    if (isSame(was[name], is[name])) return []
    if (was[name] === undefined) return [`adds the ${label} implementation`]
    if (is[name] === undefined) return [`drops the ${label} implementation`]
    const { query: oldQuery, ...old } = toData(was[name])
    const { query: newQuery, ...now } = toData(is[name])
    const rest = isSame(old, now) ? [] : entries(label, old, now)
    if (isSame(oldQuery, newQuery)) return rest
    if (typeof oldQuery !== 'string' || typeof newQuery !== 'string' || !isKind(name)) {
      return [...anything(`the ${label} query`, oldQuery, newQuery), ...rest]
    }
    const type = typeof now.type === 'string' ? now.type : 'query'
    const words = compare({ kind: name, type, before: oldQuery, after: newQuery })
    const said = words === null ? 'same meaning, other text' : (words ?? 'another text')
    return [`${label} query: ${said}`, ...rest]
  })
}

function overlays(was: Data, is: Data): readonly string[] {
  return namesOf(was, is).flatMap((name) => {
    const [old, now] = [was[name], is[name]]
    if (isSame(old, now)) return []
    if (old === undefined) return [`adds the overlay of ${name}`]
    return now === undefined ? [`drops the overlay of ${name}`] : entries(name, old, now)
  })
}

function sayEntity(entity: unknown): string {
  const { type, field, role } = toData(entity)
  const as = role === undefined ? '' : ` as ${say(role)}`
  return `${say(type)} (${say(field)})${as}`
}

/** Short words stand bare, as people say them; anything else is quoted. */
function say(value: unknown): string {
  return typeof value === 'string' && /^[\p{L}\p{N}_.@/:#-]{1,80}$/u.test(value)
    ? value
    : quote(value)
}

function isSame(was: unknown, is: unknown): boolean {
  return (was === undefined) === (is === undefined) && meaningOf(was) === meaningOf(is)
}

function toData(value: unknown): Data {
  return isData(value) ? value : {}
}

/** In the order of the text, which is the order of the sentences. */
function dataOf(text: string): Data | undefined {
  const source = new Source(text)
  const [document, ...others] = readYaml(source)
  const isReadable = others.length === 0 && !hasErrors(source.problems)
  return document?.root !== undefined && isReadable ? toData(toPlain(document.root)) : undefined
}
