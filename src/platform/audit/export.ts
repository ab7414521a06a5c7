// The log of one workspace as lines of JSON that need nothing else to be verified: a header with the
// signed checkpoint and the public keys, each entry with its leaf and its proof of inclusion, an end
// that counts them. The sequence of the workspace is dense, so no entry can be left out unseen.

import { csvCell } from '#platform/csv.ts'
import type { Database } from '#platform/db/database.ts'
import { all, first, type Steps } from '#platform/db/steps.ts'
import type { Json } from '#kernel/json.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import type { Entry } from './chain.ts'
import type { AuditPublicKeys } from './keys.ts'
import {
  decodeFrontier,
  EMPTY_FRONTIER,
  inclusionProof,
  subtreesAfter,
  type Frontier,
  type SubtreeRoot,
} from './merkle.ts'
import { checkpointKeys } from './public-key.ts'
import type { Segment } from './retention.ts'

export const EXPORT_KIND = 'rulewright-audit'
/** The entry an export must end with, of the same instant: that is how a cut one is known. */
export const EXPORT_ACTION = 'audit.export'

/** An entry and where it stands in the tree. */
export interface ProvenEntry extends Entry {
  readonly salt: Buffer | null
  readonly personal: string | null
  readonly leaf: Buffer
  readonly proof: readonly Buffer[]
}

export interface ExportOptions {
  readonly workspaceId: string
  readonly keys: AuditPublicKeys
  readonly exportedAt: Instant
}

interface Place {
  /** Entries the newest checkpoint covers. */
  readonly size: number
  readonly note: string
  readonly kept: Frontier
  /** Sequences of the workspace among the entries that are kept and covered. */
  readonly range: { readonly first: number; readonly last: number; readonly count: number }
}

const PAGE_ROWS = 250
const LEAVES_PAGE = 2_000
const LEAF_BYTES = 32

/**
 * Record EXPORT_ACTION at `exportedAt` and sign a checkpoint first: entries that none covers are left
 * out.
 */
export async function* exportLines(
  db: Pick<Database, 'inspect'>,
  { workspaceId, keys, exportedAt }: ExportOptions,
): AsyncGenerator<string> {
  const place = await db.inspect(readPlace(workspaceId))
  yield JSON.stringify({
    kind: EXPORT_KIND,
    format: 1,
    workspaceId,
    exportedAt: formatInstant(exportedAt),
    checkpoint: place?.note ?? null,
    keys: checkpointKeys(keys),
    ...place?.range,
  })
  let count = 0
  for await (const entry of place ? provenEntries(db, workspaceId, place) : []) {
    count += 1
    yield JSON.stringify(lineOf(entry))
  }
  yield JSON.stringify({ kind: 'end', count })
}

/** For spreadsheets; nothing in it is proven. A cell that a program would take for a formula is not. */
export async function* exportCsv(
  db: Pick<Database, 'inspect'>,
  workspaceId: string,
): AsyncGenerator<string> {
  yield CSV_COLUMNS.join(',')
  let after = 0
  while (true) {
    const rows = await db.inspect(readPage(workspaceId, after, Number.MAX_SAFE_INTEGER))
    for (const row of rows) {
      const cells = { ...row, at: formatInstant(row.at as Instant) }
      yield CSV_COLUMNS.map((column) => csvCell(String(cells[column] ?? ''))).join(',')
    }
    const last = rows.at(-1)
    if (!last) return
    after = last.seq
  }
}

const CSV_COLUMNS = [
  'seq',
  'workspaceSeq',
  'at',
  'actor',
  'action',
  'target',
  'outcome',
  'requestId',
  'data',
  'personal',
] as const

function lineOf({
  at,
  data,
  personal,
  salt,
  commitment,
  leaf,
  proof,
  ...entry
}: ProvenEntry): Json {
  return {
    kind: 'entry',
    ...entry,
    at: formatInstant(at as Instant),
    data: JSON.parse(data) as Json,
    commitment: commitment?.toString('hex') ?? null,
    ...(personal !== null && {
      personal: JSON.parse(personal) as Json,
      salt: salt?.toString('hex') ?? null,
    }),
    leaf: leaf.toString('hex'),
    proof: proof.map((hash) => hash.toString('base64')),
  }
}

async function* provenEntries(
  db: Pick<Database, 'inspect'>,
  workspaceId: string,
  { size, kept }: Place,
): AsyncGenerator<ProvenEntry> {
  const subtree = await readTree(db, kept, size)
  let after = 0
  while (true) {
    const rows = await db.inspect(readPage(workspaceId, after, size))
    for (const { chain: _, ...row } of rows) {
      yield { ...row, proof: inclusionProof(row.seq - 1, size, subtree) }
    }
    const last = rows.at(-1)
    if (!last) return
    after = last.seq
  }
}

type Row = Omit<ProvenEntry, 'proof'> & { readonly chain: Buffer }

function* readPage(workspaceId: string, after: number, size: number): Steps<readonly Row[]> {
  return yield* all<Row>(PAGE, workspaceId, after, size, PAGE_ROWS)
}

// The leaves of the whole log, 32 bytes each: proofs need the neighbours of other workspaces too.
async function readTree(
  db: Pick<Database, 'inspect'>,
  kept: Frontier,
  size: number,
): Promise<SubtreeRoot> {
  const leaves = Buffer.alloc((size - kept.size) * LEAF_BYTES)
  for (let seq = kept.size; seq < size;) {
    const rows = await db.inspect(readLeaves(seq, size))
    if (rows.length === 0) break
    for (const row of rows) row.leaf.copy(leaves, (row.seq - 1 - kept.size) * LEAF_BYTES)
    seq = rows.at(-1)!.seq
  }
  return subtreesAfter(kept, (index) => {
    const at = (index - kept.size) * LEAF_BYTES
    return leaves.subarray(at, at + LEAF_BYTES)
  })
}

function* readLeaves(after: number, size: number): Steps<readonly { seq: number; leaf: Buffer }[]> {
  return yield* all<{ seq: number; leaf: Buffer }>(LEAVES, after, size, LEAVES_PAGE)
}

function* readPlace(workspaceId: string): Steps<Place | undefined> {
  const checkpoint = yield* first<{ size: number; note: string }>(
    'select "size", "note" from "auditCheckpoint" order by "size" desc limit 1',
  )
  if (!checkpoint) return undefined
  const { size, note } = checkpoint
  const segment = yield* first<Pick<Segment, 'lastSeq' | 'frontier'>>(
    'select "lastSeq", "frontier" from "auditSegment" order by "lastSeq" desc limit 1',
  )
  const kept = segment ? decodeFrontier(segment.lastSeq, segment.frontier) : EMPTY_FRONTIER
  const range = (yield* first<Place['range']>(RANGE, workspaceId, size))!
  return { size, note, kept, range }
}

const PAGE = `
  select * from "auditEntry" where "workspaceId" = ? and "seq" > ? and "seq" <= ?
  order by "workspaceSeq" limit ?`

const LEAVES = `
  select "seq", "leaf" from "auditEntry" where "seq" > ? and "seq" <= ? order by "seq" limit ?`

const RANGE = `
  select coalesce(min("workspaceSeq"), 0) as "first", coalesce(max("workspaceSeq"), 0) as "last",
    count(*) as "count"
  from "auditEntry" where "workspaceId" = ? and "seq" <= ?`
