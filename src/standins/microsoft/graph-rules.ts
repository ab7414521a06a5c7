// Custom detections of a Graph stand-in. A change is merged member by member, empty lists and left-out
// fields come back as null or as nothing, and the service adds members of its own. Source:
// learn.microsoft.com, detectionRule of Graph's beta and v1.0, read 2026-11.

import { randomUUID } from 'node:crypto'
import type { Json } from '#kernel/json.ts'
import { hasErrors } from '#kernel/problem.ts'
import { HOUR } from '#kernel/time.ts'
import { parseKusto } from '#languages/kusto/parse.ts'
import { GraphError } from './graph-error.ts'
import type { DetectionRule, GraphTenant } from './graph-tenant.ts'

type Members = { readonly [key: string]: Json }

/** Spellings of one rhythm: before and after the service was renamed. */
const RHYTHMS: Readonly<Record<string, string>> = {
  '0': 'PT0S',
  '1H': 'PT1H',
  '3H': 'PT3H',
  '12H': 'PT12H',
  '24H': 'P1D',
}
const SEVERITIES = new Set(['informational', 'low', 'medium', 'high', 'unknown'])
const OURS = new Set([
  'displayName',
  'isEnabled',
  'queryCondition',
  'schedule',
  'detectionAction',
  '@odata.type',
])

export function createRule(tenant: GraphTenant, body: Members, by: string): Json {
  judge(tenant, body)
  const required: readonly (readonly [path: string, value: Json | undefined])[] = [
    ['displayName', body['displayName']],
    ['queryCondition', membersOf(body['queryCondition'])['queryText']],
    ['schedule', body['schedule']],
    ...['title', 'description', 'severity', 'category'].map((name): [string, Json | undefined] => [
      `alertTemplate/${name}`,
      templateOf(body)[name],
    ]),
  ]
  for (const [path, value] of required) {
    if (value === undefined || value === null || value === '') {
      throw bad(`The property '${path}' is required.`)
    }
  }
  refuseTwin(tenant, body, null)
  const now = tenant.clock.now()
  const rule: DetectionRule = {
    id: String(++tenant.serial),
    detectorId: randomUUID(),
    body: { isEnabled: true, ...body },
    createdBy: by,
    createdAt: now,
    changedBy: by,
    changedAt: now,
    lastRun: null,
  }
  tenant.rules.set(rule.id, rule)
  return shown(tenant, rule)
}

export function updateRule(tenant: GraphTenant, id: string, change: Members, by: string): Json {
  const rule = getRule(tenant, id)
  judge(tenant, change)
  refuseTwin(tenant, change, id)
  rule.body = merged(rule.body, change)
  rule.changedBy = by
  rule.changedAt = tenant.clock.now()
  return shown(tenant, rule)
}

export function removeRule(tenant: GraphTenant, id: string): void {
  tenant.rules.delete(getRule(tenant, id).id)
}

export function readRule(tenant: GraphTenant, id: string): Json {
  return shown(tenant, getRule(tenant, id))
}

/** `next` is a whole address, to be followed as it is. */
export function listRules(tenant: GraphTenant, url: URL): Json {
  const top = Number(url.searchParams.get('$top') ?? tenant.pageSize)
  const from = Number(url.searchParams.get('$skiptoken') ?? 0)
  const rules = [...tenant.rules.values()]
  const size = Math.min(top, tenant.pageSize)
  const next = new URL(url)
  next.searchParams.set('$skiptoken', String(from + size))
  return {
    '@odata.context': `${url.origin}/beta/$metadata#security/rules/detectionRules`,
    ...(from + size < rules.length && { '@odata.nextLink': next.href }),
    value: rules.slice(from, from + size).map((rule) => shown(tenant, rule)),
  }
}

function getRule(tenant: GraphTenant, id: string): DetectionRule {
  const found = tenant.rules.get(id)
  if (found !== undefined) return found
  throw new GraphError(404, 'NotFound', `The detection rule '${id}' was not found.`)
}

function bad(message: string): GraphError {
  return new GraphError(400, 'BadRequest', message)
}

function judge({ schedules }: GraphTenant, body: Members): void {
  const unknown = Object.keys(body).find((key) => !OURS.has(key))
  if (unknown !== undefined) {
    const type = 'microsoft.graph.security.detectionRule'
    throw bad(`The property '${unknown}' does not exist on type '${type}' or cannot be written.`)
  }
  const schedule = membersOf(body['schedule'])
  const other = schedules === 'period' ? 'frequency' : 'period'
  if (schedule[other] !== undefined) {
    const type = 'microsoft.graph.security.ruleSchedule'
    throw bad(`The property '${other}' does not exist on type '${type}'.`)
  }
  const rhythm = schedule[schedules]
  const known = schedules === 'period' ? Object.keys(RHYTHMS) : Object.values(RHYTHMS)
  if (rhythm !== undefined && !known.includes(textOf(rhythm))) {
    throw bad(`The ${schedules} '${textOf(rhythm)}' is not one of ${known.join(', ')}.`)
  }
  const { severity } = templateOf(body)
  if (severity !== undefined && !SEVERITIES.has(textOf(severity).toLowerCase())) {
    throw bad(`Requested value '${textOf(severity)}' was not found.`)
  }
  const { queryText } = membersOf(body['queryCondition'])
  if (typeof queryText !== 'string') return
  const { problems } = parseKusto(queryText)
  const worst = problems.find((problem) => problem.severity === 'error')
  if (hasErrors(problems) && worst !== undefined) {
    throw bad(`Invalid query: ${worst.message} [${worst.line ?? 1},${worst.column ?? 1}]`)
  }
}

function refuseTwin(tenant: GraphTenant, { displayName }: Members, self: string | null): void {
  const twin = [...tenant.rules.values()].some(
    ({ id, body }) => id !== self && body['displayName'] === displayName,
  )
  if (!twin || displayName === undefined) return
  const text = `A detection rule named '${textOf(displayName)}' already exists.`
  throw new GraphError(409, 'Conflict', text)
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function membersOf(value: Json | undefined): Members {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isPlain ? (value as Members) : {}
}

function templateOf(body: Members): Members {
  return membersOf(membersOf(body['detectionAction'])['alertTemplate'])
}

function merged(before: Members, change: Members): Members {
  const members = Object.entries(change).map(([key, value]): [string, Json] => {
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value)
    return [key, isNested ? merged(membersOf(before[key]), value as Members) : value]
  })
  return { ...before, ...Object.fromEntries(members) }
}

function shown({ schedules }: GraphTenant, rule: DetectionRule): Json {
  const { body, lastRun } = rule
  const action = membersOf(body['detectionAction'])
  const template = templateOf(body)
  const at = (instant: number) => new Date(instant).toISOString()
  return {
    '@odata.type': '#microsoft.graph.security.detectionRule',
    id: rule.id,
    displayName: body['displayName'] ?? null,
    isEnabled: body['isEnabled'] ?? true,
    createdBy: rule.createdBy,
    createdDateTime: at(rule.createdAt),
    lastModifiedBy: rule.changedBy,
    lastModifiedDateTime: at(rule.changedAt),
    detectorId: rule.detectorId,
    queryCondition: {
      ...membersOf(body['queryCondition']),
      lastModifiedDateTime: at(rule.changedAt),
    },
    schedule: {
      ...membersOf(body['schedule']),
      ...(schedules === 'period' && { nextRunDateTime: at(rule.changedAt + HOUR) }),
    },
    lastRunDetails: {
      lastRunDateTime: lastRun === null ? null : at(lastRun.at),
      status: lastRun?.status ?? null,
      failureReason: lastRun?.failureReason ?? null,
      errorCode: lastRun?.errorCode ?? null,
    },
    detectionAction: {
      ...action,
      alertTemplate: {
        recommendedActions: null,
        mitreTechniques: [],
        impactedAssets: [],
        ...template,
      },
      organizationalScope: action['organizationalScope'] ?? null,
      responseActions: action['responseActions'] ?? [],
    },
  }
}
