// Examples of targets and credentials for the document.

const ADA = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'
const AT = '2026-11-21T10:00:00.000Z'
const END = '2027-05-20T00:00:00.000Z'

const credential = {
  id: 'crd_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a71',
  purpose: 'read',
  slot: 'current',
  kind: 'token',
  label: '',
  expiresAt: END,
  certificate: 'CN=rulewright',
  certificateEndsAt: END,
  identity: 'rulewright-read',
  dependants: null,
  checkedAt: AT,
  problem: null,
  endsAt: null,
  createdAt: AT,
  createdBy: ADA,
}

const target = {
  id: 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70',
  name: 'splunk-london',
  kind: 'splunk',
  stage: 'production',
  mode: 'read_only',
  deploy: 'api',
  settings: { url: 'https://splunk.example.com:8089', app: 'detections' },
  ca: null,
  pins: [],
  parameters: { 'index.windows': 'wineventlog_ldn' },
  concurrency: 4,
  checkMinutes: 5,
  version: 2,
  createdAt: AT,
  createdBy: ADA,
  changedAt: AT,
  changedBy: ADA,
  health: {
    state: 'degraded',
    reason: 'What reading needs is missing: list_search_scheduler.',
    since: AT,
    checkedAt: AT,
    product: 'Splunk Enterprise',
    version: '9.3.1',
    identity: 'rulewright-read',
    clockSkewMs: 240,
    notices: ['What reading needs is missing: list_search_scheduler.'],
    privileges: {
      read: {
        needed: [
          {
            name: 'list_search_scheduler',
            why: 'Says how rules run.',
            isHeld: false,
            fix: 'Add the capability list_search_scheduler to the role.',
          },
        ],
        excess: [],
        completeness: { kind: 'complete' },
      },
      write: null,
    },
  },
}

export const TARGET_EXAMPLES = {
  ListedTarget: target,
  TargetPage: { items: [target], next: null },
  Target: {
    ...target,
    credentials: [credential],
    changes: [{ at: AT, state: 'degraded', reason: target.health.reason }],
  },
  Credential: credential,
  Credentials: {
    items: [
      {
        ...credential,
        slot: 'next',
        dependants: {
          at: AT,
          count: 1,
          items: [
            {
              ref: 'nobody/detections/Brute force',
              name: 'Brute force',
              why: 'It belongs to rulewright-write and runs with the rights of that account.',
            },
          ],
          completeness: { kind: 'complete' },
        },
      },
    ],
  },
  NewTarget: {
    name: 'splunk-london',
    kind: 'splunk',
    settings: { url: 'https://splunk.example.com:8089', app: 'detections' },
  },
  TargetEdit: { mode: 'read_write', parameters: { 'index.windows': 'wineventlog_ldn' } },
  NewCredential: {
    purpose: 'read',
    credential: { kind: 'token', token: 'eyJraWQiOiJzcGx1bmsuc2VjcmV0IiwiYWxnIjoiSFM1MTIifQ' },
    expiresAt: END,
  },
  CredentialPurpose: { purpose: 'read' },
  CredentialPlace: { purpose: 'write', slot: 'next' },
}
