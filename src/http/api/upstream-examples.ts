// Examples of upstreams, by the names of their schemas (examples.ts).

const AT = '2026-11-21T10:00:00.000Z'
const ADA = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'

const upstream = {
  id: 'ups_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a60',
  name: 'SigmaHQ',
  address: 'https://github.com/SigmaHQ/sigma',
  licence: 'DRL 1.1',
  author: 'SigmaHQ',
  createdAt: AT,
  createdBy: ADA,
}

const update = {
  number: 2,
  label: 'r2026-11-20',
  commit: '8d3f2c0b9d3a4a4b8f2f0f6f0a1b2c3d4e5f6071',
  digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  fileCount: 3_120,
  state: 'open',
  createdAt: AT,
  createdBy: ADA,
}

export const UPSTREAM_EXAMPLES = {
  Upstream: upstream,
  UpstreamUpdate: update,
  ListedUpstream: { ...upstream, rules: 2_980, update },
  UpstreamWithPlan: {
    ...upstream,
    updates: [update],
    findings: { clean: 37, conflict: 5, new: 12, unchanged: 2_938 },
    results: {},
    ready: 2_975,
    addable: 12,
    undecided: 5,
    unplanned: 0,
    job: null,
  },
  UpstreamItem: {
    position: 12,
    path: 'rules/windows/whoami.yml',
    title: 'Whoami as system',
    sigmaId: '80167ada-7a12-41ed-b8e9-aa47195c66a1',
    finding: 'conflict',
    conflicts: 1,
    rule: 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f',
    successor: null,
    confidence: null,
    choice: null,
    result: null,
    problems: [],
  },
  NewUpstream: { name: 'SigmaHQ', licence: 'DRL 1.1' },
  UpstreamChoice: { choice: 'theirs' },
  UpstreamApply: { addsNew: true },
}
