// Reads search identifiers: maps of items (all must hold), lists of maps (one must), lists of plain
// values (keywords), and the modifiers behind `|` in a field's name.

import { nearest } from '#kernel/problem.ts'
import { applyModifier, LIST_MODIFIERS, VALUE_MODIFIERS } from './modifier.ts'
import { parseCondition, references, selectNames } from './condition.ts'
import type { DetectionGroup, DetectionItem, Detections, ParsedCondition } from './rule.ts'
import type { Range, Source } from './source.ts'
import { readText, type Value } from './value.ts'
import type { YamlEntry, YamlList, YamlMap, YamlNode, YamlScalar } from './yaml.ts'

/** Published rules hold at most some thousands; a hundred thousand would stall every tool after us. */
const VALUES_MAX = 10_000

/** Undefined when no condition or no search could be read; problems say why. */
export function readDetections(
  source: Source,
  map: YamlMap,
  reserved: ReadonlySet<string> = new Set(),
): Detections | undefined {
  const searches = new Map<string, DetectionGroup>()
  let conditions: readonly ParsedCondition[] | undefined
  for (const entry of map.entries) {
    const name = entry.key.text
    if (reserved.has(name)) continue
    if (name === 'condition') {
      conditions = readConditions(source, entry.value)
    } else if (name === 'timeframe') {
      const hint = 'Write a correlation rule with a timespan.'
      source.warn('sigma/timeframe', entry.key, '"timeframe" was removed and has no effect.', hint)
    } else {
      const group = readSearch(source, entry.value)
      if (group) searches.set(name, group)
    }
  }
  if (conditions === undefined) {
    if (!map.entries.some((entry) => entry.key.text === 'condition')) {
      source.error('sigma/missing-condition', map, 'The detection has no condition.')
    }
    return undefined
  }
  const names = new Set(map.entries.map((entry) => entry.key.text))
  const declared = [...names].filter((name) => name !== 'condition' && !reserved.has(name))
  const isSound = conditions.every((condition) => checkNames(source, condition, declared))
  return isSound ? { searches, conditions } : undefined
}

function readConditions(source: Source, node: YamlNode): readonly ParsedCondition[] | undefined {
  const nodes = node.kind === 'list' ? node.items : [node]
  if (nodes.length === 0) {
    source.error('sigma/missing-condition', node, 'The list of conditions is empty.')
    return undefined
  }
  const conditions = nodes.map((item) => readCondition(source, item))
  const read = conditions.filter((condition) => condition !== undefined)
  return read.length === nodes.length ? read : undefined
}

/** Places inside the condition are exact when it is written on one line without escapes. */
export function readCondition(source: Source, node: YamlNode): ParsedCondition | undefined {
  if (node.kind !== 'scalar' || node.value === null) {
    source.error('sigma/condition-not-text', node, 'A condition is a text, or a list of texts.')
    return undefined
  }
  const place = placesIn(source, node)
  const tree = parseCondition(node.text, (code, at, message, hint) =>
    source.error(code, place(at), message, hint),
  )
  return tree === undefined ? undefined : { text: node.text, tree, node }
}

export function placesIn(source: Source, node: YamlScalar): (at: Range) => Range {
  const from = source.text.indexOf(node.text, node.start)
  const isVerbatim = from >= 0 && from - node.start <= 1
  return (at) => (isVerbatim ? { start: from + at.start, end: from + at.end } : node)
}

function checkNames(source: Source, condition: ParsedCondition, names: readonly string[]): boolean {
  const place = placesIn(source, condition.node)
  let isSound = true
  for (const reference of references(condition.tree)) {
    if (reference.kind === 'identifier') {
      if (names.includes(reference.name)) continue
      const near = nearest(reference.name, names)
      const hint = near === undefined ? undefined : `Did you mean "${near}"?`
      const message = `The condition names "${reference.name}", which is not defined.`
      source.error('sigma/unknown-identifier', place(reference), message, hint)
      isSound = false
    } else if (selectNames(reference.pattern, names).length === 0) {
      const message = `No search identifier matches "${reference.pattern}".`
      source.error('sigma/selector-matches-nothing', place(reference), message)
      isSound = false
    }
  }
  return isSound
}

function readSearch(source: Source, node: YamlNode): DetectionGroup | undefined {
  const { start, end } = node
  if (node.kind === 'map') return readMap(source, node)
  if (node.kind === 'list' && node.items.some((item) => item.kind !== 'scalar')) {
    const items = node.items.map((item) => readSearch(source, item))
    return {
      kind: 'group',
      link: 'or',
      items: items.filter((item) => item !== undefined),
      start,
      end,
    }
  }
  const item = readItem(source, undefined, [], node, node)
  return item && { kind: 'group', link: 'and', items: [item], start, end }
}

function readMap(source: Source, map: YamlMap): DetectionGroup | undefined {
  const { start, end } = map
  if (map.entries.length === 0) {
    source.error('sigma/empty-search', map, 'This search identifier holds nothing to look for.')
    return undefined
  }
  const items = map.entries.map((entry) => readEntry(source, entry))
  return {
    kind: 'group',
    link: 'and',
    items: items.filter((item) => item !== undefined),
    start,
    end,
  }
}

function readEntry(source: Source, entry: YamlEntry): DetectionItem | undefined {
  const [field, ...modifiers] = entry.key.text.split('|')
  return readItem(source, field === '' ? undefined : field, modifiers, entry.value, entry.key)
}

function readItem(
  source: Source,
  field: string | undefined,
  modifiers: readonly string[],
  node: YamlNode,
  key: Range,
): DetectionItem | undefined {
  const isKnown = checkModifiers(source, modifiers, key)
  const written = writtenValues(source, node)
  if (!isKnown || written === undefined) return undefined
  if (field === undefined && written.some((scalar) => scalar.value === null)) {
    source.error('sigma/null-keyword', node, 'A keyword cannot be null: null belongs to a field.')
    return undefined
  }
  const values = written.map((scalar) => readValue(source, scalar, modifiers))
  const sound = values.filter((value) => value !== undefined)
  if (sound.length < values.length) return undefined
  return {
    kind: 'item',
    field,
    modifiers,
    values: sound,
    link: modifiers.includes('all') ? 'and' : 'or',
    isNegated: modifiers.includes('neq'),
    written,
    span: source.span(key),
    start: key.start,
    end: node.end,
  }
}

function checkModifiers(source: Source, modifiers: readonly string[], key: Range): boolean {
  const unknown = modifiers.filter(
    (name) => !VALUE_MODIFIERS.has(name) && !LIST_MODIFIERS.has(name),
  )
  for (const name of unknown) {
    const near = nearest(name, [...VALUE_MODIFIERS.keys(), ...LIST_MODIFIERS])
    const hint = near === undefined ? undefined : `Did you mean "${near}"?`
    source.error('sigma/unknown-modifier', key, `The modifier "${name}" does not exist.`, hint)
  }
  return unknown.length === 0
}

function writtenValues(source: Source, node: YamlNode): readonly YamlScalar[] | undefined {
  if (node.kind === 'scalar') return [node]
  if (node.kind === 'map') {
    const message = 'A value is text, a number, true, false or null, not another map.'
    source.error('sigma/value-not-plain', node, message)
    return undefined
  }
  return listedValues(source, node)
}

function listedValues(source: Source, node: YamlList): readonly YamlScalar[] | undefined {
  const scalars = node.items.filter((item) => item.kind === 'scalar')
  for (const item of node.items) {
    if (item.kind !== 'scalar') {
      source.error('sigma/value-not-plain', item, 'A list of values holds plain values only.')
    }
  }
  if (node.items.length === 0) {
    const hint = 'Write null if the field must be missing.'
    source.error('sigma/empty-list', node, 'An empty list of values matches nothing.', hint)
    return undefined
  }
  if (node.items.length > VALUES_MAX) {
    source.error('sigma/too-many-values', node, `A list may hold at most ${VALUES_MAX} values.`)
    return undefined
  }
  return scalars.length === node.items.length ? scalars : undefined
}

function readValue(
  source: Source,
  scalar: YamlScalar,
  modifiers: readonly string[],
): Value | undefined {
  let value = plainValue(scalar)
  for (const name of modifiers) {
    const modifier = VALUE_MODIFIERS.get(name)
    if (modifier === undefined) continue
    const modified = applyModifier(modifier, value)
    if ('refusal' in modified) {
      const message = `The modifier "${name}" ${modified.refusal}.`
      source.error('sigma/modifier-misapplied', scalar, message, modified.hint)
      return undefined
    }
    value = modified
  }
  return value
}

function plainValue(scalar: YamlScalar): Value {
  const { value } = scalar
  if (value === null) return { kind: 'null' }
  if (typeof value === 'number') return { kind: 'number', value }
  if (typeof value === 'boolean') return { kind: 'boolean', value }
  return readText(value)
}
