// Examples of deployments, by the names of their schemas (examples.ts).

const AT = '2026-11-21T10:00:00.000Z'
const ADA = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'
const RULE = 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f'
const TARGET = 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70'
const CHANGE = 'chg_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4aa0'
const JOB = 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a91'
const REF = '5f1c2f6e-3a0f-5d0e-9f57-2a4c1b9d7e10'

const nothing = {
  waiting: 0,
  writing: 0,
  verifying: 0,
  done: 0,
  same: 0,
  failed: 0,
  rolled_back: 0,
  unknown: 0,
}

const deployment = {
  id: 'dep_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4aa1',
  change: CHANGE,
  changeTitle: 'Find whoami as system',
  kind: 'change',
  rollsBack: null,
  state: 'deployed',
  reason: null,
  job: JOB,
  isDryRun: false,
  isCancelled: false,
  counts: { ...nothing, done: 1 },
  startedAt: AT,
  startedBy: ADA,
  endedAt: '2026-11-21T10:00:04.000Z',
}

const where = {
  n: 1,
  rule: RULE,
  ruleTitle: 'Whoami as system',
  target: TARGET,
  targetName: 'sentinel-london',
  kind: 'sentinel',
  ref: REF,
}

const body = { kind: 'Scheduled', properties: { displayName: 'Whoami as system', enabled: true } }

const item = {
  ...where,
  action: 'add',
  version: 3,
  state: 'done',
  reason: null,
  isSigned: true,
  before: null,
  body,
  after: { name: REF, ...body },
  writtenAt: AT,
  verifiedAt: '2026-11-21T10:00:03.000Z',
}

export const DEPLOYMENT_EXAMPLES = {
  Deployment: deployment,
  DeploymentItem: item,
  DeploymentWhole: { ...deployment, items: [item] },
  DeploymentStarted: {
    job: { id: JOB, state: 'queued', progress: null },
    deployment: {
      ...deployment,
      state: 'queued',
      counts: { ...nothing, waiting: 1 },
      endedAt: null,
    },
  },
  ChangePlan: {
    change: CHANGE,
    items: [
      {
        ...where,
        verdict: 'change',
        reason: null,
        fields: [{ field: 'properties.queryFrequency', from: 'PT1H', to: 'PT5M' }],
      },
    ],
  },
  RolledBack: { kind: 'change', change: CHANGE },
  DeployWish: { dryRun: true },
  RollbackWish: { n: 1 },
  RuleRollbackWish: { rule: RULE, target: TARGET, version: 2 },
  GoLiveWish: { rule: RULE, target: TARGET },
  ItemVerdict: { verdict: 'written' },
}
