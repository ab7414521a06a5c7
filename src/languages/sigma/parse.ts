// Reads a text of Sigma documents: rules, correlation rules, filters, several in one file, and the
// legacy `action: global | repeat | reset`. Answers everything that could be read and everything that
// is wrong. A document with an error is left out of `documents`.

import type { Problem } from '#kernel/problem.ts'
import { readCorrelation } from './correlation-parse.ts'
import { readDetections } from './detection.ts'
import { readLogSource, readMetadata } from './metadata.ts'
import type { SigmaDocument, SigmaFilter, SigmaRule } from './rule.ts'
import { Source, type Range } from './source.ts'
import { readYaml, valueOf, type YamlMap, type YamlNode, type YamlScalar } from './yaml.ts'

export interface ParsedFile {
  readonly documents: readonly SigmaDocument[]
  /** One for each document of the file, also those that could not be read, in order. */
  readonly outlines: readonly Outline[]
  readonly problems: readonly Problem[]
}

/** What can be said about a document however broken it is. */
export interface Outline extends Range {
  readonly index: number
  readonly id: string | null
  readonly title: string | null
  readonly problems: readonly Problem[]
  readonly document?: SigmaDocument
  /** What it holds, actions resolved; undefined when it is no map. */
  readonly root?: YamlMap
}

export function parseSigma(text: string): ParsedFile {
  const source = new Source(text)
  const documents = readYaml(source)
  const outlines: Outline[] = []
  const actions = new Actions(source)
  const reading = [...source.problems]
  for (const [index, { root, start, end }] of documents.entries()) {
    if (root === undefined) continue
    source.problems.length = 0
    const map = actions.resolve(root)
    const document = map && readDocument(source, map, index)
    const own = reading.filter((problem) => isWithin(source, problem, { start, end }))
    const problems = [...own, ...source.problems]
    const isSound = document && !problems.some((problem) => problem.severity === 'error')
    if (map === undefined && problems.length === 0) continue // an action, which stands for no rule
    outlines.push({
      index,
      id: textOf(map, 'id'),
      title: textOf(map, 'title'),
      problems,
      start,
      end,
      ...(map === undefined ? {} : { root: map }),
      ...(isSound ? { document } : {}),
    })
  }
  const told = new Set(outlines.flatMap((outline) => outline.problems))
  const elsewhere = reading.filter((problem) => !told.has(problem))
  const outlined = elsewhere.length === 0 ? outlines : [orphan(elsewhere, text), ...outlines]
  return {
    documents: outlines.flatMap((outline) => outline.document ?? []),
    outlines: outlined,
    problems: outlined.flatMap((outline) => outline.problems),
  }
}

function orphan(problems: readonly Problem[], text: string): Outline {
  return { index: 0, id: null, title: null, problems, start: 0, end: text.length }
}

function isWithin(source: Source, problem: Problem, range: Range): boolean {
  const span = source.span(range)
  return problem.line! >= span.line && problem.line! <= span.endLine
}

function readDocument(source: Source, root: YamlMap, index: number): SigmaDocument | undefined {
  const metadata = readMetadata(source, root)
  if (valueOf(root, 'correlation')) return readCorrelation(source, root, metadata, index)
  if (valueOf(root, 'filter')) return readFilter(source, root, metadata, index)
  if (isNative(root)) return undefined
  return readRule(source, root, metadata, index)
}

/** A rule in the words of a product: it brings queries of its own, and has nothing that Sigma reads. */
export function isNative(root: YamlMap): boolean {
  if (['detection', 'correlation', 'filter'].some((key) => valueOf(root, key))) return false
  const own = mapAt(mapAt(root, 'rulewright'), 'implementations')
  return (own?.entries ?? []).some(
    ({ value }) => value.kind === 'map' && valueOf(value, 'query') !== undefined,
  )
}

function mapAt(map: YamlMap | undefined, key: string): YamlMap | undefined {
  const found = map && valueOf(map, key)
  return found?.kind === 'map' ? found : undefined
}

type Parts = ReturnType<typeof readMetadata>

function readRule(
  source: Source,
  root: YamlMap,
  metadata: Parts,
  index: number,
): SigmaRule | undefined {
  const logsource = readLogSource(source, root)
  const detection = valueOf(root, 'detection')
  if (detection === undefined) {
    const hint = 'A rule has "detection", a correlation rule "correlation", a filter "filter".'
    source.error('sigma/missing-detection', headOf(root), 'The rule has no detection.', hint)
    return undefined
  }
  if (detection.kind !== 'map') {
    source.error('sigma/detection-not-map', detection, 'The detection must be a map of searches.')
    return undefined
  }
  const detections = readDetections(source, detection)
  if (!metadata || !logsource || !detections) return undefined
  const { start, end } = root
  return { kind: 'rule', ...metadata, logsource, detections, root, index, start, end }
}

const FILTER_KEYS: ReadonlySet<string> = new Set(['rules'])

function readFilter(
  source: Source,
  root: YamlMap,
  metadata: Parts,
  index: number,
): SigmaFilter | undefined {
  const logsource = readLogSource(source, root)
  const filter = valueOf(root, 'filter')!
  if (filter.kind !== 'map') {
    source.error('sigma/filter-not-map', filter, 'A filter is a map of rules, searches, condition.')
    return undefined
  }
  const rules = readFilterRules(source, filter)
  const detections = readDetections(source, filter, FILTER_KEYS)
  if (!metadata || !logsource || !detections || !rules) return undefined
  const { start, end } = root
  return { kind: 'filter', ...metadata, logsource, rules, detections, root, index, start, end }
}

function readFilterRules(source: Source, filter: YamlMap): SigmaFilter['rules'] | undefined {
  const node = valueOf(filter, 'rules')
  if (node === undefined) {
    const hint = 'List ids or names, or write "rules: any".'
    source.error('sigma/filter-without-rules', filter, 'The filter says no rules.', hint)
    return undefined
  }
  if (node.kind === 'scalar' && node.text === 'any') return 'any'
  const items = node.kind === 'list' ? node.items : [node]
  const scalars = items.filter((item): item is YamlScalar => item.kind === 'scalar')
  if (scalars.length < items.length || items.length === 0) {
    source.error('sigma/filter-without-rules', node, 'Rules are a list of ids or names, or "any".')
    return undefined
  }
  return scalars
}

function textOf(map: YamlMap | undefined, key: string): string | null {
  const node = map && valueOf(map, key)
  return node?.kind === 'scalar' && node.value !== null ? node.text : null
}

/** The first line of a document: where to point when something is missing from it. */
function headOf(root: YamlMap): Range {
  const first = root.entries[0]?.key
  return first ? { start: first.start, end: first.end } : root
}

/** Legacy collections: `global` is laid over all that follow, `repeat` over the one before. */
class Actions {
  readonly #source: Source
  #global: YamlMap | undefined
  #previous: YamlMap | undefined

  constructor(source: Source) {
    this.#source = source
  }

  /** The document a rule is read from; undefined for those that only prepare others. */
  resolve(root: YamlNode): YamlMap | undefined {
    if (root.kind !== 'map') {
      const message = 'A Sigma document is a map of title, logsource, detection and so on.'
      this.#source.error('sigma/not-a-map', root, message)
      return undefined
    }
    const action = valueOf(root, 'action')
    if (action === undefined) return this.#remember(merge(root, this.#global))
    const map = { ...root, entries: root.entries.filter((entry) => entry.key.text !== 'action') }
    const word = action.kind === 'scalar' ? action.text : ''
    if (word === 'global') this.#global = merge(this.#global ?? map, map)
    else if (word === 'reset') this.#global = undefined
    else if (word === 'repeat') return this.#repeat(map, action)
    else {
      const message = 'An action is global, repeat or reset.'
      this.#source.error('sigma/unknown-action', action, message)
    }
    return undefined
  }

  #repeat(map: YamlMap, action: Range): YamlMap | undefined {
    if (this.#previous !== undefined) return this.#remember(merge(this.#previous, map))
    this.#source.error('sigma/nothing-to-repeat', action, 'There is no rule before this to repeat.')
    return undefined
  }

  #remember(map: YamlMap): YamlMap {
    this.#previous = map
    return map
  }
}

/** `over` wins where both have a key, and maps are merged all the way down. */
function merge(under: YamlMap, over: YamlMap | undefined): YamlMap {
  if (over === undefined || over === under) return under
  const entries = new Map(under.entries.map((entry) => [entry.key.text, entry]))
  for (const entry of over.entries) {
    const below = entries.get(entry.key.text)?.value
    const isBoth = below?.kind === 'map' && entry.value.kind === 'map'
    const value = isBoth ? merge(below, entry.value) : entry.value
    entries.set(entry.key.text, { key: entry.key, value })
  }
  return { ...under, entries: [...entries.values()] }
}
