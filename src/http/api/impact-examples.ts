// Examples of what goes in and comes out about backtests.

const AT = '2026-11-21T10:00:00.000Z'
const FROM = '2026-11-14T10:00:00.000Z'
const RULE_ID = 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a80'
const TARGET_ID = 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a71'

const measured = {
  before: 12,
  after: 5,
  added: 1,
  removed: 8,
  kept: 4,
  scanned: 120_000,
  cost: { scanned: 240_000, bytes: null, seconds: 6 },
  identity: ['_bkt', '_cd'],
  notes: [],
}

export const IMPACT_EXAMPLES: Readonly<Record<string, unknown>> = {
  Measured: measured,
  NewForecast: {
    title: 'What came with the import',
    targetId: TARGET_ID,
    filter: { level: 'high,critical' },
    days: 7,
    atOnce: 2,
    perHour: 120,
  },
  Forecast: {
    id: 'bkt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a81',
    title: 'What came with the import',
    from: FROM,
    to: AT,
    atOnce: 2,
    perHour: 120,
    job: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a72',
    state: 'running',
    reason: null,
    counts: { waiting: 310, asking: 2, measured: 180, unknown: 8, unchanged: 0 },
    createdAt: AT,
    createdBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
    endedAt: null,
  },
  ForecastRule: {
    rule: RULE_ID,
    title: 'Whoami as system',
    version: 3,
    state: 'measured',
    reason: null,
    perDay: 0.7,
    search: 'sea_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70',
    result: measured,
  },
}
