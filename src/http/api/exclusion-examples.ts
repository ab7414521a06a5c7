// Examples of exclusions for the document.

const ADA = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'
const RULE_ID = 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f'
const SIGMA_ID = '80167ada-7a12-41ed-b8e9-aa47195c66a1'
const AT = '2026-11-21T10:00:00.000Z'
const LATER = '2027-02-19T10:00:00.000Z'
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const FILTER = `title: Backup agent
logsource: {category: process_creation, product: windows}
filter:
  rules: [${SIGMA_ID}]
  selection: {User: svc-backup}
  condition: not selection
`

const hidden = {
  count: 214,
  of: 260,
  isWhole: true,
  reason: null,
  from: '2026-10-22T10:00:00.000Z',
  to: AT,
  countedAt: AT,
}

const exclusion = {
  id: 'exc_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a61',
  title: 'Backup agent',
  sigmaId: null,
  state: 'in_force',
  owner: 'ada@acme.example',
  reason: 'The backup agent runs it each night',
  endsAt: LATER,
  rules: [{ id: RULE_ID, title: 'Whoami as system' }],
  hitsHidden: 214,
  hidden,
  version: 1,
  contentHash: HASH,
  createdAt: AT,
  createdBy: ADA,
  updatedAt: AT,
  updatedBy: ADA,
}

export const EXCLUSION_EXAMPLES = {
  NewExclusion: { text: FILTER, reason: 'The backup agent runs it each night', ends: '2026-12-24' },
  ExclusionChange: { ends: '2027-01-31', why: 'The agent is replaced in January' },
  Exclusion: exclusion,
  HitsHidden: hidden,
  ExclusionWithText: { ...exclusion, text: FILTER },
  ExclusionPage: { items: [exclusion], next: null, count: 1 },
  ExclusionVersion: {
    number: 1,
    text: FILTER,
    contentHash: HASH,
    why: '',
    createdAt: AT,
    createdBy: ADA,
  },
}
