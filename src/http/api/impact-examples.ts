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

const item = {
  n: 1,
  rule: RULE_ID,
  title: 'Whoami as system',
  target: TARGET_ID,
  targetName: 'splunk-london',
  action: 'change',
  words: ['Adds filter: User is "backup"'],
  before: { language: 'spl', text: 'index=windows Image="*\\\\whoami.exe"' },
  after: { language: 'spl', text: 'index=windows Image="*\\\\whoami.exe" NOT User="backup"' },
  state: 'measured',
  reason: null,
  result: measured,
  beforeSearch: 'sea_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70',
  afterSearch: 'sea_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a73',
}

export const IMPACT_EXAMPLES: Readonly<Record<string, unknown>> = {
  Measured: measured,
  NewImpact: { days: 7 },
  ImpactItem: item,
  Impact: {
    change: 'chg_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a82',
    backtest: {
      id: 'bkt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a81',
      from: FROM,
      to: AT,
      job: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a72',
      state: 'done',
      reason: null,
      counts: { waiting: 0, asking: 0, measured: 1, unknown: 0, unchanged: 0 },
      createdAt: AT,
      createdBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
      endedAt: AT,
    },
    isStale: false,
    total: {
      measured: 1,
      unknown: 0,
      before: 12,
      after: 5,
      added: 1,
      removed: 8,
      kept: 4,
      perDayBefore: 1.7,
      perDayAfter: 0.7,
      cost: { scanned: 240_000, bytes: null, seconds: 6 },
    },
    coverage: { gained: [], lost: ['T1033'] },
    budgets: [{ rule: RULE_ID, scope: 'rule', perDay: 1, before: 1.7, after: 0.7 }],
    itemCount: 1,
    items: [item],
  },
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
