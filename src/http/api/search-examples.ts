// Examples of what goes in and comes out about searches.

const SEARCH_ID = 'sea_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a70'
const TARGET_ID = 'tgt_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a71'
const AT = '2026-11-21T10:00:00.000Z'
const SPL = 'index=windows Image="*\\\\whoami.exe"'

const SAVED_ID = 'sav_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a73'
const CAPS = { rows: 1_000, bytes: 536_870_912, seconds: 300, scanned: null }

const segment = {
  n: 1,
  target: TARGET_ID,
  targetName: 'splunk-london',
  kind: 'splunk',
  language: 'spl',
  text: SPL,
  state: 'succeeded',
  attempt: 1,
  job: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a72',
  progress: 1,
  scanned: 120_000,
  scannedBytes: null,
  found: 2,
  rows: 2,
  bytes: 412,
  columns: [{ name: '_time', type: 'datetime' }],
  completeness: { kind: 'partial', reason: 'an indexer did not answer' },
  notices: [],
  reason: null,
  startedAt: AT,
  endedAt: AT,
}

export const SEARCH_EXAMPLES: Readonly<Record<string, unknown>> = {
  Completeness: segment.completeness,
  NewSearch: {
    question: { language: 'spl', text: SPL },
    targets: [TARGET_ID],
    last: '24h',
    purpose: 'Case 4711',
  },
  SearchSegment: segment,
  Search: {
    id: SEARCH_ID,
    title: SPL,
    language: 'spl',
    text: SPL,
    rule: null,
    purpose: 'Case 4711',
    from: '2026-11-20T10:00:00.000Z',
    to: AT,
    caps: CAPS,
    saved: SAVED_ID,
    createdAt: AT,
    createdBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
    outcome: 'some',
    segments: [segment],
  },
  NewSavedSearch: { name: 'Encoded PowerShell', isShared: true, cron: '5 * * * *' },
  SavedSearchChange: { isPaused: true },
  SavedSearch: {
    id: SAVED_ID,
    name: 'Encoded PowerShell',
    language: 'spl',
    text: SPL,
    rule: null,
    targets: [TARGET_ID],
    lastMs: 86_400_000,
    caps: CAPS,
    purpose: 'Case 4711',
    isShared: true,
    owner: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
    createdAt: AT,
    cron: '5 * * * *',
    isPaused: false,
    nextAt: '2026-11-21T10:05:00.000Z',
    missed: 0,
    note: null,
  },
  NewPinnedRow: { position: 1, row: 0, columns: ['_time', 'host'], note: 'First seen here' },
  PinnedRow: {
    n: 1,
    target: 'splunk-london',
    segment: 1,
    row: 0,
    note: 'First seen here',
    values: { _time: AT, host: 'ws-042' },
    createdAt: AT,
    createdBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
  },
  FoundRow: { target: 'splunk-london', row: 0, values: { _time: AT, host: 'ws-042' } },
}
