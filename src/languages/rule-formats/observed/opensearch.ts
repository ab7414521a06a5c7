// A rule of Security Analytics: a Sigma text, its log type, and the detector of ours that holds it. What
// detectors of somebody else do with it stays theirs.

import { Document, parse } from 'yaml'
import { YAML_ALIASES_MAX } from '#kernel/limits.ts'
import { recordOf, textOf, uuidOf } from '#languages/rule-formats/foreign.ts'
import { fieldsOf } from './fields.ts'
import type { ObservedFacts, ObservedObject } from './object.ts'

const LEVELS = new Set(['informational', 'low', 'medium', 'high', 'critical'])

export function opensearchFacts({ body, raw }: ObservedObject): ObservedFacts {
  const document = sigmaOf(body)
  const level = textOf(document?.['level'])
  const isShipped = fieldsOf(fieldsOf(raw)['rule'])['pre_packaged'] === true
  return {
    type: 'query',
    level: level !== undefined && LEVELS.has(level) ? level : null,
    uuid: uuidOf(document?.['id']) ?? null,
    managers: isShipped ? [{ kind: 'prebuilt', name: 'Security Analytics' }] : [],
    actions: [],
    query: null,
    names: [],
    observeOnly: document === undefined ? 'Its Sigma text cannot be read.' : null,
  }
}

/** The text itself, byte for byte, with what only this place knows of it under our key. */
export function opensearchText({ body }: ObservedObject): string | undefined {
  const { rule, category } = body
  if (typeof rule !== 'string' || sigmaOf(body) === undefined) return undefined
  const held = Object.entries(body).flatMap(([key, value]) =>
    key.startsWith('detector.') ? [[key.slice('detector.'.length), value] as const] : [],
  )
  // Null leaves the detectors of others alone.
  const detector = held.length === 0 ? null : Object.fromEntries(held)
  const settings = { category, detector }
  const ours = new Document({ rulewright: { implementations: { opensearch: { settings } } } })
  return `${rule.trimEnd()}\n${ours.toString({ lineWidth: 0 })}`
}

function sigmaOf({ rule }: ObservedObject['body']) {
  if (typeof rule !== 'string') return undefined
  try {
    return recordOf(parse(rule, { maxAliasCount: YAML_ALIASES_MAX }))
  } catch {
    return undefined // the server keeps texts that our reader does not take
  }
}
