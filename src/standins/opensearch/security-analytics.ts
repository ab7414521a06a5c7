// Security Analytics of an OpenSearch stand-in: rules as Sigma texts under ids that the server picks,
// detectors that hold them, findings by rule. Source: the plugin's handlers and its own REST tests, read
// 2026-11.

import type { Json } from '#kernel/json.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { Cluster, Detector, SecurityRule } from './cluster.ts'
import { OpensearchError } from './errors.ts'
import type { Members } from './query.ts'

const CATEGORIES = new Set([
  'apache_access',
  'azure',
  'cloudtrail',
  'dns',
  'github',
  'gworkspace',
  'linux',
  'm365',
  'network',
  'okta',
  'others_application',
  'others_apt',
  'others_cloud',
  'others_compliance',
  'others_macos',
  'others_proxy',
  'others_web',
  's3',
  'test_windows',
  'vpcflow',
  'waf',
  'windows',
])
const SECURITY = 'security_analytics_exception'

// ── Rules ────────────────────────────────────────────────────────────────────────────────────────

export function writeRule(
  cluster: Cluster,
  {
    id,
    category,
    text,
    isForced,
  }: { id?: string; category: string; text: string; isForced: boolean },
): { status: number; body: Json } {
  if (!CATEGORIES.has(category))
    throw new OpensearchError(400, SECURITY, `Invalid rule category ${category}`)
  const wrong = errorsIn(text)
  if (wrong.length > 0) throw new OpensearchError(400, SECURITY, wrong.join(', '))
  if (id === undefined) {
    const rule: SecurityRule = {
      id: `rule-${++cluster.serial}`,
      version: 1,
      category,
      text,
      updated: cluster.clock.now(),
      isPrepackaged: false,
    }
    cluster.rules.set(rule.id, rule)
    return { status: 201, body: ruleReply(rule) }
  }
  const rule = changeable(cluster, id, isForced)
  Object.assign(rule, { version: rule.version + 1, category, text, updated: cluster.clock.now() })
  return { status: 200, body: ruleReply(rule) }
}

export function removeRule(cluster: Cluster, id: string, isForced: boolean): Json {
  const rule = changeable(cluster, id, isForced)
  cluster.rules.delete(id)
  return { _id: id, _version: rule.version + 1 }
}

function changeable(cluster: Cluster, id: string, isForced: boolean): SecurityRule {
  const rule = cluster.rules.get(id)
  if (rule === undefined || rule.isPrepackaged) {
    throw new OpensearchError(404, SECURITY, `Rule with ${id} is not found`)
  }
  const isUsed = [...cluster.detectors.values()].some(({ body }) =>
    customRulesOf(body).includes(id),
  )
  if (isUsed && !isForced) {
    const text = `Rule with id ${id} is actively used by detectors. Update can be forced by setting forced flag to true`
    throw new OpensearchError(400, SECURITY, text)
  }
  return rule
}

/** All at once, as the plugin joins them. */
function errorsIn(text: string): readonly string[] {
  const { problems, documents } = parseSigma(text)
  const found = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message)
  return documents.length === 0 && found.length === 0 ? ['Sigma rule is empty'] : found
}

function ruleReply(rule: SecurityRule): Json {
  return { _id: rule.id, _version: rule.version, rule: { ...ruleSource(rule), rule: rule.text } }
}

function ruleSource({ category, text, updated }: SecurityRule): Members {
  const one = (key: string) => new RegExp(`^${key}:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim() ?? ''
  return {
    category,
    title: one('title'),
    log_source: '',
    description: one('description'),
    tags: [],
    references: [],
    level: one('level'),
    false_positives: [],
    author: one('author'),
    status: one('status'),
    last_update_time: new Date(updated).toISOString(),
  }
}

/** `prePackaged` true is the plugin's own. Ids by `terms` on `_id`, else all. */
export function searchRules(cluster: Cluster, body: Members, isPrepackaged: boolean): Json {
  const terms = ((body['query'] as Members | undefined)?.['terms'] as Members | undefined)?.['_id']
  const ids = terms as readonly string[] | undefined
  const found = [...cluster.rules.values()].filter(
    (rule) => rule.isPrepackaged === isPrepackaged && (ids === undefined || ids.includes(rule.id)),
  )
  return hitsOf(
    found.map((rule) => ({
      _index: '.opensearch-sap-custom-rules-config',
      _id: rule.id,
      _version: rule.version,
      _source: { ...ruleSource(rule), queries: [{ value: 'x' }], rule: rule.text },
    })),
    body,
  )
}

function hitsOf(hits: readonly Json[], body: Members): Json {
  const [from, size] = [Number(body['from'] ?? 0), Number(body['size'] ?? 10)]
  return {
    took: 1,
    timed_out: false,
    _shards: { total: 1, successful: 1, skipped: 0, failed: 0 },
    hits: {
      total: { value: hits.length, relation: 'eq' },
      max_score: 1,
      hits: hits.slice(from, from + size),
    },
  }
}

// ── Detectors ────────────────────────────────────────────────────────────────────────────────────

export function writeDetector(cluster: Cluster, id: string | undefined, body: Members): Json {
  const triggers = (body['triggers'] ?? []) as readonly Members[]
  if (triggers.some((trigger) => ((trigger['detection_types'] ?? []) as Json[]).length === 0)) {
    throw new OpensearchError(400, SECURITY, 'Trigger detection types must not be empty')
  }
  const missing = customRulesOf(body).filter((rule) => !cluster.rules.has(rule))
  if (missing.length > 0)
    throw new OpensearchError(400, SECURITY, `Rules not found: ${missing.join(', ')}`)
  const now = cluster.clock.now()
  const known = id === undefined ? undefined : getDetector(cluster, id)
  const named = triggers.map((trigger) => ({ id: `trigger-${++cluster.serial}`, ...trigger }))
  const detector: Detector = {
    id: known?.id ?? `detector-${++cluster.serial}`,
    version: (known?.version ?? 0) + 1,
    body: { threat_intel_enabled: false, ...body, triggers: named },
    updated: now,
  }
  cluster.detectors.set(detector.id, detector)
  return detectorReply(detector)
}

export function getDetector(cluster: Cluster, id: string): Detector {
  const found = cluster.detectors.get(id)
  if (found) return found
  throw new OpensearchError(404, 'status_exception', 'Detector not found.')
}

export function detectorReply({ id, version, body, updated }: Detector): Json {
  const at = new Date(updated).toISOString()
  return {
    _id: id,
    _version: version,
    detector: { ...body, monitor_id: [`monitor-${id}`], last_update_time: at, enabled_time: at },
  }
}

export function searchDetectors(cluster: Cluster, body: Members): Json {
  const hits = [...cluster.detectors.values()].map((detector) => ({
    _index: '.opensearch-sap-detectors-config',
    _id: detector.id,
    _version: detector.version,
    _source: {
      ...detector.body,
      monitor_id: [`monitor-${detector.id}`],
      last_update_time: detector.updated,
    },
  }))
  return hitsOf(hits, body)
}

function customRulesOf(body: Members): readonly string[] {
  const inputs = (body['inputs'] ?? []) as readonly { detector_input?: Members }[]
  return inputs.flatMap(({ detector_input: input }) =>
    ((input?.['custom_rules'] ?? []) as readonly { id: string }[]).map(({ id }) => id),
  )
}

// ── Findings ─────────────────────────────────────────────────────────────────────────────────────

export function searchFindings(cluster: Cluster, query: URLSearchParams): Json {
  const number = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise)
  const [from, to] = [number('startTime', 0), number('endTime', Infinity)]
  const detector = query.get('detector_id')
  const found = cluster.findings.filter(
    ({ detectorId, at }) => (detector === null || detectorId === detector) && at >= from && at < to,
  )
  const start = number('startIndex', 0)
  return {
    total_findings: found.length,
    findings: found.slice(start, start + number('size', 20)).map((finding) => ({
      id: finding.id,
      detectorId: finding.detectorId,
      index: finding.index,
      related_doc_ids: ['1'],
      queries: finding.ruleIds.map((id) => ({ id, name: id, query: 'x', tags: ['high'] })),
      timestamp: finding.at,
      document_list: [],
    })),
  }
}
