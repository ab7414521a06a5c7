// A search whose targets said all that a target can say, for whoever looks at its page.

import { keepRows, partOf } from '#domain/searches/evidence.ts'
import { EMPTY_HISTOGRAM } from '#domain/searches/search.ts'
import { insertSearch, UNASKED, type NewSegment } from '#domain/searches/store.ts'
import { ID_PREFIXES, makeId, type SearchId, type TargetId } from '#kernel/id.ts'
import { addMs, HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'

const COLUMNS = [
  { name: '_time', type: 'datetime' },
  { name: 'host', type: null },
  { name: 'user', type: null },
  { name: 'CommandLine', type: null },
  { name: 'parent', type: 'dynamic' },
]
const ROWS = 120

export async function plantShownSearch(house: House, caller: Caller): Promise<SearchId> {
  const { now } = caller
  const id = makeId(ID_PREFIXES.search, now, house.random(10))
  const text = 'index=windows Image="*\\\\powershell.exe" CommandLine="* -enc *"'
  const question = { language: 'spl', text } as const
  const from = addMs(now, -24 * HOUR)
  const rows = Array.from({ length: ROWS }, (_, at) => [
    new Date(from + at * 11 * MINUTE).toISOString(),
    `ws-${at % 7}.${'long-name-of-a-site.'.repeat(at === 3 ? 12 : 1)}example`,
    at % 5 === 0 ? null : 'CORP\\ada',
    `powershell.exe -nop -enc ${'SQBFAFgA'.repeat(6)}${at} <b>&`,
    { image: 'C:\\Windows\\explorer.exe', id: at },
  ])
  const counts = EMPTY_HISTOGRAM.counts.map((_, at) => (at * 7) % 13)
  const base = {
    ...UNASKED,
    ...question,
    kind: 'splunk',
    jobId: null,
    sentAt: now,
    startedAt: addMs(now, -MINUTE),
    endedAt: now,
  } as const
  const told = (one: object) => JSON.stringify(one)
  const segments: NewSegment[] = [
    {
      ...base,
      ...target(1, 'splunk-london'),
      state: 'succeeded',
      scanned: 1_200_345,
      rowCount: ROWS,
      columns: told(COLUMNS),
      histogram: told({ counts, untimed: 3 }),
      completeness: told({ kind: 'complete' }),
    },
    {
      ...base,
      ...target(2, `sentinel-${'with-a-long-name-'.repeat(4)}emea`),
      kind: 'sentinel',
      language: 'kusto',
      text: 'SecurityEvent | where ProcessCommandLine has "-enc"',
      state: 'succeeded',
      rowCount: 10_000,
      completeness: told({ kind: 'truncated', limit: '10 000 rows of this target' }),
    },
    {
      ...base,
      ...target(3, 'defender'),
      kind: 'defender',
      state: 'running',
      progress: 460,
      endedAt: null,
    },
    {
      ...base,
      ...target(4, 'elastic-ot'),
      kind: 'elastic',
      state: 'failed',
      reason: 'https://10.40.2.15:9200 could not be reached. (Given up after 4 attempts.)',
    },
    {
      ...base,
      ...target(5, 'opensearch'),
      kind: 'opensearch',
      state: 'unknown',
      reason: 'Nobody knows.',
    },
  ]
  await house.db.write(caller, (tx) =>
    insertSearch(
      tx,
      {
        ...question,
        id,
        title: 'Encoded PowerShell, last day',
        ruleId: null,
        purpose: 'Case 4711',
        fromAt: from,
        toAt: now,
        rowsMax: 10_000,
        secondsMax: 600,
        evidenceDays: 7,
        savedId: null,
        bytesMax: 1_000_000,
        scannedMax: null,
        createdAt: now,
        createdBy: caller.actor,
      },
      segments,
    ),
  )
  const keeping = { searchId: id, part: partOf({ position: 1, attempt: 1 }), days: 7, at: now }
  const page = { columns: COLUMNS, rows, next: null, completeness: { kind: 'complete' } as const }
  await keepRows(house, caller.scope, keeping, 0, page)
  return id
}

function target(position: number, targetName: string) {
  return { position, targetName, targetId: `tgt_0${position}` as TargetId }
}
