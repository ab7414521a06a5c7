// Rules of Kibana's detection engine as its doors keep them: what a create leaves out gets its default, a
// patch changes what it names, an update replaces all; every change counts up the revision.

import { isDeepStrictEqual } from 'node:util'
import type { Json } from '#kernel/json.ts'
import type { Members } from '#standins/opensearch/query.ts'
import { EngineError } from './errors.ts'
import { textOf } from './members.ts'
import type { KibanaRule, Stack } from './stack.ts'

/** What a write may not say. */
const SERVER_OWNED = new Set([
  'id',
  'revision',
  'immutable',
  'rule_source',
  'created_at',
  'created_by',
  'updated_at',
  'updated_by',
  'execution_summary',
  'output_index',
])

const DEFAULTS: Members = {
  actions: [],
  author: [],
  enabled: true,
  exceptions_list: [],
  false_positives: [],
  from: 'now-6m',
  interval: '5m',
  license: '',
  max_signals: 100,
  output_index: '',
  references: [],
  related_integrations: [],
  required_fields: [],
  risk_score_mapping: [],
  setup: '',
  severity_mapping: [],
  tags: [],
  threat: [],
  to: 'now',
  version: 1,
}

/** Beside the common fields, by type: what it needs, and what it may have. */
const TYPES: Readonly<
  Record<string, { readonly needs: readonly string[]; readonly has: readonly string[] }>
> = {
  query: { needs: ['query'], has: ['index', 'data_view_id', 'language', 'filters', 'saved_id'] },
  saved_query: {
    needs: ['saved_id'],
    has: ['index', 'data_view_id', 'language', 'filters', 'query'],
  },
  eql: {
    needs: ['query', 'language'],
    has: [
      'index',
      'data_view_id',
      'filters',
      'event_category_override',
      'tiebreaker_field',
      'timestamp_field',
    ],
  },
  esql: { needs: ['query', 'language'], has: [] },
  threshold: {
    needs: ['query', 'threshold'],
    has: ['index', 'data_view_id', 'language', 'filters', 'saved_id'],
  },
  new_terms: {
    needs: ['query', 'new_terms_fields', 'history_window_start'],
    has: ['index', 'data_view_id', 'language', 'filters'],
  },
  threat_match: {
    needs: ['query', 'threat_query', 'threat_mapping', 'threat_index'],
    has: [
      'index',
      'data_view_id',
      'language',
      'filters',
      'saved_id',
      'threat_filters',
      'threat_indicator_path',
      'threat_language',
      'concurrent_searches',
      'items_per_search',
    ],
  },
  machine_learning: { needs: ['anomaly_threshold', 'machine_learning_job_id'], has: [] },
}

const COMMON = new Set([
  ...Object.keys(DEFAULTS),
  'rule_id',
  'name',
  'description',
  'type',
  'risk_score',
  'severity',
  'alert_suppression',
  'building_block_type',
  'investigation_fields',
  'meta',
  'namespace',
  'note',
  'outcome',
  'response_actions',
  'rule_name_override',
  'throttle',
  'timeline_id',
  'timeline_title',
  'timestamp_override',
  'timestamp_override_fallback_disabled',
])

const SEVERITIES = new Set(['low', 'medium', 'high', 'critical'])

// ── Finding ──────────────────────────────────────────────────────────────────────────────────────

export interface Asked {
  readonly id?: string | undefined
  readonly rule_id?: string | undefined
}

export function seekRule(stack: Stack, space: string, asked: Asked): KibanaRule | undefined {
  return stack.rules.find(
    (rule) =>
      rule.space === space &&
      (asked.id === undefined ? rule.body['rule_id'] === asked.rule_id : rule.id === asked.id),
  )
}

/** Throws 404, 400 where neither or both are said. */
export function findRule(stack: Stack, space: string, asked: Asked): KibanaRule {
  const { id, rule_id: ruleId } = asked
  if ((id === undefined) === (ruleId === undefined)) {
    throw new EngineError(400, 'either "id" or "rule_id" must be set')
  }
  const found = seekRule(stack, space, asked)
  if (found !== undefined) return found
  const named = id === undefined ? `rule_id: "${ruleId}"` : `id: "${id}"`
  throw new EngineError(404, `${named} not found`)
}

export function shown({ id, body, execution }: KibanaRule): Json {
  return { id, ...body, ...(execution !== null && { execution_summary: execution }) }
}

export function listRules(stack: Stack, space: string, query: URLSearchParams): Json {
  const [page, perPage] = [Number(query.get('page') ?? 1), Number(query.get('per_page') ?? 20)]
  if (page * perPage > 10_000) throw new EngineError(400, 'Result window is too large')
  const all = stack.rules.filter((rule) => rule.space === space)
  const field = query.get('sort_field') ?? 'created_at'
  const order = query.get('sort_order') === 'desc' ? -1 : 1
  const sorted = all.toSorted((a, b) =>
    textOf(a.body[field]) < textOf(b.body[field]) ? -order : order,
  )
  const data = sorted.slice((page - 1) * perPage, page * perPage).map(shown)
  return { page, perPage, total: all.length, data }
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

interface Author {
  readonly space: string
  readonly who: string
}

/** Throws 409 for a rule_id that is taken. */
export function createRule(stack: Stack, { space, who }: Author, given: Members): Json {
  const at = new Date(stack.clock.now()).toISOString()
  const id = `00000000-0000-4000-8000-${String(++stack.serial).padStart(12, '0')}`
  const ruleId = (given['rule_id'] as string | undefined) ?? id
  if (seekRule(stack, space, { rule_id: ruleId }) !== undefined) {
    throw new EngineError(409, `rule_id: "${ruleId}" already exists`)
  }
  const rule: KibanaRule = {
    id,
    space,
    execution: null,
    keyOf: who,
    body: {
      ...stored({ enabled: true, ...given }),
      rule_id: ruleId,
      revision: 0,
      immutable: false,
      rule_source: { type: 'internal' },
      created_at: at,
      created_by: who,
      updated_at: at,
      updated_by: who,
    },
  }
  stack.rules.push(rule)
  return shown(rule)
}

/** `isWhole` replaces all; else what is named changes. */
export function updateRule(
  stack: Stack,
  { space, who }: Author,
  given: Members,
  isWhole: boolean,
): Json {
  const { id, rule_id: ruleId, ...named } = given
  const rule = findRule(stack, space, {
    id: id as string | undefined,
    rule_id: id === undefined ? (ruleId as string | undefined) : undefined,
  })
  const before = Object.fromEntries(
    Object.entries(rule.body).filter(([key]) => !SERVER_OWNED.has(key)),
  )
  if (!isWhole && named['type'] !== undefined && named['type'] !== before['type']) {
    throw new EngineError(400, `type: a patch cannot turn ${textOf(before['type'])} into another`)
  }
  const next = stored(
    isWhole ? { enabled: before['enabled'] ?? false, ...named } : { ...before, ...named },
  )
  change(stack, rule, who, { ...next, rule_id: rule.body['rule_id']! })
  return shown(rule)
}

/** Keeps what is the server's own; who writes the same again only becomes its author. */
export function change(stack: Stack, rule: KibanaRule, who: string, next: Members): void {
  const own = Object.entries(rule.body).filter(([key]) => SERVER_OWNED.has(key))
  const said = { ...next, ...Object.fromEntries(own) }
  const isSame = isDeepStrictEqual(said, rule.body)
  rule.body = {
    ...said,
    revision: Number(rule.body['revision']) + (isSame ? 0 : 1),
    updated_at: new Date(stack.clock.now()).toISOString(),
    updated_by: who,
  }
  rule.keyOf = who
}

export function removeRule(stack: Stack, space: string, asked: Asked): Json {
  const rule = findRule(stack, space, asked)
  stack.rules = stack.rules.filter((other) => other !== rule)
  return shown(rule)
}

/** With defaults, in Kibana's spelling. Throws 400 with everything that is wrong. */
export function stored(given: Members): Members {
  const wrong = problemsIn(given)
  if (wrong.length > 0) throw new EngineError(400, wrong.join(', '))
  const members = Object.entries({ ...DEFAULTS, ...given })
    .filter(([key, value]) => !SERVER_OWNED.has(key) && value !== null)
    .map(([key, value]) => [key, spelled(key, value)] as const)
  return Object.fromEntries(members)
}

function problemsIn(given: Members): readonly string[] {
  const missing = ['name', 'description', 'risk_score', 'severity', 'type'].filter(
    (key) => given[key] === undefined || given[key] === null,
  )
  const type = TYPES[textOf(given['type'])]
  if (type === undefined) return [...missing, 'type'].map((key) => `${key}: Required`)
  const lacking = type.needs.filter((key) => given[key] === undefined || given[key] === null)
  const known = new Set([...COMMON, ...type.needs, ...type.has, ...SERVER_OWNED])
  const strange = Object.keys(given).filter((key) => !known.has(key))
  return [
    ...[...missing, ...lacking].map((key) => `${key}: Required`),
    // Kibana drops what it does not know; here it would hide a mistake of ours.
    ...strange.map((key) => `${key}: Unrecognized`),
    ...(SEVERITIES.has(textOf(given['severity'])) ? [] : ['severity: Invalid enum value']),
  ]
}

function spelled(key: string, value: Json): Json {
  switch (key) {
    case 'actions':
      return listed(value).map((action, at) => ({
        frequency: { summary: true, throttle: null, notifyWhen: 'onActiveAlert' },
        uuid: `action-${at}`,
        ...action,
      }))
    case 'threshold': {
      const { field = [], ...rest } = value as Members
      return { cardinality: [], ...rest, field: typeof field === 'string' ? [field] : field }
    }
    case 'alert_suppression':
      return 'group_by' in (value as Members)
        ? { missing_fields_strategy: 'suppress', ...(value as Members) }
        : value
    case 'required_fields':
      return listed(value).map((field) => ({ ...field, ecs: !textOf(field['name']).includes(' ') }))
    case 'threat':
      return listed(value).map((threat) => ({ technique: [], ...threat }))
    default:
      return value
  }
}

function listed(value: Json): readonly Members[] {
  return value as readonly Members[]
}
