// The official JSON schemas of rules (2.0.0), correlation rules (2.1.0) and filters (2.0.0), as shapes
// that know the place of what they refuse. A document is valid exactly when nothing is told; tests
// compare that with the schemas themselves. Where the specification's own text is wider than its
// schema, the row is a warning or a note.

import { nearest } from '#kernel/problem.ts'
import { CORRELATION_TYPES } from '#languages/sigma/rule.ts'
import type { Range } from '#languages/sigma/source.ts'
import { toData, valueOf, type YamlMap, type YamlNode } from '#languages/sigma/yaml.ts'

export type Tell = (code: string, at: Range, message: string, hint?: string) => void
type Shape = (node: YamlNode, tell: Tell) => void

/** Everything the official schema of this kind of document refuses, in no order. */
export function judgeSchema(root: YamlMap, tell: Tell): void {
  const kind = kindOf(root)
  const at = root.entries[0]?.key ?? root
  for (const [key, code] of Object.entries(REQUIRED[kind])) {
    if (valueOf(root, key) === undefined) tell(code, at, `The document has no "${key}".`)
  }
  judgeKeys(root, SHAPES[kind], tell)
}

type Kind = 'rule' | 'correlation' | 'filter'

function kindOf(root: YamlMap): Kind {
  if (valueOf(root, 'correlation')) return 'correlation'
  return valueOf(root, 'filter') ? 'filter' : 'rule'
}

function judgeKeys(map: YamlMap, shapes: Readonly<Record<string, Shape>>, tell: Tell): void {
  for (const { key, value } of map.entries) {
    if (Object.hasOwn(shapes, key.text)) shapes[key.text]!(value, tell)
  }
}

// Texts

interface TextRules {
  readonly notText?: string
  readonly max?: readonly [characters: number, code: string]
  readonly min?: readonly [characters: number, code: string]
  readonly pattern?: readonly [pattern: RegExp, code: string, message: string, hint?: string]
}

function text(rules: TextRules = {}): Shape {
  const { notText = 'sigma/not-text', max, min, pattern } = rules
  return (node, tell) => {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') {
      const hint = node.kind === 'scalar' ? 'Put it in quotes.' : undefined
      tell(notText, node, 'This must be a text.', hint)
      return
    }
    const length = Array.from(node.value).length
    if (max && length > max[0]) tell(max[1], node, `This is longer than ${max[0]} characters.`)
    if (min && length < min[0]) tell(min[1], node, `This is shorter than ${min[0]} characters.`)
    if (pattern && !pattern[0].test(node.value)) tell(pattern[1], node, pattern[2], pattern[3])
  }
}

function word(key: string, words: readonly string[]): Shape {
  return (node, tell) => {
    const written = node.kind === 'scalar' ? node.text : ''
    if (node.kind === 'scalar' && typeof node.value === 'string' && words.includes(written)) return
    const near = nearest(written, words)
    const hint = near ? `Did you mean "${near}"?` : words.join(', ')
    tell(`sigma/unknown-${key}`, node, `"${written}" is no ${key}.`, hint)
  }
}

/** As written in JSON schema's format `uuid`, any version. */
const UUID = /^(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const uuid = text({ pattern: [UUID, 'sigma/id-not-uuid', 'The id is not a UUID.'] })

const DATE = /^\d{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])$/

function date(key: string): Shape {
  const code = `sigma/${key}-format`
  return text({
    notText: code,
    pattern: [DATE, code, `"${key}" is not a date.`, 'Write it as 2024-05-01.'],
  })
}

// Lists and maps

interface ListRules {
  /** The code for a repeated item. */
  readonly unique?: string
  readonly notList?: string
}

function list(item: Shape, { unique, notList = 'sigma/list-expected' }: ListRules = {}): Shape {
  return (node, tell) => {
    if (node.kind !== 'list') {
      tell(notList, node, 'This must be a list.')
      return
    }
    for (const one of node.items) item(one, tell)
    if (unique !== undefined) judgeUnique(node.items, unique, tell)
  }
}

function judgeUnique(items: readonly YamlNode[], code: string, tell: Tell): void {
  if (items.length < 2) return
  const seen = new Set<string>()
  for (const item of items) {
    const isText = item.kind === 'scalar' && typeof item.value === 'string'
    const key = isText ? `"${item.text}` : JSON.stringify(canonical(toData(item)))
    const written = item.kind === 'scalar' ? `"${item.text}"` : 'This'
    if (seen.has(key)) tell(code, item, `${written} is listed twice.`)
    seen.add(key)
  }
}

/** Maps are equal whatever the order of their keys. */
function canonical(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(canonical)
  if (typeof data !== 'object' || data === null) return data
  const entries = Object.entries(data).map(([key, value]) => [key, canonical(value)] as const)
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function relation(node: YamlNode, tell: Tell): void {
  const code = 'sigma/related-malformed'
  if (node.kind !== 'map') {
    tell(code, node, 'A relation is a map of id and type.')
    return
  }
  const id = valueOf(node, 'id')
  const type = valueOf(node, 'type')
  if (id === undefined) tell(code, node, 'The relation has no id.')
  else uuid(id, (_, at, message) => tell(code, at, message))
  const isKnown = type?.kind === 'scalar' && RELATIONS.includes(type.text)
  if (type === undefined) tell(code, node, 'The relation has no type.')
  else if (!isKnown) tell(code, type, 'There is no such type of relation.', RELATIONS.join(', '))
}

const RELATIONS = ['derived', 'obsolete', 'merged', 'renamed', 'similar']

const logsource: Shape = (node, tell) => {
  if (node.kind !== 'map') {
    tell('sigma/missing-logsource', node, 'The log source must be a map.')
    return
  }
  const named = text()
  const shapes = { category: named, product: named, service: named, definition: named }
  judgeKeys(node, shapes, tell)
}

// Detections

const search: Shape = (node, tell) => {
  if (node.kind === 'scalar') {
    tell(
      'sigma/search-not-map',
      node,
      'A search is a map of fields or a list.',
      'Put it in a list.',
    )
    return
  }
  for (const item of node.kind === 'list' ? node.items : []) {
    const isNumber = item.kind === 'scalar' && Number.isInteger(item.value)
    const isText = item.kind === 'scalar' && typeof item.value === 'string'
    if (item.kind === 'map' || isNumber || isText) continue
    const message = 'A list of keywords holds texts and whole numbers, or maps.'
    tell('sigma/keyword-not-plain', item, message)
  }
}

const condition: Shape = (node, tell) => {
  if (node.kind === 'list') {
    const hint = 'Join them with "or".'
    tell('sigma/condition-list', node, 'Several conditions are several rules.', hint)
  } else text({ notText: 'sigma/condition-not-text' })(node, tell)
}

const detection: Shape = (node, tell) => {
  if (node.kind !== 'map') {
    tell('sigma/detection-not-map', node, 'The detection must be a map of searches.')
    return
  }
  if (valueOf(node, 'condition') === undefined) {
    tell('sigma/missing-condition', node, 'The detection has no condition.')
  }
  for (const { key, value } of node.entries) {
    if (key.text === 'condition') condition(value, tell)
    else if (key.text === 'timeframe' && value.kind === 'scalar') {
      tell('sigma/timeframe', key, '"timeframe" was removed and has no effect.')
    } else search(value, tell)
  }
}

// Correlations

const correlation: Shape = (node, tell) => {
  if (node.kind !== 'map') {
    tell('sigma/correlation-not-map', node, 'A correlation is a map.')
    return
  }
  const type = valueOf(node, 'type')
  const isTemporal = type?.kind === 'scalar' && /^temporal(?:_ordered)?$/.test(type.text)
  const required = {
    type: ['sigma/correlation-type', 'The correlation has no type.'],
    rules: ['sigma/correlation-rules-in-condition', 'The correlation lists no rules.'],
    timespan: ['sigma/correlation-timespan', 'The correlation has no timespan.'],
    'group-by': ['sigma/correlation-without-group-by', 'The correlation has no "group-by".'],
    ...(isTemporal
      ? {}
      : { condition: ['sigma/correlation-condition', 'The correlation has no condition.'] }),
  } as const
  for (const [key, [code, message]] of Object.entries(required)) {
    if (valueOf(node, key) === undefined) tell(code, node, message)
  }
  judgeKeys(node, CORRELATION, tell)
}

const OFFICIAL_TYPES = CORRELATION_TYPES.filter((type) => type !== 'value_median')

const correlationType: Shape = (node, tell) => {
  const written = node.kind === 'scalar' ? node.text : ''
  if (OFFICIAL_TYPES.some((type) => type === written)) return
  const isOurs = CORRELATION_TYPES.some((type) => type === written.replace(/_extended$/, ''))
  if (isOurs) tell('sigma/correlation-type-unofficial', node, 'The schema does not know this type.')
  else tell('sigma/correlation-type', node, `There is no correlation type "${written}".`)
}

const CORRELATION: Readonly<Record<string, Shape>> = {
  type: correlationType,
  rules: list(text({ min: [2, 'sigma/correlation-rule-too-short'] }), {
    unique: 'sigma/duplicate-rules',
  }),
  'group-by': list(text(), { unique: 'sigma/duplicate-group-by' }),
  timespan: text({
    notText: 'sigma/correlation-timespan',
    max: [10, 'sigma/correlation-timespan'],
  }),
  condition(node, tell) {
    if (node.kind === 'map') return
    tell('sigma/correlation-condition-text', node, 'The schema knows only counts here.')
  },
  aliases(node, tell) {
    if (node.kind !== 'map') tell('sigma/correlation-aliases', node, 'Aliases are a map of maps.')
    else {
      for (const { value } of node.entries) {
        if (value.kind === 'map') continue
        tell('sigma/correlation-aliases', value, 'An alias names a field for each rule.')
      }
    }
  },
}

// Filters

const filter: Shape = (node, tell) => {
  if (node.kind !== 'map') {
    tell('sigma/filter-not-map', node, 'A filter is a map of rules, searches, condition.')
    return
  }
  if (valueOf(node, 'rules') === undefined) {
    tell('sigma/filter-without-rules', node, 'The filter says no rules.')
  }
  if (valueOf(node, 'selection') === undefined) {
    tell('sigma/filter-without-selection', node, 'The filter has no search named "selection".')
  }
  if (valueOf(node, 'condition') === undefined) {
    tell('sigma/missing-condition', node, 'The filter has no condition.')
  }
  judgeKeys(node, { rules: filterRules, selection: search, condition }, tell)
}

const filterRules: Shape = (node, tell) => {
  const isAny = node.kind === 'scalar' && node.text === 'any'
  const notList = isAny ? 'sigma/filter-rules-any' : 'sigma/list-expected'
  list(text(), { unique: 'sigma/duplicate-rules', notList })(node, tell)
  if (node.kind === 'list' && node.items.length === 0) {
    tell('sigma/filter-without-rules', node, 'The filter says no rules.')
  }
}

// Documents

const HEAD: Readonly<Record<string, Shape>> = {
  title: text({ notText: 'sigma/missing-title', max: [256, 'sigma/title-too-long'] }),
  id: uuid,
  description: text({ max: [65_535, 'sigma/description-too-long'] }),
  date: date('date'),
  modified: date('modified'),
  taxonomy: text({ max: [256, 'sigma/taxonomy-too-long'] }),
}

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical']
const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported']

const ABOUT: Readonly<Record<string, Shape>> = {
  ...HEAD,
  status: word('status', STATUSES),
  level: word('level', LEVELS),
  author: text(),
  references: list(text({ notText: 'sigma/reference-not-text' }), {
    unique: 'sigma/duplicate-references',
  }),
}

const TAG = /^[a-z0-9_-]+\.[a-z0-9._-]+$/
const falsepositives = list(text({ min: [2, 'sigma/falsepositive-too-short'] }), {
  unique: 'sigma/duplicate-falsepositives',
})

const SHAPES: Readonly<Record<Kind, Readonly<Record<string, Shape>>>> = {
  rule: {
    ...ABOUT,
    related: list(relation),
    name: text({ max: [256, 'sigma/name-too-long'] }),
    license: text(),
    logsource,
    detection,
    fields: list(text(), { unique: 'sigma/duplicate-fields' }),
    falsepositives,
    tags: list(
      text({
        notText: 'sigma/tag-format',
        pattern: [TAG, 'sigma/tag-format', 'A tag is written like attack.t1059, in lower case.'],
      }),
      { unique: 'sigma/duplicate-tags' },
    ),
    scope: list(text({ min: [2, 'sigma/scope-too-short'] })),
  },
  correlation: {
    ...ABOUT,
    correlation,
    falsepositives(node, tell) {
      const short = text({ min: [2, 'sigma/falsepositive-too-short'] })
      if (node.kind === 'list') falsepositives(node, tell)
      else short(node, tell)
    },
    generate(node, tell) {
      if (node.kind === 'scalar' && typeof node.value === 'boolean') return
      tell('sigma/generate-not-boolean', node, '"generate" is true or false.')
    },
  },
  filter: { ...HEAD, logsource, filter },
}

const REQUIRED: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  rule: {
    title: 'sigma/missing-title',
    logsource: 'sigma/missing-logsource',
    detection: 'sigma/missing-detection',
  },
  correlation: { title: 'sigma/missing-title' },
  filter: { title: 'sigma/missing-title', logsource: 'sigma/missing-logsource' },
}
