// Examples of what stands on targets, by the names of their schemas (examples.ts).

const AT = '2026-11-21T10:00:00.000Z'
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

export const ADOPTION_EXAMPLES = {
  ObservedRule: {
    id: 'obs_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a80',
    targetId: 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70',
    ref: 'nobody/SplunkEnterpriseSecuritySuite/Access - Many failures - Rule',
    name: 'Access - Many failures - Rule',
    type: 'correlation',
    level: 'high',
    isEnabled: true,
    bodyHash: HASH,
    managers: [{ kind: 'app', name: 'SplunkEnterpriseSecuritySuite' }],
    actions: ['notable', 'risk'],
    notices: [],
    observeOnly: null,
    remoteChangedAt: AT,
    remoteChangedBy: null,
    firstSeenAt: AT,
    lastSeenAt: AT,
    changedAt: AT,
    missingSince: null,
    adoption: {
      ruleId: 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f',
      ruleTitle: 'Many failures',
      ownership: 'managed',
      standing: 'live',
      bodyHash: HASH,
      adoptedAt: AT,
      adoptedBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
    },
  },
  Dependency: {
    id: 'dpn_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a81',
    targetId: 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70',
    kind: 'macro',
    name: 'sysmon',
    title: null,
    state: 'told',
    version: 2,
    hash: HASH,
    changedAt: AT,
    rules: 143,
  },
  ReleaseWish: { filter: { adopted: 'drifted' } },
  GivenDependency: {
    target: 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70',
    kind: 'macro',
    name: 'sysmon',
    definition: { definition: 'index=win sourcetype=sysmon', arguments: [] },
  },
  AdoptWish: { filter: { enabled: 'yes', adopted: 'no' }, ownership: 'observe' },
}
