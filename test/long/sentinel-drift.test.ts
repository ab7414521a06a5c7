// A thousand rules written to a Sentinel stand-in and read back: nothing that was written may seem to have
// drifted, a field changed behind our back must, and a change of nothing leaves every rule as it was.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { RuleBody } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { DAY, HOUR, MINUTE } from '#kernel/time.ts'
import type { Throttle } from '#languages/rule-formats/write/rule.ts'
import { writeRule } from '#languages/rule-formats/write/write.ts'
import { sentinelWorld } from '#test/support/sentinel.ts'

const RULES = 1_000
const QUERIES = [
  'SigninLogs | where ResultType != "0"',
  'SigninLogs\r\n| where UserPrincipalName has "ü “x”"  \r\n| summarize count() by IPAddress\r\n',
  '// what for\nSigninLogs\n| where ResultType in ("50126", "50053")\n| project UserPrincipalName   \n\n',
]
const { workspace, open, seen } = await sentinelWorld({ SigninLogs: [] })
const never = new AbortController().signal

const THROTTLE: Throttle = { mode: 'all', fields: [], periodMs: 6 * HOUR, missing: null }

const GROUPING = {
  enabled: true,
  reopenClosedIncident: false,
  lookbackDuration: 'PT300M',
  matchingMethod: 'Selected',
  groupByEntities: ['Account'],
}

function bodyOf(at: number): RuleBody {
  const pick = <T>(...of: T[]): T => of[at % of.length]!
  const isNear = at % 7 === 6
  const times = pick(
    { everyMs: 5 * MINUTE, windowMs: 10 * MINUTE },
    { everyMs: HOUR, windowMs: DAY },
    { everyMs: 90 * MINUTE, windowMs: 25 * HOUR },
    { everyMs: null, windowMs: null },
  )
  const written = writeRule('sentinel', {
    title: `Règle ${at} 100 % “sure”`,
    description: pick(null, 'One line', 'Two\r\nlines  ', ' ends '),
    level: pick(null, 'low', 'medium', 'high', 'critical', 'informational'),
    author: null,
    license: null,
    references: [],
    tags: pick([], ['attack.t1110', 'attack.credential-access', 'attack.initial-access']),
    falsepositives: [],
    type: 'query',
    language: 'kusto',
    queries: [pick(...QUERIES)],
    indexes: [],
    schedule: {
      ...(isNear ? { everyMs: null, windowMs: null } : times),
      cron: null,
      offsetMs: null,
      timeField: 'event',
      mode: isNear ? 'near-real-time' : 'scheduled',
      neededMs: 0,
    },
    throttle: pick(null, THROTTLE, null),
    entities: pick([], [{ type: 'user', field: 'UserPrincipalName' }]),
    output: { kind: pick('alert', 'building_block'), objects: [], message: null },
    details: pick<Record<string, string>>({}, { user: 'UserPrincipalName', address: 'IPAddress' }),
    titleTemplate: pick(null, null, 'Sign-ins of {{UserPrincipalName}}'),
    drilldowns: [],
    threshold: isNear ? null : pick(null, 5),
    settings: pick<Record<string, unknown>>(
      {},
      { eventGroupingSettings: { aggregationKind: 'AlertPerResult' } },
      { incidentConfiguration: { createIncident: true, groupingConfiguration: GROUPING } },
      { customDetails: {}, entityMappings: [], alertRuleTemplateName: null },
    ),
    sigma: null,
  })
  assert.ok(written.value, JSON.stringify(written.problems))
  return written.value
}

test('a thousand rules written and read back show no drift, and one change behind our back', async () => {
  const { rules } = open()
  assert.ok(rules)
  const wrong: string[] = []
  const compare = (body: RuleBody, seen: RuleBody) => {
    for (const [key, value] of Object.entries(rules.normalise(body))) {
      const [wanted, found] = [JSON.stringify(value), JSON.stringify(seen[key] ?? null)]
      if (wanted !== found) wrong.push(`${key}: ${wanted} ${found}`)
    }
  }
  const bodies = new Map<string, RuleBody>()
  for (let at = 0; at < RULES; at++) {
    const ref = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
    const body = bodyOf(at)
    bodies.set(ref, body)
    compare(body, (await rules.put({ ref, body, replaces: null }, never)).normalised)
  }
  const listed = await rules.list(never)
  assert.deepEqual([listed.rules.length, listed.completeness.kind], [RULES, 'complete'])
  for (const { ref, normalised } of listed.rules) compare(bodies.get(ref)!, normalised)
  assert.deepEqual(wrong.slice(0, 5), [])
  const before = storedRules()
  for (const replaces of listed.rules.slice(0, 50)) {
    const body = { kind: (replaces.raw as { kind: Json }).kind, properties: {} }
    await rules.put({ ref: replaces.ref, body, replaces }, never)
  }
  assert.deepEqual(storedRules(), before)
  const [first] = workspace.rules.values()
  first!.properties = { ...first!.properties, triggerThreshold: 7 }
  compare(bodies.get(first!.name)!, (await rules.read(first!.name, never))!.normalised)
  assert.deepEqual(wrong, ['properties.triggerThreshold: 0 7'])
  const sent = seen('PUT', '/alertRules/').map(({ body }) => JSON.parse(body) as Json)
  assert.deepEqual(misfits([...sent, ...listed.rules.map(({ raw }) => raw)]), [])
})

const SPEC = path.resolve(
  import.meta.dirname,
  '../../../shared/specs/azure/securityinsights-2025-10-01-preview-alertrules.schema.json',
)

/** What the published schema says against rules as they were sent and given; it knows no null. */
function misfits(rules: readonly Json[]): readonly string[] {
  if (!existsSync(SPEC)) return []
  const { $defs } = JSON.parse(readFileSync(SPEC, 'utf8')) as { $defs: object }
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const $ref = '#/$defs/Microsoft.SecurityInsights_alertRules_3'
  const validate = ajv.compile({ $defs, $ref })
  const wrong = rules.flatMap((rule) =>
    validate(withoutNulls(rule)) ? [] : [ajv.errorsText(validate.errors)],
  )
  return [...new Set(wrong)].slice(0, 5)
}

function withoutNulls(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutNulls)
  const members = Object.entries(value).filter(([, item]) => item !== null)
  return Object.fromEntries(members.map(([key, item]) => [key, withoutNulls(item)]))
}

function storedRules(): readonly string[] {
  return [...workspace.rules.values()].map(({ name, kind, properties }) =>
    JSON.stringify([
      name,
      kind,
      Object.entries(properties).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ]),
  )
}
