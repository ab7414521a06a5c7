// Kibana's exported detection rules: a JSON object a line, with exceptions, connectors and a summary
// among them.

import {
  attackTags,
  foreignError,
  leftOut,
  recordOf,
  recordsOf,
  ruleFileOf,
  textOf,
  textsOf,
  uuidOf,
  type ForeignFile,
  type ForeignParts,
  type ForeignThrottle,
  type ForeignRule,
} from './foreign.ts'
import type { Problem } from '#kernel/problem.ts'
import { formatDuration } from '#kernel/time.ts'
import { kibanaBackMs } from './write/kibana.ts'

type Fields = Readonly<Record<string, unknown>>

/** Kibana's types by our names; any other is kept as the vendor's. */
const TYPES: Readonly<Record<string, string>> = {
  query: 'query',
  eql: 'eql',
  esql: 'esql',
  threshold: 'threshold',
  new_terms: 'new_terms',
  threat_match: 'indicator_match',
  machine_learning: 'ml',
}
const LEVELS = new Set(['low', 'medium', 'high', 'critical'])

export function readKibanaRules(text: string): ForeignFile {
  const rules: ForeignRule[] = []
  const problems: Problem[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const place = `line ${index + 1}`
    const fields = parseLine(line)
    if (fields === undefined) {
      problems.push(foreignError('This line is no JSON object.', index + 1))
    } else if (isRule(fields)) rules.push(ruleOf(fields, place))
    else if (!('exported_count' in fields)) {
      problems.push(leftOut(`${place} is no rule: ${whatIs(fields)}.`))
    }
  }
  return { rules, problems }
}

/** Whether a line of this text is a rule of Kibana's. */
export function isKibanaLine(line: string): boolean {
  const fields = parseLine(line)
  return fields !== undefined && (isRule(fields) || 'exported_count' in fields)
}

function parseLine(line: string): Fields | undefined {
  try {
    return recordOf(JSON.parse(line))
  } catch {
    return undefined
  }
}

function isRule(fields: Fields): boolean {
  const isNamed = textOf(fields['name']) !== undefined && textOf(fields['type']) !== undefined
  return isNamed && ('risk_score' in fields || 'rule_id' in fields) && !('list_id' in fields)
}

function whatIs(fields: Fields): string {
  if ('item_id' in fields) return 'an exception'
  if ('list_id' in fields) return 'a list of exceptions'
  return 'attributes' in fields ? 'a connector' : 'of an unknown kind'
}

function ruleOf(fields: Fields, place: string): ForeignRule {
  return { place, text: ruleFileOf(partsOfKibana(fields)), problems: [] }
}

/** Of a rule as Kibana exports it or shows it. */
export function partsOfKibana(fields: Fields): ForeignParts {
  const { name, description, query, ...settings } = fields
  const level = textOf(fields['severity'])
  return {
    title: String(name),
    id: uuidOf(fields['rule_id']),
    description: textOf(description),
    author: textsOf(fields['author']).join(', '),
    level: level !== undefined && LEVELS.has(level) ? level : undefined,
    references: textsOf(fields['references']),
    falsepositives: textsOf(fields['false_positives']),
    tags: threatTags(fields['threat']),
    schedule: scheduleOf(fields),
    throttle: throttleOf(recordOf(fields['alert_suppression'])),
    output: fields['building_block_type'] === undefined ? undefined : 'building_block',
    kind: 'elastic',
    type: typeOfKibana(fields),
    query: textOf(query) ?? '',
    settings,
  }
}

/** In our words; `vendor` for a type that only Kibana knows. */
export function typeOfKibana(fields: Fields): string {
  return TYPES[String(fields['type'])] ?? 'vendor'
}

function scheduleOf(fields: Fields): Readonly<Record<string, string>> | undefined {
  const every = textOf(fields['interval'])
  if (every === undefined) return undefined
  const backMs = kibanaBackMs(fields['from'])
  return { every, ...(backMs === undefined ? {} : { window: formatDuration(backMs) }) }
}

const MISSING: Readonly<Record<string, string>> = { suppress: 'group', doNotSuppress: 'pass' }

function throttleOf(suppression: Fields | undefined): ForeignThrottle | undefined {
  const duration = recordOf(suppression?.['duration'])
  const fields = textsOf(suppression?.['group_by'])
  if (duration === undefined || fields.length === 0) return undefined
  const period = `${String(duration['value'])}${String(duration['unit'])}`
  const missing = MISSING[String(suppression!['missing_fields_strategy'])]
  return { mode: 'per_value', fields, period, ...(missing === undefined ? {} : { missing }) }
}

function threatTags(value: unknown): readonly string[] {
  const threats = recordsOf(value)
  const tactics = threats.flatMap(({ tactic }) => textOf(recordOf(tactic)?.['name']) ?? [])
  const techniques = threats
    .flatMap(({ technique }) => recordsOf(technique))
    .flatMap((technique) => [technique, ...recordsOf(technique['subtechnique'])])
  return attackTags(
    tactics,
    techniques.flatMap(({ id }) => textOf(id) ?? []),
  )
}
