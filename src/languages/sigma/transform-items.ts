// What a step of a pipeline does to detection items and to the rule around them: names of fields,
// items taken apart, conditions added.

import type { Condition } from './condition.ts'
import { CONDITIONS } from './pipeline-conditions.ts'
import { mapItems, plainOf, RuleFailure, type RuleState } from './pipeline-state.ts'
import type { StepData } from './pipeline.ts'
import type { DetectionGroup, DetectionItem } from './rule.ts'
import { valueOf } from './transform-values.ts'
import { isWildcard, readText, writeText, type TextValue, type Value } from './value.ts'

const NOWHERE = { start: 0, end: 0 } as const

/** Every item the step's conditions admit. */
export function changeItems(
  state: RuleState,
  data: StepData,
  to: (item: DetectionItem) => DetectionItem | DetectionGroup | undefined,
): void {
  const step = (item: DetectionItem) => (CONDITIONS.item(data, item, state) ? to(item) : item)
  mapItems(state, step, data.id)
}

export function changeValues(
  state: RuleState,
  data: StepData,
  to: (value: Value) => readonly Value[],
): void {
  const each = (value: Value): readonly Value[] =>
    value.kind === 'expansion' ? [{ ...value, values: value.values.flatMap(each) }] : to(value)
  changeItems(state, data, (item) => ({ ...item, values: item.values.flatMap(each) }))
}

type Naming = (field: string) => readonly string[] | undefined

/** One field may become several: any of them may hold the value. */
export function mapFields(state: RuleState, data: StepData, names: Naming): void {
  changeItems(state, data, (item) => {
    const renamed = withReferences(item, names)
    const targets = item.field === undefined ? undefined : names(item.field)
    if (targets === undefined || targets.length === 0) return renamed
    const items = targets.map((field): DetectionItem => ({ ...renamed, field }))
    for (const one of items) state.mappedItems.add(one)
    const { start, end } = item
    return items.length === 1 ? items[0]! : { kind: 'group', link: 'or', items, start, end }
  })
  const fields = state.rule.fields.flatMap((field) => names(field) ?? [field])
  state.rule = { ...state.rule, fields }
}

function withReferences(item: DetectionItem, names: Naming): DetectionItem {
  if (!item.values.some((value) => value.kind === 'fieldref')) return item
  const values = item.values.map((value): Value => {
    const other = value.kind === 'fieldref' ? names(value.other)?.[0] : undefined
    return value.kind === 'fieldref' && other !== undefined ? { ...value, other } : value
  })
  return { ...item, values }
}

export function ownMapping(data: StepData): Naming {
  const mapping = data['mapping'] as Readonly<Record<string, unknown>>
  return (field) =>
    Object.hasOwn(mapping, field) ? [mapping[field]].flat().map(plainOf) : undefined
}

export function prefixMapping(data: StepData): Naming {
  const mapping = Object.entries(data['mapping'] as Readonly<Record<string, unknown>>)
  return (field) => {
    const found = mapping.find(([prefix]) => field.startsWith(prefix))
    return found && [found[1]].flat().map((to) => plainOf(to) + field.slice(found[0].length))
  }
}

const ALGORITHMS_BY_LENGTH: Readonly<Record<number, string>> = {
  32: 'MD5',
  40: 'SHA1',
  64: 'SHA256',
  128: 'SHA512',
}

/** `SHA1=…` and `MD5|…` as one item for each algorithm; values of other algorithms are left out. */
export function splitHashes(data: StepData, item: DetectionItem): DetectionGroup | DetectionItem {
  const texts = item.values.filter((value): value is TextValue => value.kind === 'text')
  if (texts.length < item.values.length) return item
  const known = (data['valid_hash_algos'] as readonly unknown[]).map(plainOf)
  const byField = new Map<string, TextValue[]>()
  for (const text of texts) {
    const { algorithm, hash } = readHash(text)
    if (!known.includes(algorithm)) continue
    const suffix = data['drop_algo_prefix'] === true ? '' : algorithm
    const field = plainOf(data['field_prefix']) + suffix
    byField.set(field, [...(byField.get(field) ?? []), hash])
  }
  if (byField.size === 0) {
    throw new RuleFailure(
      `No hash in ${item.field ?? 'the keywords'} is one of ${known.join(', ')}`,
    )
  }
  const items = [...byField].map(([field, values]): DetectionItem => ({ ...item, field, values }))
  return { kind: 'group', link: item.link, items, ...NOWHERE }
}

function readHash(value: TextValue): { readonly algorithm: string; readonly hash: TextValue } {
  const written = writeText(value.parts)
  const [name, hash, ...more] = written.split(written.includes('|') ? '|' : '=')
  if (hash !== undefined && more.length === 0) {
    return { algorithm: name!.replace(/^\*+/, '').toUpperCase(), hash: readText(hash) }
  }
  return { algorithm: ALGORITHMS_BY_LENGTH[written.length] ?? '', hash: value }
}

/**
 * `DOMAIN\user` as two items: `mapping` says where the part before the separator is kept; a star alone
 * before it asks for nothing. Ours: the community's format has no name for it.
 */
export function splitValue(data: StepData, item: DetectionItem): DetectionGroup | DetectionItem {
  const mapping = data['mapping'] as Readonly<Record<string, unknown>>
  const separator = plainOf(data['separator'])
  if (item.field === undefined || !Object.hasOwn(mapping, item.field)) return item
  const front = plainOf(mapping[item.field])
  const halves = item.values.map((value) => halvesOf(value, separator))
  if (halves.every((pair) => pair === undefined)) return item
  const items = item.values.map((value, at): DetectionItem | DetectionGroup => {
    const [first, second = value] = halves[at] ?? []
    const back = { ...item, values: [second] }
    if (first === undefined || writeText(first.parts) === '*') return back
    const both = [back, { ...item, field: front, values: [first] }]
    return { kind: 'group', link: 'and', items: both, ...NOWHERE }
  })
  return { kind: 'group', link: item.link, items, ...NOWHERE }
}

function halvesOf(value: Value, separator: string): readonly [TextValue, TextValue] | undefined {
  if (value.kind !== 'text') return undefined
  const texts = value.parts.map((part) => (isWildcard(part) ? part.wildcard : writeText([part])))
  const [front, back, ...more] = texts.join('').split(separator)
  if (back === undefined || more.length > 0) return undefined
  return [readText(front!), readText(back)]
}

/** `(added) and (the condition)`, with `not` in front when negated. */
export function addCondition(state: RuleState, data: StepData): void {
  const name = `_added${state.addedCount++}`
  const given = data['conditions'] as Readonly<Record<string, unknown>>
  const items = Object.entries(given).map(([field, value]) => itemOf(state, data, field, value))
  const group: DetectionGroup = { kind: 'group', link: 'and', items, ...NOWHERE }
  const { detections } = state.rule
  const identifier: Condition = { kind: 'identifier', name, ...NOWHERE }
  const added: Condition =
    data['negated'] === true ? { kind: 'not', of: identifier, ...NOWHERE } : identifier
  const conditions = detections.conditions.map((condition) => ({
    ...condition,
    tree: { kind: 'and' as const, of: [added, condition.tree], ...NOWHERE },
  }))
  // `them` in the rule's own condition must not draw the addition in: its name begins with "_".
  const searches = new Map([...detections.searches, [name, group]])
  state.rule = { ...state.rule, detections: { searches, conditions } }
}

function itemOf(state: RuleState, data: StepData, field: string, given: unknown): DetectionItem {
  const isTemplate = data['template'] === true
  const values = [given]
    .flat()
    .map((value) =>
      valueOf(isTemplate && typeof value === 'string' ? fillTemplate(state, value) : value),
    )
  return {
    kind: 'item',
    field: field === '' || field === 'None' ? undefined : field,
    modifiers: [],
    values,
    link: 'or',
    isNegated: false,
    written: [],
    ...NOWHERE,
  }
}

function fillTemplate(state: RuleState, text: string): string {
  const { product, category, service } = state.rule.logsource
  const known: Readonly<Record<string, string | undefined>> = { product, category, service }
  return text.replaceAll(
    /\$\{?(product|category|service)\}?/g,
    (_all, key: string) => known[key] ?? '',
  )
}

export function changeLogsource(state: RuleState, data: StepData): void {
  const keys = ['product', 'category', 'service'] as const
  const given = keys.flatMap((key) =>
    data[key] === undefined ? [] : [[key, plainOf(data[key])] as const],
  )
  const { custom } = state.rule.logsource
  state.rule = { ...state.rule, logsource: { ...Object.fromEntries(given), custom } }
}
