// Examples of what goes in and comes out about changes.

const AT = '2026-11-21T10:00:00.000Z'
const LATER = '2026-11-28T10:00:00.000Z'
const ADA = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'
const RAVI = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5d'
const RULE = 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f'
const TARGET = 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a71'
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const change = {
  id: 'chg_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a72',
  title: 'Whoami as system, on London',
  why: 'Seen in the incident of last week.',
  state: 'approved',
  origin: 'rules',
  author: RAVI,
  createdAt: AT,
  createdBy: RAVI,
  updatedAt: AT,
  submittedAt: AT,
  expiresAt: LATER,
  hash: HASH,
  itemCount: 1,
  follows: null,
  signaturesNeeded: 1,
  signatureCount: 1,
  version: 3,
}

const item = {
  number: 1,
  ruleId: RULE,
  ruleTitle: 'Whoami as system',
  targetId: TARGET,
  targetName: 'splunk-london',
  kind: 'splunk',
  action: 'add',
  version: 3,
  body: { name: 'Whoami as system', search: 'index=windows Image="*\\\\whoami.exe"' },
  bodyHash: HASH,
  switches: [],
  replaces: null,
  inputs: { rule: HASH, rendering: HASH, parameters: HASH, renderer: '1.0.0' },
  problems: [],
  waivers: [],
}

const signature = {
  userId: ADA,
  name: 'Ada',
  decision: 'approve',
  hash: HASH,
  comment: 'Read it and ran its tests.',
  at: AT,
  voidedBecause: null,
  isPasskey: false,
}
const comment = { number: 1, by: ADA, text: 'Is the host field always there?', at: AT }

export const CHANGE_EXAMPLES: Readonly<Record<string, unknown>> = {
  Change: change,
  ChangePage: { items: [change], next: null, count: 1 },
  ChangeItem: item,
  ChangeSignature: signature,
  ChangeComment: comment,
  ChangeWhole: {
    ...change,
    items: [item],
    signatures: [signature],
    comments: [comment],
    events: [{ number: 1, what: 'open', reason: '', by: RAVI, at: AT }],
    whoMaySign: [
      { userId: ADA, name: 'Ada', whyNot: null },
      { userId: RAVI, name: 'Ravi', whyNot: 'They opened this change.' },
    ],
  },
  ChangeSignatureProofs: {
    signatures: [
      {
        ...signature,
        isSound: true,
        statement: '{"at":"2026-11-21T10:00:00.000Z","decision":"approve"}',
        signature: 'c2lnbmVk',
        keySeq: 1,
        passkey: null,
      },
    ],
  },
  NewChange: {
    title: 'Whoami as system, on London',
    why: 'Seen in the incident of last week.',
    items: [{ ruleId: RULE, targetId: TARGET }],
  },
  ChangeEdit: { title: 'Whoami as system, on London and Paris' },
  NewChangeSignature: { decision: 'approve', hash: HASH, comment: 'Read it and ran its tests.' },
  NewChangeComment: { text: 'Is the host field always there?' },
  NewChangeWaiver: {
    number: 1,
    code: 'change/tests',
    reason: 'The vendor has no sample of this event; watched for a week instead.',
  },
}
