// An Azure template (ARM) that deploys every query as a scheduled analytics rule of Microsoft Sentinel.

import { DAY, HOUR, MINUTE } from '#kernel/time.ts'
import { threatsOf, type Output } from './output.ts'

const API_VERSION = '2025-09-01'

const SEVERITIES: Readonly<Record<string, string>> = {
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'High',
}

/** Sentinel runs a rule at most every five minutes and looks back at most fourteen days. */
const EVERY_MIN_MS = 5 * MINUTE
const WINDOW_MAX_MS = 14 * DAY

export function armTemplate(outputs: readonly Output[]): string {
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: { workspace: { type: 'String' } },
    resources: outputs.map(resourceOf),
  }
  return JSON.stringify(template, null, 2)
}

function resourceOf(output: Output) {
  const provider = 'Microsoft.OperationalInsights/workspaces/providers'
  const name = `'/Microsoft.SecurityInsights/${output.uuid}'`
  const id = `'/alertRules/${output.uuid}'`
  return {
    id: `[concat(resourceId('${provider}', parameters('workspace'), 'Microsoft.SecurityInsights'), ${id})]`,
    name: `[concat(parameters('workspace'), ${name})]`,
    type: `${provider}/alertRules`,
    apiVersion: API_VERSION,
    kind: 'Scheduled',
    properties: literal(propertiesOf(output)),
  }
}

function propertiesOf({ rule, title, query, schedule }: Output) {
  const everyMs = Math.max(schedule.everyMs, EVERY_MIN_MS)
  const windowMs = Math.min(Math.max(schedule.windowMs, everyMs), WINDOW_MAX_MS)
  const threats = threatsOf(rule)
  const techniques = threats.flatMap((one) => one.techniques.map(({ id }) => id.split('.')[0]!))
  return {
    displayName: title,
    description: rule.description ?? title,
    severity: SEVERITIES[rule.level ?? 'medium'] ?? 'Medium',
    enabled: true,
    query,
    queryFrequency: durationOf(everyMs),
    queryPeriod: durationOf(windowMs),
    triggerOperator: 'GreaterThan',
    triggerThreshold: 0,
    suppressionDuration: 'PT5H',
    suppressionEnabled: false,
    tactics: [...new Set(threats.map(({ tactic }) => tacticOf(tactic.shortName)))],
    techniques: [...new Set(techniques)],
  }
}

/** Sentinel knows the tactics of before version 19, written as one word. */
function tacticOf(shortName: string): string {
  if (shortName === 'stealth' || shortName === 'defense-impairment') return 'DefenseEvasion'
  const words = shortName.split('-')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

/** ISO 8601, in the largest unit that says it whole. */
function durationOf(ms: number): string {
  if (ms % DAY === 0) return `P${ms / DAY}D`
  return ms % HOUR === 0 ? `PT${ms / HOUR}H` : `PT${Math.ceil(ms / MINUTE)}M`
}

/** A text that begins with a bracket would be run as an expression of the template. */
function literal<T extends Readonly<Record<string, unknown>>>(properties: T): T {
  const escaped = Object.entries(properties).map(([key, value]) => [
    key,
    typeof value === 'string' && value.startsWith('[') ? `[${value}` : value,
  ])
  return Object.fromEntries(escaped) as T
}
