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
  exclusion: null,
}

export const HEALTH_EXAMPLES: Readonly<Record<string, unknown>> = {
  HealthCounts: day,
  RuleHealth: health,
  RuleHealthPage: { items: [health], next: null, states: STATES, outages: [outage] },
  Silenced: silenced,
  SilencedList: { items: [silenced], count: 1 },
  HealthOfRule: { places: [{ ...health, gaps: [] }] },
}
