// Microsoft Sentinel's analytics rules: an ARM template or an export of one, and the YAML in which the
// community shares them. Both say the same fields, the template below `properties`.

import { formatDuration } from '#kernel/time.ts'
import { isoDurationMs } from './iso-duration.ts'
import {
  attackTags,
  leftOut,
  recordOf,
  recordsOf,
  ruleFileOf,
  textOf,
  textsOf,
  uuidOf,
  type ForeignFile,
  type ForeignParts,
  type ForeignRule,
  type ForeignThrottle,
} from './foreign.ts'

type Fields = Readonly<Record<string, unknown>>

/** Rules of these kinds have a query of their own. */
export const ANALYTICS_KINDS = new Set(['scheduled', 'nrt'])

/** `value`: the parsed JSON of a template, of one rule, or of a list of rules. */
export function readSentinelJson(value: unknown): ForeignFile {
  const resources = resourcesOf(value)
  const rules: ForeignRule[] = []
  const problems = []
  for (const [index, resource] of resources.entries()) {
    const place = `resources[${index}]`
    const properties = recordOf(resource['properties'])
    if (!/alertRules$/i.test(textOf(resource['type']) ?? 'alertRules') || !properties) {
      problems.push(leftOut(`${place} is no analytics rule.`))
      continue
    }
    const fields = unescapeFields(properties)
    const kind = textOf(resource['kind']) ?? 'Scheduled'
    if (!ANALYTICS_KINDS.has(kind.toLowerCase()) || textOf(fields['query']) === undefined) {
      problems.push(leftOut(`${place} is of kind ${kind}, which has no query.`))
      continue
    }
    const id = uuidOf(lastUuid(resource['name'])) ?? uuidOf(lastUuid(resource['id']))
    rules.push(ruleOf(fields, { place, id, kind, title: textOf(fields['displayName']) ?? place }))
  }
  return { rules, problems }
}

/** `fields`: one rule as the community's repositories write it. */
export function readSentinelYaml(fields: Fields): ForeignFile {
  const { id, name, kind, ...rest } = fields
  const title = textOf(name) ?? textOf(fields['displayName']) ?? 'Untitled analytics rule'
  const given = { place: title, id: uuidOf(id), kind: textOf(kind) ?? 'Scheduled', title }
  return { rules: [ruleOf(rest, given)], problems: [] }
}

interface Given {
  readonly place: string
  readonly id: string | undefined
  readonly kind: string
  readonly title: string
}

function ruleOf(fields: Fields, { place, ...given }: Given): ForeignRule {
  return { place, text: ruleFileOf(partsOfAnalyticsRule(fields, given)), problems: [] }
}

/** Of the properties of a rule. */
export function partsOfAnalyticsRule(
  fields: Fields,
  { id, kind, title }: Omit<Given, 'place'>,
): ForeignParts {
  const { query, description, displayName: _title, ...settings } = fields
  const severity = textOf(fields['severity'])?.toLowerCase()
  const techniques = ['techniques', 'relevantTechniques', 'subTechniques']
  return {
    title,
    id,
    description: textOf(description),
    level: severity,
    tags: attackTags(
      textsOf(fields['tactics']),
      techniques.flatMap((key) => textsOf(fields[key])),
    ),
    schedule: kind.toLowerCase() === 'nrt' ? { mode: 'near-real-time' } : scheduleOf(fields),
    entities: entitiesOf(fields['entityMappings']),
    throttle: throttleOf(fields),
    kind: 'sentinel',
    type: 'query',
    query: textOf(query) ?? '',
    settings: { kind, ...settings },
  }
}

function resourcesOf(value: unknown): readonly Fields[] {
  if (Array.isArray(value)) return recordsOf(value)
  const root = recordOf(value)
  return recordsOf(root?.['resources'] ?? root?.['value'] ?? [value])
}

/** A template writes `[[` where a text begins with a bracket that is no expression. */
function unescapeFields(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'string' && value.startsWith('[[') ? value.slice(1) : value,
    ]),
  )
}

function lastUuid(value: unknown): string | undefined {
  return textOf(value)
    ?.match(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi)
    ?.at(-1)
}

function scheduleOf(fields: Fields): Readonly<Record<string, string>> | undefined {
  const every = durationOf(fields['queryFrequency'])
  const window = durationOf(fields['queryPeriod'])
  if (every === undefined) return undefined
  return { every, ...(window === undefined ? {} : { window }) }
}

function durationOf(value: unknown): string | undefined {
  const ms = isoDurationMs(value)
  return ms === undefined ? undefined : formatDuration(ms)
}

function throttleOf(fields: Fields): ForeignThrottle | undefined {
  const period = durationOf(fields['suppressionDuration'])
  if (fields['suppressionEnabled'] !== true || period === undefined) return undefined
  return { mode: 'all', period }
}

const ENTITY_TYPES: Readonly<Record<string, string>> = { account: 'user', filehash: 'hash' }

function entitiesOf(value: unknown) {
  return recordsOf(value).flatMap((mapping) => {
    const name = textOf(mapping['entityType'])?.toLowerCase()
    return recordsOf(mapping['fieldMappings']).flatMap(({ columnName }) => {
      const field = textOf(columnName)
      if (name === undefined || field === undefined) return []
      return [{ type: ENTITY_TYPES[name] ?? name, field }]
    })
  })
}
