// Examples of drift, by the names of their schemas (examples.ts).

const AT = '2026-11-21T10:00:00.000Z'
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const TARGET = 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70'

const DRIFT = {
  id: 'drf_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a90',
  targetId: TARGET,
  targetName: 'splunk-london',
  targetKind: 'splunk',
  kind: 'changed',
  ruleId: 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f',
  ruleTitle: 'Many failures',
  ownership: 'managed',
  dependencyId: null,
  name: 'Access - Many failures - Rule',
  state: 'found',
  fields: [{ name: 'cron_schedule', ours: '*/5 * * * *', theirs: '0 * * * *' }],
  observedHash: HASH,
  before: 'live',
  notices: [],
  remoteChangedAt: AT,
  remoteChangedBy: 'admin',
  foundAt: AT,
  seenAt: AT,
  wanted: null,
  changeId: null,
  endedAt: null,
  endedBy: null,
}

const AS_OF = {
  ruleId: 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f',
  ruleTitle: 'Many failures',
  targetId: TARGET,
  targetName: 'splunk-london',
  kind: 'splunk',
  ref: 'nobody/search/Many failures',
  state: 'live',
  ownership: 'managed',
  version: 3,
  hash: HASH,
  body: { search: 'index=main action=failure', cron_schedule: '*/5 * * * *' },
  found: null,
  origin: 'deployment',
  isSigned: true,
  fromAt: AT,
  toAt: null,
  lastObservedAt: AT,
  nextObservedAt: null,
  deploymentId: 'dep_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a92',
  change: {
    id: 'chg_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a93',
    title: 'Fewer failures',
    hash: HASH,
    inputs: { rule: HASH, tests: 'passed' },
    waivers: [],
    signatures: [
      {
        userId: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
        name: 'Ravi',
        role: 'engineer',
        at: AT,
        hash: HASH,
        isPasskey: true,
      },
    ],
  },
  exclusions: [],
  dependencies: [{ kind: 'macro', name: 'sysmon', version: 2, hash: HASH }],
}

export const DRIFT_EXAMPLES = {
  AsOf: AS_OF,
  AsOfPage: {
    items: [AS_OF],
    next: null,
    policy: { review: true, signatures: 2, testGate: true, soakDays: 3 },
  },
  Drift: DRIFT,
  DriftWish: { resolution: 'adopt', prefer: 'mine', why: 'They were right' },
  DriftResolved: {
    drift: {
      ...DRIFT,
      state: 'adopted',
      endedAt: AT,
      endedBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
    },
    changeId: null,
    deploymentId: null,
    version: 3,
  },
  Forgotten: {
    ruleId: DRIFT.ruleId,
    ruleTitle: 'Many failures',
    targetId: TARGET,
    targetName: 'splunk-london',
    targetKind: 'splunk',
    name: 'Many failures',
    ref: 'nobody/search/Many failures',
    version: 2,
    isEnabled: true,
    seenAt: AT,
  },
  DriftPruneWish: { targetId: null },
  DriftPruned: { changeId: 'chg_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a80', items: 1 },
  DriftScanWish: { targetId: TARGET },
  DriftScan: {
    items: [{ targetId: TARGET, jobId: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a91' }],
  },
}
