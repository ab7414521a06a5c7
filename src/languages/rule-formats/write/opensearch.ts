// A rule of OpenSearch Security Analytics: the Sigma document itself, the log type it is filed under, and
// what its detector must hold. A detector looks at every new document once, so a rule has no window.

import { DAY, HOUR, MINUTE } from '#kernel/time.ts'
import type { Json } from '#kernel/json.ts'
import { Draft } from './draft.ts'
import { refuseOutput } from './query.ts'
import {
  USUAL_EVERY_MS,
  type RuleToWrite,
  type RunSchedule,
  type SigmaText,
  type Written,
} from './rule.ts'

const TITLE_CHARS_MAX = 256

export function writeOpensearch(rule: RuleToWrite): Written {
  const draft = new Draft('OpenSearch', false)
  const { sigma, title, level } = rule
  if (sigma === null) {
    draft.refuse('native', 'reads Sigma and no query of its own', 'Give the rule a detection.')
  } else if (sigma.kind !== 'rule') {
    draft.refuse('correlation', `takes no ${sigma.kind} among its rules`)
  } else if (sigma.others.length > 0) {
    draft.refuse('filter', 'lays no filters over a rule', 'Write the exclusion into the rule.')
  } else {
    draft.say('rule', sigma.text)
    writeCategory(draft, sigma)
  }
  if (title.length > TITLE_CHARS_MAX) {
    draft.refuse('title', `takes titles of at most ${TITLE_CHARS_MAX} characters`)
  }
  if (level === null) draft.refuse('level', 'takes no rule without a level')
  draft.assume('detector/enabled', true)
  writeSchedule(draft, rule.schedule)
  if (level !== null) draft.assume('detector/triggers', [triggerOf(level)])
  refuseOutput(draft, rule, ['alert'])
  if (rule.throttle !== null && rule.throttle.mode !== 'none') {
    draft.refuse('throttle', 'holds messages back, not findings')
  }
  if (rule.threshold !== null) draft.refuse('threshold', 'counts no findings of a rule')
  const isRich =
    rule.entities.length + rule.drilldowns.length + Object.keys(rule.details).length > 0
  if (isRich || rule.titleTemplate !== null) {
    draft.warn('left-out', 'gives the whole event with a finding, and no entities or details')
  }
  return draft.finish(rule.settings)
}

/** Severity 1 is the highest there. */
const SEVERITIES: Readonly<Record<string, string>> = {
  critical: '1',
  high: '2',
  medium: '3',
  low: '4',
  informational: '5',
}

function triggerOf(level: string): Json {
  return {
    name: `rulewright ${level}`,
    severity: SEVERITIES[level] ?? '3',
    types: [],
    ids: [],
    sev_levels: [level],
    tags: [],
    // Without it a trigger makes findings and no alerts.
    detection_types: ['rules'],
    actions: [],
  }
}

/** Log types that every release has, by what a log source says; the first that fits counts. */
const CATEGORIES: readonly (readonly [key: keyof SigmaText, value: RegExp, category: string])[] = [
  ['service', /^cloudtrail$/, 'cloudtrail'],
  ['service', /^s3$/, 's3'],
  ['service', /^vpcflow/, 'vpcflow'],
  ['product', /^windows$/, 'windows'],
  ['product', /^linux$/, 'linux'],
  ['product', /^okta$/, 'okta'],
  ['product', /^azure$/, 'azure'],
  ['product', /^github$/, 'github'],
  ['product', /^m365$/, 'm365'],
  ['product', /^(?:gcp|google_workspace|gworkspace)$/, 'gworkspace'],
  ['product', /^(?:apache|nginx)$/, 'apache_access'],
  ['category', /^dns/, 'dns'],
  ['category', /^(?:webserver|web|proxy)$/, 'others_web'],
  ['category', /^(?:firewall|network_connection)$/, 'network'],
  ['product', /^aws$/, 'cloudtrail'],
  ['product', /^macos$/, 'others_macos'],
  ['category', /^application$/, 'others_application'],
]

function writeCategory(draft: Draft, sigma: SigmaText): void {
  const found = CATEGORIES.find(([key, value]) => value.test(String(sigma[key] ?? '')))
  draft.assume('category', found?.[2] ?? 'others_application')
  draft.assume('detector/detector_type', found?.[2] ?? 'others_application')
}

function writeSchedule(draft: Draft, schedule: RunSchedule): void {
  const { everyMs, cron, offsetMs, timeField, mode } = schedule
  if (cron !== null) draft.refuse('schedule', 'has no cron for a detector')
  if (offsetMs !== null) draft.refuse('schedule', 'has no offset')
  if (mode === 'near-real-time') draft.refuse('schedule', 'has no near-real-time rules')
  if (timeField === 'ingest' && mode === 'scheduled') {
    draft.warn('time-field', 'looks at each event when it comes in, whatever its time')
  }
  const period = periodOf(everyMs ?? USUAL_EVERY_MS)
  if (period === undefined) draft.refuse('schedule', 'runs a detector in whole minutes')
  else if (everyMs === null) draft.assume('detector/schedule', { period })
  else draft.say('detector/schedule', { period })
}

function periodOf(ms: number): Json | undefined {
  if (ms % DAY === 0) return { interval: ms / DAY, unit: 'DAYS' }
  if (ms % HOUR === 0) return { interval: ms / HOUR, unit: 'HOURS' }
  return ms % MINUTE === 0 ? { interval: ms / MINUTE, unit: 'MINUTES' } : undefined
}
