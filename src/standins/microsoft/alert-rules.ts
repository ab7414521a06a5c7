// Analytics rules of a Sentinel stand-in. It judges what the real service judges, adds the defaults that
// it adds, gives every version an etag, and takes no change without it.

import { z } from 'zod'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY, HOUR, MINUTE } from '#kernel/time.ts'
import { isoDurationMs } from '#languages/rule-formats/iso-duration.ts'
import { AzureError } from './errors.ts'
import {
  newEtag,
  resourceIdOf,
  type AlertRule,
  type Properties,
  type Workspace,
} from './workspace.ts'

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────

export function listRules(workspace: Workspace, url: URL): Json {
  const { rules, rulesPerPage } = workspace
  const from = Number(url.searchParams.get('$skipToken') ?? 0)
  const value = [...rules.values()].slice(from, from + rulesPerPage)
  const next = from + rulesPerPage
  if (next < rules.size) url.searchParams.set('$skipToken', String(next))
  return {
    value: value.map((rule) => shown(workspace, rule)),
    ...(next < rules.size && { nextLink: url.href }),
  }
}

export function readRule(workspace: Workspace, name: string): Json {
  const rule = workspace.rules.get(name)
  if (rule !== undefined) return shown(workspace, rule)
  throw new AzureError(404, 'NotFound', `Alert rule '${name}' was not found.`)
}

function shown(workspace: Workspace, { name, kind, etag, properties }: AlertRule): Properties {
  const id = `${resourceIdOf(workspace)}/providers/Microsoft.SecurityInsights/alertRules/${name}`
  return { id, name, type: 'Microsoft.SecurityInsights/alertRules', kind, etag, properties }
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

export interface RuleWrite {
  readonly name: string
  readonly body: unknown
  readonly ifMatch: string | null
  readonly isNew: boolean
  readonly version: string
}

const Write = z.object({
  kind: z.string(),
  etag: z.string().nullish(),
  properties: z.record(z.string(), z.custom<Json>()),
})

export async function writeRule(
  workspace: Workspace,
  { name, body, ifMatch, isNew, version }: RuleWrite,
): Promise<{ readonly status: number; readonly body: Properties }> {
  const { rules } = workspace
  const read = Write.safeParse(body)
  if (!read.success) throw bad('The request content was invalid.')
  const { kind, etag, properties } = read.data
  const before = rules.get(name)
  const given = ifMatch ?? etag ?? null
  if (before === undefined) refuseHeldBack(workspace, name)
  else if (isNew) throw new AzureError(412, 'PreconditionFailed', `Rule '${name}' already exists.`)
  else if (given !== before.etag) {
    const text = `Newer instance of rule '${name}' exists for this workspace; provide its etag.`
    throw new AzureError(ifMatch === null ? 409 : 412, 'Conflict', text)
  } else if (before.kind !== kind) throw bad("The 'kind' of an alert rule cannot be changed.")
  if (kind === 'NRT' && !version.endsWith('-preview')) {
    throw bad(`'NRT' is no kind of alert rule in api-version ${version}.`)
  }
  await judge(workspace, kind, properties)
  const lastModifiedUtc = new Date(workspace.clock.now()).toISOString()
  const rule: AlertRule = {
    name,
    kind,
    etag: newEtag(),
    properties: { ...withDefaults(kind, properties), lastModifiedUtc },
  }
  rules.set(name, rule)
  return { status: before === undefined ? 201 : 200, body: shown(workspace, rule) }
}

export function removeRule(workspace: Workspace, name: string, ifMatch: string | null): boolean {
  const { rules, removed, clock, heldBackMs } = workspace
  const rule = rules.get(name)
  if (rule === undefined) return false
  if (ifMatch !== null && ifMatch !== rule.etag) {
    throw new AzureError(412, 'PreconditionFailed', `Newer instance of rule '${name}' exists.`)
  }
  rules.delete(name)
  removed.set(name, addMs(clock.now(), heldBackMs))
  return true
}

function refuseHeldBack({ removed, clock }: Workspace, name: string): void {
  const until = removed.get(name)
  if (until === undefined || until <= clock.now()) return
  const text = `Alert rule '${name}' was recently deleted. You need to allow some time before re-using the same ID.`
  throw new AzureError(409, 'Conflict', text)
}

const bad = (text: string) => new AzureError(400, 'BadRequest', text)

const SEVERITIES = ['High', 'Medium', 'Low', 'Informational']
const QUERY_CHARS_MAX = 10_000

async function judge(workspace: Workspace, kind: string, properties: Properties): Promise<void> {
  if (kind !== 'Scheduled' && kind !== 'NRT')
    throw bad(`Alert rules of kind '${kind}' are made by Azure.`)
  const wrong = (name: string, why: string) =>
    bad(`Invalid Properties for alert rule: '${name}' ${why}.`)
  const needed = ['displayName', 'enabled', 'query', 'severity']
  const timed = ['queryFrequency', 'queryPeriod', 'triggerOperator', 'triggerThreshold']
  const suppression = ['suppressionDuration', 'suppressionEnabled']
  for (const name of [...needed, ...suppression, ...(kind === 'Scheduled' ? timed : [])]) {
    if (properties[name] === undefined || properties[name] === null) throw wrong(name, 'is missing')
  }
  const { query, severity } = properties
  if (!SEVERITIES.includes(severity as string)) throw wrong('severity', 'is no severity')
  if (typeof query !== 'string' || query.length < 1 || query.length > QUERY_CHARS_MAX) {
    throw wrong('query', `must have 1 to ${QUERY_CHARS_MAX} characters`)
  }
  if (kind === 'Scheduled') judgeTimes(properties, wrong)
  judgeGrouping(properties, wrong)
  await judgeQuery(workspace, query, wrong)
}

type Wrong = (name: string, why: string) => AzureError

function judgeTimes(properties: Properties, wrong: Wrong): void {
  const [every, window] = ['queryFrequency', 'queryPeriod'].map((name) => {
    const ms = isoDurationMs(properties[name])
    if (ms !== undefined && ms >= 5 * MINUTE && ms <= 14 * DAY) return ms
    throw wrong(name, 'must be between 5 minutes and 14 days')
  }) as [number, number]
  if (window < every) throw wrong('queryPeriod', 'must not be less than the frequency')
  if (window >= 2 * DAY && every < HOUR) throw wrong('queryFrequency', 'must be 1 hour or more')
}

/** Grouping is given whole or not at all. */
function judgeGrouping({ incidentConfiguration }: Properties, wrong: Wrong): void {
  const { groupingConfiguration } = (incidentConfiguration ?? {}) as Properties
  const needed = ['enabled', 'reopenClosedIncident', 'lookbackDuration', 'matchingMethod']
  const given = (groupingConfiguration ?? null) as Properties | null
  const missing = given && needed.find((name) => (given[name] ?? null) === null)
  if (missing) throw wrong(`groupingConfiguration.${missing}`, 'is missing')
}

/** It must parse, and every table that it names must be there. */
async function judgeQuery(workspace: Workspace, query: string, wrong: Wrong): Promise<void> {
  const tables = [...workspace.tables.keys()]
  const key = JSON.stringify([query, tables])
  const known = JUDGED.get(key)
  const verdict = known ?? (await judgedNow(query, tables, workspace.clock.now()))
  if (known === undefined && JUDGED.size < JUDGED_MAX) JUDGED.set(key, verdict)
  if (verdict !== '') throw wrong('query', `is invalid: ${verdict}`)
}

const JUDGED_MAX = 1_000
/** Many rules of one query are judged once. */
const JUDGED = new Map<string, string>()

/** Empty when nothing is wrong. */
async function judgedNow(query: string, tables: readonly string[], now: number): Promise<string> {
  const { evaluateKusto } = await import('#languages/kusto/evaluate.ts')
  const empty = new Map(tables.map((name) => [name, []]))
  const { problems } = evaluateKusto(query, empty, { now })
  const first = problems.find(({ severity }) => severity === 'error')
  // What our evaluator does not know is the stand-in's own limit.
  return first === undefined || first.code === 'kusto/not-evaluated' ? '' : first.message
}

/** The service fills what is absent, and writes what is empty as null. */
function withDefaults(kind: string, properties: Properties): Properties {
  const incident = (properties['incidentConfiguration'] ?? {}) as Properties
  const grouping = (incident['groupingConfiguration'] ?? {}) as Properties
  const common = {
    alertDetailsOverride: null,
    alertRuleTemplateName: null,
    customDetails: null,
    entityMappings: null,
    eventGroupingSettings: { aggregationKind: 'SingleAlert' },
    sentinelEntitiesMappings: null,
    subTechniques: [],
    tactics: [],
    techniques: [],
    templateVersion: null,
    ...(kind === 'NRT' ? {} : { suppressionDuration: 'PT5H', suppressionEnabled: false }),
  }
  const isGiven = (value: Json | undefined) => value !== undefined
  const given = Object.entries(properties).filter(([, value]) => isGiven(value))
  return {
    ...common,
    ...Object.fromEntries(given.map(([name, value]) => [name, asKept(name, value)])),
    incidentConfiguration: {
      createIncident: true,
      ...incident,
      groupingConfiguration: {
        enabled: false,
        reopenClosedIncident: false,
        lookbackDuration: 'PT5H',
        matchingMethod: 'AllEntities',
        groupByEntities: [],
        groupByAlertDetails: null,
        groupByCustomDetails: null,
        ...grouping,
      },
    },
  }
}

const SPANS = /^(?:queryFrequency|queryPeriod|suppressionDuration)$/

function asKept(name: string, value: Json): Json {
  if (SPANS.test(name)) return writeSpan(isoDurationMs(value) ?? 0)
  const isEmpty = Array.isArray(value) && value.length === 0
  if (isEmpty && /^(?:entityMappings|sentinelEntitiesMappings)$/.test(name)) return null
  // Lists of tactics come back in an order of the service's.
  return /^(?:tactics|techniques|subTechniques)$/.test(name) && Array.isArray(value)
    ? [...(value as string[])].toSorted().toReversed()
    : value
}

/** As .NET writes a span: the largest units that say it. */
function writeSpan(ms: number): string {
  const [days, hours, minutes] = [
    Math.floor(ms / DAY),
    Math.floor((ms % DAY) / HOUR),
    Math.floor((ms % HOUR) / MINUTE),
  ]
  const clock = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}`
  return `P${days > 0 ? `${days}D` : ''}${clock === '' ? '' : `T${clock}`}`
}
