// An analytics rule as Azure shows it: a kind and its properties.

import { ruleFileOf, textOf, uuidOf, withDetail } from '#languages/rule-formats/foreign.ts'
import { ANALYTICS_KINDS, partsOfAnalyticsRule } from '#languages/rule-formats/sentinel.ts'
import { fieldsOf } from './fields.ts'
import type { Detail, ObservedFacts, ObservedObject } from './object.ts'

export function sentinelFacts(object: ObservedObject): ObservedFacts {
  const { kind, properties } = readRaw(object)
  const isEditable = ANALYTICS_KINDS.has(kind.toLowerCase())
  const text = textOf(properties['query'])
  const template = textOf(properties['alertRuleTemplateName'])
  return {
    type: isEditable ? 'query' : kind,
    level: textOf(properties['severity'])?.toLowerCase() ?? null,
    uuid: uuidOf(object.ref) ?? null,
    managers: template === undefined ? [] : [{ kind: 'template', name: template }],
    actions: [],
    query: text === undefined ? null : { language: 'kusto', text },
    names: [],
    observeOnly: isEditable ? null : `Microsoft keeps rules of the kind ${kind}.`,
  }
}

export function sentinelText(object: ObservedObject, detail: Detail): string | undefined {
  const { kind, properties } = readRaw(object)
  const own = Object.entries(properties).filter(([key, value]) => key !== STAMP && value !== null)
  const given = { id: uuidOf(object.ref), kind, title: object.name }
  const parts = partsOfAnalyticsRule(Object.fromEntries(own), given)
  // Kept and shown, though no rule here can say what it looks for.
  const isEditable = ANALYTICS_KINDS.has(kind.toLowerCase())
  return ruleFileOf(withDetail(isEditable ? parts : { ...parts, type: 'vendor' }, detail))
}

const STAMP = 'lastModifiedUtc'

function readRaw({ raw }: ObservedObject) {
  const { kind, properties } = fieldsOf(raw)
  return { kind: textOf(kind) ?? '', properties: fieldsOf(properties) }
}
