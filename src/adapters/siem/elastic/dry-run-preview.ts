// A query over given events by Kibana's rehearsal of a rule: the events go into an index of their own, the
// rule engine runs over it, its alerts are read back, and the index is removed. This writes, so it needs a
// prefix of such indices in the target's settings; without one it is refused.

import type { TargetQuery, TestAnswer } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { SECOND } from '#kernel/time.ts'
import { flatten, valuesOf, type EventRecord } from '#languages/evaluation.ts'
import type { Ends } from './check.ts'
import { problemsOf, readAs, tidy } from './client.ts'
import { eventsOf, readFieldTypes } from './field-types.ts'
import { bulkWrite, found, previewed, type Hit } from './replies.ts'
import { ENGINE } from './rule-pages.ts'
import type { ElasticSettings } from './settings.ts'

const ALERTS_MAX = 1_000
/** However the test ended. */
const CLEAN_MS = 15 * SECOND

export interface PreviewTools extends Ends {
  readonly settings: ElasticSettings
  readonly now: () => number
  readonly random: (bytes: number) => Buffer
}

export async function runAsPreview(
  tools: PreviewTools,
  { query, events }: { readonly query: TargetQuery; readonly events: readonly Json[] },
  signal: AbortSignal,
): Promise<TestAnswer> {
  const { testPrefix } = tools.settings
  if (testPrefix === undefined) {
    const message =
      'To test this language Elastic needs an index to put events in: name a prefix for such indices in the settings of the target.'
    throw new AppError('unsupported', message)
  }
  const index = `${testPrefix}-${tools.random(8).toString('hex')}`
  const given = eventsOf(events)
  if (given.length === 0) return { matched: [], rows: 0, completeness: { kind: 'complete' } }
  const run = async (): Promise<TestAnswer> => {
    const span = await fill(tools, index, given, signal)
    const { previewId, isAborted } = await rehearse(tools, { query, index, span }, signal)
    const alerts = await readAlerts(tools, previewId, signal)
    return {
      matched: sourcesOf(alerts, index),
      rows: alerts.filter((alert) => !isBuildingBlock(alert)).length,
      completeness: isAborted
        ? { kind: 'partial', reason: 'Kibana gave the rehearsal up before it was through.' }
        : { kind: 'complete' },
    }
  }
  let answer: TestAnswer
  try {
    answer = await run()
  } catch (error) {
    await clean(tools, index)
    throw error
  }
  if (await clean(tools, index)) return answer
  const reason = `The index ${index} of this test could not be removed.`
  return { ...answer, completeness: { kind: 'partial', reason } }
}

interface Span {
  readonly first: number
  readonly last: number
}

/** What a field of the test is mapped to: as on the target, where that needs no more than its type. */
const TYPES: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  byte: 'byte',
  constant_keyword: 'keyword',
  date: 'date',
  date_nanos: 'date_nanos',
  double: 'double',
  float: 'float',
  half_float: 'half_float',
  integer: 'integer',
  ip: 'ip',
  keyword: 'keyword',
  long: 'long',
  match_only_text: 'match_only_text',
  scaled_float: 'double',
  short: 'short',
  text: 'text',
  unsigned_long: 'unsigned_long',
  version: 'version',
  wildcard: 'wildcard',
}

async function fill(
  { elasticsearch, settings, now }: PreviewTools,
  index: string,
  events: readonly EventRecord[],
  signal: AbortSignal,
): Promise<Span> {
  const rows = events.map(flatten)
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  const types = await readFieldTypes(elasticsearch, settings.indices, names, signal)
  const properties = Object.fromEntries(
    [...types].flatMap(([name, type]) => {
      const own = TYPES[type]
      return own === undefined ? [] : [[name, { type: own }]]
    }),
  )
  const strings = { match_mapping_type: 'string', mapping: { type: 'keyword' } }
  const what = 'the index of the test'
  await elasticsearch.send({
    method: 'PUT',
    path: `/${index}`,
    body: {
      mappings: {
        dynamic_templates: [{ strings }],
        properties: { ...properties, '@timestamp': { type: 'date' } },
      },
    },
    effect: 'write',
    what,
    signal,
  })
  const times = rows.map((row) => {
    const at = Date.parse(String(valuesOf(row.get('@timestamp'))[0]))
    return Number.isNaN(at) ? now() : at
  })
  const lines = events.flatMap((event, at) => [
    { index: { _id: String(at) } },
    { ...event, '@timestamp': new Date(times[at]!).toISOString() },
  ])
  const reply = await elasticsearch.send({
    method: 'POST',
    path: `/${index}/_bulk`,
    query: { refresh: 'wait_for' },
    lines,
    effect: 'write',
    what,
    signal,
  })
  const { items } = readAs(bulkWrite, reply.body, what)
  const wrong = items.flatMap(({ index: { error } }) => (error ? [tidy(error.reason)] : []))
  if (wrong.length > 0) {
    throw new AppError('invalid', 'Elasticsearch does not take these events.', {
      details: { problems: problemsOf([...new Set(wrong)].slice(0, 10)) },
    })
  }
  return { first: Math.min(...times), last: Math.max(...times) }
}

/** Throws `invalid` with what the run's log says. */
async function rehearse(
  { kibana }: PreviewTools,
  {
    query,
    index,
    span,
  }: { readonly query: TargetQuery; readonly index: string; readonly span: Span },
  signal: AbortSignal,
) {
  const what = 'the test'
  const seconds = Math.ceil((span.last - span.first) / SECOND) + 60
  const reply = await kibana.send({
    method: 'POST',
    path: `${ENGINE}/rules/preview`,
    body: {
      name: 'Rulewright test',
      description: 'Rehearsed over events of a test.',
      type: query.language === 'eql' ? 'eql' : 'query',
      language: query.language,
      query: query.text,
      index: [index],
      severity: 'low',
      risk_score: 1,
      interval: '5m',
      from: `now-${seconds}s`,
      max_signals: ALERTS_MAX,
      invocationCount: 1,
      timeframeEnd: new Date(span.last + SECOND).toISOString(),
    },
    // It leaves nothing but alerts that nobody sees, which end by themselves.
    effect: 'write',
    what,
    signal,
  })
  const { previewId, isAborted, logs } = readAs(previewed, reply.body, what)
  const errors = logs.flatMap((log) => log.errors).map(tidy)
  if (errors.length === 0 && previewId !== undefined) return { previewId, isAborted }
  throw new AppError('invalid', 'Kibana cannot run this query as a rule.', {
    details: { problems: problemsOf(errors) },
  })
}

/** How many there are is told by no answer but this one. */
async function readAlerts(
  { elasticsearch, settings }: PreviewTools,
  previewId: string,
  signal: AbortSignal,
): Promise<readonly Hit[]> {
  const what = 'the alerts of the test'
  const reply = await elasticsearch.send({
    method: 'POST',
    path: `/.preview.alerts-security.alerts-${settings.space}/_search`,
    body: { size: ALERTS_MAX, query: { term: { 'kibana.alert.rule.uuid': previewId } } },
    what,
    signal,
  })
  return readAs(found, reply.body, what).hits.hits
}

function sourcesOf(alerts: readonly Hit[], index: string): readonly number[] {
  const ids = alerts.flatMap(({ _source }) => {
    const fields = flatten(_source)
    const indices = valuesOf(fields.get('kibana.alert.ancestors.index'))
    return valuesOf(fields.get('kibana.alert.ancestors.id')).filter(
      (_, at) => indices[at] === undefined || indices[at] === index,
    )
  })
  const places = ids.filter((id) => /^\d+$/.test(String(id))).map(Number)
  return [...new Set(places)].toSorted((a, b) => a - b)
}

/** A part of a sequence; the sequence has an alert of its own. */
function isBuildingBlock({ _source }: Hit): boolean {
  return valuesOf(flatten(_source).get('kibana.alert.building_block_type')).length > 0
}

/** False where it may have stayed. */
async function clean({ elasticsearch }: PreviewTools, index: string): Promise<boolean> {
  try {
    await elasticsearch.send({
      method: 'DELETE',
      path: `/${index}`,
      effect: 'write',
      what: 'the removal of the index of the test',
      accepts: [404],
      signal: AbortSignal.timeout(CLEAN_MS),
    })
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
