// What rules use, and what becomes of it at a target, in a worker thread: log sources that have no place
// there, fields that its schema does not have, and candidates for both.

import type { LogSourceKeys } from '#domain/mappings/input.ts'
import type { MappedPlace } from '#domain/mappings/mapping.ts'
import { pipelineNamed, pipelinesAt } from '#domain/mappings/pipelines.ts'
import {
  columnOf,
  suggestFields,
  suggestPlaces,
  tablesAt,
  type Candidate,
  type Whereabouts,
} from '#domain/mappings/suggest.ts'
import type { SchemaTable } from '#domain/targets/port.ts'
import type { BuiltinName } from '#languages/sigma/names.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { itemsIn } from '#languages/sigma/pipeline-state.ts'
import { applyPipelines, type Pipeline } from '#languages/sigma/pipeline.ts'
import type { DetectionItem, SigmaRule } from '#languages/sigma/rule.ts'
import { writeText } from '#languages/sigma/value.ts'
import type { WorkerTask } from '#platform/worker.ts'
import { readParsedRule } from '#domain/rules/content.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'

export interface TextsToUse {
  readonly texts: readonly string[]
  readonly kind: Kind
}

export interface RuleUse {
  readonly logsource: LogSourceKeys
  readonly fields: readonly string[]
}

/** In the order of the texts; null for one that is not compiled from a detection there. */
export const readUses: WorkerTask<TextsToUse, readonly (RuleUse | null)[]> = {
  worker: 'rules',
  name: 'rules.read_uses',
}

export function readUsesHere({ texts, kind }: TextsToUse): readonly (RuleUse | null)[] {
  return texts.map((text) => {
    const parsed = parseSigma(text)
    const [document] = parsed.documents
    const { value: content } = readParsedRule(text, parsed)
    if (document?.kind !== 'rule' || content?.implementations[kind]?.query !== undefined)
      return null
    const { product, category, service } = document.logsource
    const groups = [...document.detections.searches.values()]
    const fields = groups.flatMap((group) =>
      [...itemsIn(group)].flatMap(({ field }) => field ?? []),
    )
    return {
      logsource: {
        ...(product && { product }),
        ...(category && { category }),
        ...(service && { service }),
      },
      fields: [...new Set(fields)],
    }
  })
}

export interface SourceUse {
  readonly logsource: LogSourceKeys
  readonly rules: number
  readonly fields: readonly { readonly field: string; readonly rules: number }[]
}

export interface UsesToPlace {
  readonly uses: readonly SourceUse[]
  readonly place: MappedPlace
  /** Null while the target was not asked. */
  readonly tables: readonly SchemaTable[] | null
}

export interface SourceFound {
  readonly logsource: LogSourceKeys
  readonly rules: number
  /** `refused`: no pipeline has a place for it; `unscoped`: nothing says where; `absent`: the schema has no such place. */
  readonly state: 'refused' | 'unscoped' | 'absent'
  readonly why: string
  readonly candidates: readonly Candidate[]
}

export interface FieldFound {
  readonly logsource: LogSourceKeys
  readonly field: string
  readonly rules: number
  readonly called: readonly string[]
  readonly candidates: readonly Candidate[]
}

export interface SurveyFound {
  /** What rules use and the target does not have a name for, the most used first. */
  readonly sources: readonly SourceFound[]
  readonly fields: readonly FieldFound[]
  /** False while the target has not told what it holds. */
  readonly hasSchema: boolean
  /** Log sources of rules, all told. */
  readonly sourceCount: number
  readonly fieldCount: number
}

export const placeUses: WorkerTask<UsesToPlace, SurveyFound> = {
  worker: 'rules',
  name: 'rules.place_uses',
}

const FOUND_MAX = 500

export function placeUsesHere({ uses, place, tables }: UsesToPlace): SurveyFound {
  const { pipelines } = pipelinesAt(place)
  const sources: SourceFound[] = []
  const fields: FieldFound[] = []
  for (const use of uses) {
    const { logsource, rules } = use
    const probed = probe(logsource, pipelines)
    const at = 'why' in probed ? undefined : tablesAt(probed, place.kind, tables ?? [])
    const state = stateOf(probed, at, tables)
    if (state !== undefined) {
      const candidates = tables === null ? [] : placesFor(use, tables)
      const why = 'why' in probed ? probed.why : WHY[state]
      sources.push({ logsource, rules, state, why, candidates })
    }
    if ('why' in probed || tables === null) continue
    fields.push(...fieldsMissing(use, pipelines, at ?? tables))
  }
  const count = (list: readonly SourceUse[]) =>
    list.reduce((sum, one) => sum + one.fields.length, 0)
  return {
    hasSchema: tables !== null,
    sources: mostUsed(sources),
    fields: mostUsed(fields),
    sourceCount: uses.length,
    fieldCount: count(uses),
  }
}

const WHY = {
  refused: '',
  unscoped: 'Nothing says where its events are: queries look everywhere.',
  absent: 'The target holds nothing where its events are said to be.',
} as const

function stateOf(
  probed: Whereabouts | { readonly why: string },
  at: readonly SchemaTable[] | undefined,
  tables: readonly SchemaTable[] | null,
): SourceFound['state'] | undefined {
  if ('why' in probed) return 'refused'
  if (probed.places.length + Object.keys(probed.conditions).length === 0) return 'unscoped'
  return tables !== null && at?.length === 0 ? 'absent' : undefined
}

function mostUsed<Found extends { readonly rules: number }>(found: readonly Found[]) {
  return found.toSorted((a, b) => b.rules - a.rules).slice(0, FOUND_MAX)
}

function fieldsMissing(
  { logsource, fields }: SourceUse,
  pipelines: readonly Pipeline[],
  tables: readonly SchemaTable[],
): readonly FieldFound[] {
  const columns = [...new Set(tables.flatMap((one) => one.columns.map(({ name }) => name)))]
  if (columns.length === 0) return []
  const has = new Set(columns.map((name) => name.toLowerCase()))
  const isThere = (name: string) => {
    const column = columnOf(name).toLowerCase()
    return has.has(column) || has.has(column.split('.')[0]!)
  }
  return fields.flatMap(({ field, rules }) => {
    const called = namesOf(logsource, field, pipelines) ?? []
    if (called.some(isThere)) return []
    const candidates = suggestFields(
      { field, called, synonyms: synonymsOf(logsource, field) },
      columns,
    )
    return [{ logsource, field, rules, called, candidates }]
  })
}

function placesFor(
  { logsource, fields }: SourceUse,
  tables: readonly SchemaTable[],
): ReturnType<typeof suggestPlaces> {
  const synonyms = SCHEMAS.flatMap((name) => {
    const probed = probe(logsource, [pipelineNamed(name)])
    if ('why' in probed) return []
    const { places, conditions } = probed
    const named = [...places, ...(conditions['sourcetype'] ?? [])]
    return named.filter((one) => one !== '*').map((one) => [name, one] as const)
  })
  const asked = fields.map(({ field }) => [
    field,
    ...synonymsOf(logsource, field).map(([, one]) => one),
  ])
  return suggestPlaces({ logsource, fields: asked, synonyms }, tables)
}

/** Whose names for things are known: the community's schemas and ours. */
const SCHEMAS: readonly BuiltinName[] = [
  'rw_splunk',
  'rw_sentinel',
  'rw_defender',
  'rw_elastic',
  'rw_opensearch',
  'ecs_windows',
  'splunk_cim',
  'microsoft_xdr',
]

function synonymsOf(
  logsource: LogSourceKeys,
  field: string,
): readonly (readonly [string, string])[] {
  return SCHEMAS.flatMap((name) =>
    (namesOf(logsource, field, [pipelineNamed(name)]) ?? [])
      .filter((one) => one !== field)
      .map((one) => [name, one] as const),
  )
}

// ── Asking pipelines by sending a rule through them ──────────────────────────────────────────────

/** Where they have events of the log source; or why nowhere. */
function probe(
  logsource: LogSourceKeys,
  pipelines: readonly Pipeline[],
): Whereabouts | { readonly why: string } {
  // A keyword has no name that a pipeline could refuse.
  const sent = ruleWith(logsource, ['probe'])
  if (sent === undefined) return { why: 'No rule can name this log source.' }
  const { rule, state, problems } = applyPipelines(sent, pipelines)
  if (rule === undefined) return { why: problems[0]?.message ?? '' }
  const [table, index] = [state.get('query_table'), state.get('index')]
  const places = [table ?? index ?? []].flat().map(String)
  const conditions: Record<string, readonly string[]> = {}
  for (const [name, group] of rule.detections.searches) {
    if (name === SEARCH) continue
    for (const item of itemsIn(group)) {
      if (item.field !== undefined) conditions[item.field] = textsOf(item)
    }
  }
  return { places: places.flatMap((one) => one.split(',')), conditions }
}

function textsOf({ values }: DetectionItem): readonly string[] {
  return values.flatMap((value) => {
    if (value.kind === 'text') return [writeText(value.parts)]
    return value.kind === 'number' ? [String(value.value)] : []
  })
}

/** What they call the field; undefined where they refuse it. */
function namesOf(
  logsource: LogSourceKeys,
  field: string,
  pipelines: readonly Pipeline[],
): readonly string[] | undefined {
  const sent = ruleWith(logsource, { [`${field}|exists`]: true })
  const group = sent && applyPipelines(sent, pipelines).rule?.detections.searches.get(SEARCH)
  return group && [...itemsIn(group)].flatMap((item) => item.field ?? [])
}

const SEARCH = 'probe'

/** Undefined for names that no rule can have. */
function ruleWith(logsource: LogSourceKeys, search: unknown): SigmaRule | undefined {
  const detection = { [SEARCH]: search, condition: SEARCH }
  const text = JSON.stringify({ title: 'Probe', logsource, detection })
  const [document] = parseSigma(text).documents
  return document?.kind === 'rule' ? document : undefined
}
