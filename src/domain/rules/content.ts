// What the text of a rule says. The text is the rule: everything here is read from it and nothing is
// kept beside it. A text that cannot be told apart (no YAML, several documents, no title) has no
// content; anything else does, with whatever is wrong told beside it.

import { nearest, type Checked, type Problem } from '#kernel/problem.ts'
import { listsNamed } from '#languages/sigma/fill.ts'
import { readLogSource, readMetadata } from '#languages/sigma/metadata.ts'
import { parseSigma, type Outline, type ParsedFile } from '#languages/sigma/parse.ts'
import { Source, type Range } from '#languages/sigma/source.ts'
import { toData, valueOf, type YamlMap, type YamlNode } from '#languages/sigma/yaml.ts'
import { listReference } from '#domain/rules/lists/list.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import {
  LEVELS,
  PRODUCT_KEYS,
  STATUSES,
  type Implementation,
  type Level,
  type Overlay,
  type ProductKey,
  type ProductParts,
  type Status,
  type TestCase,
} from './product-key.ts'

export interface RelatedRule {
  readonly id: string
  /** As Sigma spells it: `derived`, `obsolete`, `merged`, `renamed`, `similar`. */
  readonly type: string
}

export interface RuleContent {
  readonly kind: 'rule' | 'correlation' | 'filter'
  /** `sigma` says what to look for, `native` in the words of a place, `mixed` both. */
  readonly format: 'sigma' | 'native' | 'mixed'
  readonly title: string
  /** As written: unique in a workspace. */
  readonly sigmaId: string | null
  /** What correlations may call it by. */
  readonly name: string | null
  readonly description: string | null
  readonly level: Level | null
  readonly status: Status | null
  readonly author: string | null
  readonly date: string | null
  readonly modified: string | null
  readonly references: readonly string[]
  readonly tags: readonly string[]
  readonly falsepositives: readonly string[]
  readonly logsource: RuleLogSource | null
  readonly owner: string | null
  readonly group: string | null
  readonly confidence: 'low' | 'medium' | 'high' | null
  readonly runbook: string | null
  readonly source: NonNullable<ProductParts['source']> | null
  readonly output: Exclude<NonNullable<ProductParts['output']>, string>
  readonly entities: NonNullable<ProductParts['entities']>
  readonly schedule: NonNullable<ProductParts['schedule']> | null
  readonly throttle: NonNullable<ProductParts['throttle']> | null
  readonly details: NonNullable<ProductParts['details']>
  readonly titleTemplate: string | null
  readonly drilldowns: NonNullable<ProductParts['drilldowns']>
  readonly implementations: Partial<Readonly<Record<Kind, Implementation>>>
  readonly overlays: Readonly<Record<string, Overlay>>
  readonly tests: readonly TestCase[]
  /** Ids or names of the rules it builds on, as written, and reference lists as `%name%`. */
  readonly refersTo: readonly string[]
  readonly licence: string | null
  /** Other rules by their ids, and what they are to this one. */
  readonly related: readonly RelatedRule[]
}

export interface RuleLogSource {
  readonly product?: string
  readonly category?: string
  readonly service?: string
}

/** Pure. `value` is absent only for a text that no rule can be kept of. */
export function readRuleText(text: string): Checked<RuleContent> {
  return readParsedRule(text, parseSigma(text))
}

/** The same for whoever has read the text already. */
export function readParsedRule(
  text: string,
  { outlines, problems }: ParsedFile,
): Checked<RuleContent> {
  const [outline, ...others] = outlines
  const cause = reasonToRefuse(outline, others, problems)
  if (cause) return { problems: cause }
  const root = outline!.root!
  const source = new Source(text)
  const product = valueOf(root, 'rulewright')
  const parts = product === undefined ? {} : readParts(source, product)
  const format = formatOf(root, parts)
  const own = format === 'native' ? problems.filter(({ code }) => !ONLY_SIGMA.has(code)) : problems
  const content = toContent(outline!, { root, parts, format, lists: listsNamed(text) })
  return { value: content, problems: [...own, ...source.problems] }
}

/** A native rule has no detection, so what asks for one does not speak of it. */
const ONLY_SIGMA: ReadonlySet<string> = new Set([
  'sigma/missing-detection',
  'sigma/missing-logsource',
  'sigma/empty-logsource',
])

export const TITLE_CHARS_MAX = 16_384

function reasonToRefuse(
  outline: Outline | undefined,
  others: readonly Outline[],
  problems: readonly Problem[],
): readonly Problem[] | undefined {
  const broken = problems.filter(
    ({ code, severity }) => severity === 'error' && code.startsWith('yaml/'),
  )
  if (broken.length > 0) return broken
  if (others.length > 0) {
    const hint = 'Save each document as a rule of its own, or import the file.'
    return [refuse('rule/several-documents', 'A rule is one document; this text holds more.', hint)]
  }
  if (outline?.root === undefined) {
    const hint = 'Begin with "title:", then "logsource:" and "detection:".'
    return [...problems, refuse('rule/no-document', 'This text holds no rule.', hint)]
  }
  if (outline.index > 0) {
    const hint = 'Write what it says into the rule itself, or import the file.'
    return [refuse('rule/action', 'This text leans on an "action" above the rule.', hint)]
  }
  const title = valueOf(outline.root, 'title')
  if (title?.kind !== 'scalar' || title.text.trim() === '') {
    return [refuse('rule/no-title', 'The rule has no title, so nobody could find it again.')]
  }
  if (title.text.length > TITLE_CHARS_MAX) {
    return [refuse('rule/long-title', `A title has at most ${TITLE_CHARS_MAX} characters.`)]
  }
  return undefined
}

function refuse(code: string, message: string, hint?: string): Problem {
  return { code, severity: 'error', message, ...(hint === undefined ? {} : { hint }) }
}

function readParts(source: Source, node: YamlNode): ProductParts {
  if (node.kind !== 'map') {
    source.error('rule/product-key', node, 'The key "rulewright" holds a map.')
    return {}
  }
  const parts: Record<string, unknown> = {}
  for (const { key, value } of node.entries) {
    if (!Object.hasOwn(PRODUCT_KEYS, key.text)) {
      const near = nearest(key.text, Object.keys(PRODUCT_KEYS))
      const hint = near === undefined ? 'It is kept as it is.' : `Did you mean "${near}"?`
      source.report('info', 'rule/unknown-key', key, `"${key.text}" means nothing here.`, hint)
      continue
    }
    const read = PRODUCT_KEYS[key.text as ProductKey].safeParse(toData(value))
    if (read.success) parts[key.text] = read.data
    else {
      for (const { path, message } of read.error.issues.slice(0, ISSUES_MAX)) {
        const where = [key.text, ...path.map(String)].join('.')
        source.error('rule/product-key', placeOf(value, path), `${where}: ${message}.`)
      }
    }
  }
  return parts
}

const ISSUES_MAX = 20

/** The deepest node on the way of a path, so that a missing key is shown at its map. */
function placeOf(node: YamlNode, path: readonly PropertyKey[]): Range {
  const [step, ...rest] = path
  if (step === undefined) return node
  const inner =
    node.kind === 'map'
      ? valueOf(node, String(step))
      : node.kind === 'list'
        ? node.items[Number(step)]
        : undefined
  return inner === undefined ? node : placeOf(inner, rest)
}

function formatOf(root: YamlMap, { implementations }: ProductParts): RuleContent['format'] {
  const hasNative = Object.values(implementations ?? {}).some((one) => one?.query !== undefined)
  const hasSigma = ['detection', 'correlation', 'filter'].some((key) => valueOf(root, key))
  if (!hasNative) return 'sigma'
  return hasSigma ? 'mixed' : 'native'
}

interface ReadParts extends Pick<RuleContent, 'format'> {
  readonly root: YamlMap
  readonly parts: ProductParts
  /** Names of reference lists. */
  readonly lists: readonly string[]
}

function toContent({ document }: Outline, { root, parts, format, lists }: ReadParts): RuleContent {
  const scratch = new Source('') // what is wrong with these was told by the reader
  const metadata = readMetadata(scratch, root)!
  const { output } = parts
  return {
    kind: valueOf(root, 'correlation')
      ? 'correlation'
      : valueOf(root, 'filter')
        ? 'filter'
        : 'rule',
    format,
    title: metadata.title.trim(),
    sigmaId: metadata.id?.trim() || null,
    name: metadata.name?.trim() || null,
    description: metadata.description ?? null,
    level: LEVELS.find((level) => level === metadata.level) ?? null,
    status: STATUSES.find((status) => status === metadata.status) ?? null,
    author: metadata.author ?? null,
    date: metadata.date ?? null,
    modified: metadata.modified ?? null,
    references: metadata.references,
    tags: metadata.tags,
    falsepositives: metadata.falsepositives,
    logsource: logSourceOf(scratch, root),
    owner: parts.owner ?? null,
    group: parts.group ?? null,
    confidence: parts.confidence ?? null,
    runbook: parts.runbook ?? null,
    source: parts.source ?? null,
    output: typeof output === 'object' ? output : { kind: output ?? 'alert' },
    entities: parts.entities ?? [],
    schedule: parts.schedule ?? null,
    throttle: parts.throttle ?? null,
    details: parts.details ?? {},
    titleTemplate: parts.titleTemplate ?? null,
    drilldowns: parts.drilldowns ?? [],
    implementations: parts.implementations ?? {},
    overlays: parts.overlays ?? {},
    tests: parts.tests ?? [],
    licence: metadata.license ?? null,
    related: relatedOf(root),
    refersTo: [
      ...(document?.kind === 'correlation' ? document.rules.map(({ text }) => text) : []),
      ...lists.map(listReference),
    ],
  }
}

function relatedOf(root: YamlMap): readonly RelatedRule[] {
  const node = valueOf(root, 'related')
  if (node?.kind !== 'list') return []
  return node.items.flatMap((item) => {
    if (item.kind !== 'map') return []
    const [id, type] = [valueOf(item, 'id'), valueOf(item, 'type')]
    return id?.kind === 'scalar' && type?.kind === 'scalar'
      ? [{ id: id.text, type: type.text }]
      : []
  })
}

function logSourceOf(scratch: Source, root: YamlMap): RuleLogSource | null {
  const found = valueOf(root, 'logsource') && readLogSource(scratch, root)
  const filter = valueOf(root, 'filter')
  const inner =
    found ??
    (filter?.kind === 'map' && valueOf(filter, 'logsource')
      ? readLogSource(scratch, filter)
      : undefined)
  if (!inner) return null
  const { product, category, service } = inner
  return {
    ...(product === undefined ? {} : { product }),
    ...(category === undefined ? {} : { category }),
    ...(service === undefined ? {} : { service }),
  }
}
