// A custom detection of Microsoft Defender XDR, as Graph takes it. How often it runs decides how far it
// looks back, and a detection maps devices, users and mailboxes.

import { DAY, HOUR } from '#kernel/time.ts'
import type { Json } from '#kernel/json.ts'
import { attackOf, sameList } from './attack.ts'
import { Draft } from './draft.ts'
import { queryOf, refuseOutput } from './query.ts'
import {
  USUAL_EVERY_MS,
  type Entity,
  type RuleToWrite,
  type RunSchedule,
  type Written,
} from './rule.ts'

const SEVERITIES: Readonly<Record<string, string>> = {
  informational: 'informational',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'high',
}

/** Spans between two runs, and how far each run looks back. */
const PERIODS: readonly (readonly [everyMs: number, period: string, lookbackMs: number])[] = [
  [HOUR, '1H', 4 * HOUR],
  [3 * HOUR, '3H', 12 * HOUR],
  [12 * HOUR, '12H', 2 * DAY],
  [DAY, '24H', 30 * DAY],
]

const TEMPLATE = 'detectionAction/alertTemplate'

/** What Graph keeps itself. */
const FOREIGN_KEYS = new Set([
  'id',
  'detectorId',
  'createdBy',
  'createdDateTime',
  'lastModifiedBy',
  'lastModifiedDateTime',
  'lastRunDetails',
  'name',
])

export function writeDefender(rule: RuleToWrite): Written {
  const draft = new Draft('Defender', 'detectionAction' in rule.settings)
  draft.say('displayName', rule.title)
  draft.assume('isEnabled', true)
  draft.say('queryCondition/queryText', queryOf(draft, rule))
  writeSchedule(draft, rule.schedule)
  draft.say(`${TEMPLATE}/title`, rule.titleTemplate ?? rule.title)
  const description = rule.description ?? rule.title
  if (rule.description === null) draft.assume(`${TEMPLATE}/description`, description)
  else draft.say(`${TEMPLATE}/description`, description)
  if (rule.level === null) draft.assume(`${TEMPLATE}/severity`, 'medium')
  else draft.say(`${TEMPLATE}/severity`, SEVERITIES[rule.level]!)
  const { tactics, exact } = attackOf(rule.tags)
  draft.assume(`${TEMPLATE}/category`, tactics[0] ?? 'SuspiciousActivity')
  if (exact.length > 0) {
    draft.say(`${TEMPLATE}/mitreTechniques`, exact, (theirs) => sameList(theirs, exact))
  }
  writeEntities(draft, rule.entities)
  refuseOutput(draft, rule, ['alert'])
  if (rule.throttle !== null && rule.throttle.mode !== 'none') {
    draft.refuse('throttle', 'holds no alerts back: it joins equal ones by itself')
  }
  if (rule.threshold !== null) {
    draft.refuse('threshold', 'counts no rows of a detection', 'Count in a query of its own.')
  }
  const left = [
    ...(Object.keys(rule.details).length === 0 ? [] : ['details']),
    ...(rule.drilldowns.length === 0 ? [] : ['drilldowns']),
  ]
  if (left.length > 0) draft.warn('left-out', `has no ${left.join(' and no ')}`)
  draft.assume('detectionAction/responseActions', [])
  const own = Object.entries(rule.settings).filter(([key]) => !FOREIGN_KEYS.has(key))
  return draft.finish(Object.fromEntries(own))
}

function writeSchedule(draft: Draft, schedule: RunSchedule): void {
  const { everyMs, cron, offsetMs, windowMs, neededMs, timeField, mode } = schedule
  if (cron !== null) draft.refuse('schedule', 'has no cron')
  if (offsetMs !== null) draft.refuse('schedule', 'has no offset')
  if (mode === 'continuous') draft.refuse('schedule', 'fills no gaps of a rule: mode continuous')
  if (mode === 'near-real-time') {
    draft.say('schedule/period', '0')
    return
  }
  if (timeField === 'ingest') draft.refuse('time-field', 'looks back by the time of events')
  const fitting = PERIODS.find(([ms]) => ms === (everyMs ?? USUAL_EVERY_MS))
  if (fitting === undefined) {
    draft.refuse(
      'schedule',
      'runs a rule every 1, 3, 12 or 24 hours, or near real time',
      'Write an overlay with "every: 1h", or "mode: near-real-time".',
    )
    return
  }
  const [, period, lookbackMs] = fitting
  if (everyMs === null) draft.assume('schedule/period', period)
  else draft.say('schedule/period', period, (one) => String(one).toUpperCase() === period)
  const hours = lookbackMs / HOUR
  if (Math.max(windowMs ?? 0, neededMs) > lookbackMs) {
    draft.refuse('schedule', `looks back ${hours} hours at a rule of this rhythm, and no further`)
  } else if (windowMs !== null && windowMs < lookbackMs) {
    draft.warn('window', `looks back ${hours} hours at a rule of this rhythm, not less`)
  }
}

interface Asset {
  readonly type: string
  readonly identifiers: readonly string[]
}

const ASSETS: Readonly<Record<string, Asset>> = {
  host: {
    type: 'impactedDeviceAsset',
    identifiers: [
      'deviceId',
      'deviceName',
      'remoteDeviceName',
      'targetDeviceName',
      'destinationDeviceName',
    ],
  },
  user: {
    type: 'impactedUserAsset',
    identifiers: [
      'accountObjectId',
      'accountSid',
      'accountUpn',
      'accountName',
      'accountDomain',
      'accountId',
      'requestAccountSid',
      'requestAccountName',
      'requestAccountDomain',
      'recipientObjectId',
      'processAccountObjectId',
      'initiatingAccountSid',
      'initiatingProcessAccountUpn',
      'initiatingProcessAccountSid',
      'initiatingProcessAccountObjectId',
      'initiatingAccountName',
      'initiatingAccountDomain',
      'servicePrincipalId',
      'servicePrincipalName',
      'targetAccountUpn',
    ],
  },
  mailbox: {
    type: 'impactedMailboxAsset',
    identifiers: [
      'accountUpn',
      'fileOwnerUpn',
      'initiatingProcessAccountUpn',
      'lastModifyingAccountUpn',
    ],
  },
}
const ALIASES: Readonly<Record<string, string>> = { account: 'user', device: 'host' }

function writeEntities(draft: Draft, entities: readonly Entity[]): void {
  const assets = entities.flatMap(({ type, field }): Json[] => {
    const name = type.toLowerCase()
    const asset = ASSETS[ALIASES[name] ?? name]
    if (asset === undefined) {
      draft.refuse('entities', `maps devices, users and mailboxes, no ${type}`)
      return []
    }
    const wanted = field.charAt(0).toLowerCase() + field.slice(1)
    const identifier = asset.identifiers.find((one) => one === wanted)
    if (identifier === undefined) {
      draft.refuse('entities', `knows no ${name} by the column ${field}`)
      return []
    }
    return [{ '@odata.type': `#microsoft.graph.security.${asset.type}`, identifier }]
  })
  if (assets.length > 0) draft.say(`${TEMPLATE}/impactedAssets`, assets)
}
