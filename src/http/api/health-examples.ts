// Examples of what comes out about how rules fare.

const AT = '2026-11-21T10:00:00.000Z'
const EARLIER = '2026-11-02T09:00:00.000Z'

const day = { ran: 288, failed: 0, skipped: 0, alerts: 0, latencyMs: 420, lagMs: 2_000 }
const health = {
  rule: 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f',
  title: 'Whoami as system',
  level: 'high',
  target: 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a71',
  targetName: 'splunk-london',
  kind: 'splunk',
  version: 3,
  placement: 'live',
  state: 'silently_broken',
  reason: 'Its log source index=windows sourcetype=XmlWinEventLog stopped: no event for 6 hours.',
  since: AT,
  judgedAt: AT,
  watchedFrom: EARLIER,
  dataFlow: 'stopped',
  lastRunAt: AT,
  lastError: null,
  alertsPerDay: 0.4,
  lastDay: day,
  last30Days: { ...day, ran: 5_400, alerts: 8 },
  days: [{ day: '2026-11-21T00:00:00.000Z', alerts: 0, ran: 120, failed: 0 }],
}

const outage = {
  target: health.target,
  targetName: 'splunk-london',
  from: EARLIER,
  to: null,
  reason: 'It does not answer.',
}

const STATES = [
  { state: 'silently_broken', count: 1 },
  { state: 'dead', count: 3 },
  { state: 'healthy', count: 621 },
]

const silenced = {
  kind: 'throttle',
  what: 'After an alert, for the same user, it is held back for 24h.',
  rules: [{ id: 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f', title: 'Whoami as system' }],
  targetName: 'splunk-london',
  by: null,
  why: null,
  since: EARLIER,
  endsAt: null,
  isOverdue: false,
  hitsHidden: null,
  hidden: null,
  exclusion: null,
}

const alert = {
  id: 'alr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a74',
  rule: health.rule,
  target: health.target,
  targetName: 'splunk-london',
  remoteId: 'scheduler__nobody__search__RMD5__1',
  at: EARLIER,
  version: 3,
  disposition: 'false_positive',
  disposedAt: AT,
  disposedBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
  note: 'The backup agent.',
}
const budget = {
  scope: 'group',
  name: 'windows-endpoint',
  perDay: 25,
  onBreach: 'flag',
  used: 31.4,
  rules: 140,
  setAt: EARLIER,
  setBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
  proposed: null,
}

const covered = {
  technique: 'T1033',
  name: 'System Owner/User Discovery',
  state: 'lost',
  rules: [
    {
      rule: health.rule,
      title: health.title,
      version: 3,
      target: health.target,
      targetName: health.targetName,
      verdict: 'fails',
      why: 'source',
      reason: health.reason,
      since: AT,
    },
  ],
}

export const HEALTH_EXAMPLES: Readonly<Record<string, unknown>> = {
  HealthCounts: day,
  RuleHealth: health,
  RuleHealthPage: { items: [health], next: null, states: STATES, outages: [outage] },
  Silenced: silenced,
  CoveredTechnique: covered,
  Coverage: {
    attack: '19.1',
    judgedAt: AT,
    counts: { covered: 61, lost: 1, unproven: 12, unknown: 0, none: 617 },
    items: [covered],
    days: [{ day: '2026-11-21T00:00:00.000Z', covered: 61, lost: 1, unproven: 12, unknown: 0 }],
  },
  SilencedList: { items: [silenced], next: null, count: 1 },
  Alert: alert,
  AlertsOfRule: { items: [alert], precision: 0.62, decided: 21 },
  NewDisposition: { disposition: 'false_positive', note: 'The backup agent.' },
  Budget: budget,
  NewBudget: { scope: 'group', name: 'windows-endpoint', perDay: 25, onBreach: 'flag' },
  BackfillWanted: { ruleId: null, targetId: health.target },
  HealthOfRule: {
    places: [{ ...health, gaps: [] }],
    precision: 0.62,
    decided: 21,
    soleCoverOf: ['T1033'],
    advice: { kind: 'keep', reason: '62 % of 21 decided alerts were worth it.' },
  },
}
