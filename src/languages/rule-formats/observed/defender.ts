// A custom detection as Graph shows it.

import {
  attackTags,
  ruleFileOf,
  textOf,
  textsOf,
  uuidOf,
  withDetail,
} from '#languages/rule-formats/foreign.ts'
import { fieldsOf } from './fields.ts'
import type { Detail, ObservedFacts, ObservedObject } from './object.ts'

const LEVELS = new Set(['informational', 'low', 'medium', 'high'])

export function defenderFacts({ raw }: ObservedObject): ObservedFacts {
  const { template, action, text } = readRaw(raw)
  const level = textOf(template['severity'])?.toLowerCase()
  const responses = Array.isArray(action['responseActions'])
    ? (action['responseActions'] as unknown[])
    : []
  const kinds = responses.flatMap((one) => textOf(fieldsOf(one)['@odata.type']) ?? [])
  return {
    type: 'query',
    level: level !== undefined && LEVELS.has(level) ? level : null,
    uuid: uuidOf(fieldsOf(raw)['detectorId']) ?? null,
    managers: [],
    actions: [...new Set(kinds.map((kind) => kind.split('.').at(-1)!))],
    query: text === undefined ? null : { language: 'kusto', text },
    names: [],
    observeOnly: text === undefined ? 'It has no query of its own.' : null,
  }
}

/** What Graph keeps itself. */
const SERVER_OWNED =
  /^(?:@odata\..*|id|detectorId|createdBy|createdDateTime|lastModified.*|lastRunDetails|name)$/

export function defenderText({ raw, name }: ObservedObject, detail: Detail): string | undefined {
  const { fields, template, text } = readRaw(raw)
  if (text === undefined) return undefined
  const { displayName: _, queryCondition: _q, ...rest } = fields
  const settings = Object.entries(rest).filter(([key]) => !SERVER_OWNED.test(key))
  const title = textOf(template['title'])
  const level = textOf(template['severity'])?.toLowerCase()
  const parts = {
    title: name,
    description: textOf(template['description']),
    level: level !== undefined && LEVELS.has(level) ? level : undefined,
    tags: attackTags([], textsOf(template['mitreTechniques'])),
    schedule: scheduleOf(fieldsOf(fields['schedule'])),
    // An alert may be called otherwise than its rule.
    titleTemplate: title === name ? undefined : title,
    kind: 'defender' as const,
    type: 'query',
    query: text,
    settings: Object.fromEntries(settings),
  }
  return ruleFileOf(withDetail(parts, detail))
}

const RHYTHMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '0': { mode: 'near-real-time' },
  PT0S: { mode: 'near-real-time' },
  '1H': { every: '1h' },
  PT1H: { every: '1h' },
  '3H': { every: '3h' },
  PT3H: { every: '3h' },
  '12H': { every: '12h' },
  PT12H: { every: '12h' },
  '24H': { every: '1d' },
  P1D: { every: '1d' },
}

function scheduleOf({ period, frequency }: Readonly<Record<string, unknown>>) {
  const written = textOf(period) ?? textOf(frequency)
  return written === undefined ? undefined : RHYTHMS[written.toUpperCase()]
}

function readRaw(raw: unknown) {
  const fields = fieldsOf(raw)
  const action = fieldsOf(fields['detectionAction'])
  return {
    fields,
    action,
    template: fieldsOf(action['alertTemplate']),
    text: textOf(fieldsOf(fields['queryCondition'])['queryText']),
  }
}
