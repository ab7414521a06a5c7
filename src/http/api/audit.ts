// `/audit`: the log of the workspace and the proofs that it is whole. What an outside verifier needs
// to check an entry against a checkpoint that it kept itself.

import { z } from 'zod'
import {
  exportAudit,
  proveContinuation,
  readAudit,
  readAuditEntry,
  readCheckpoints,
} from '#domain/audit/actions.ts'
import { formatInstant, instant, parseInstant, type Instant } from '#kernel/time.ts'
import type { AuditFilter, AuditItem } from '#platform/audit/list.ts'
import type { SignedHead } from '#platform/audit/proofs.ts'
import { auditFile } from '#http/audit-file.ts'
import { downloadOperation, operation } from './operation.ts'
import {
  InstantText,
  makeCursor,
  makePage,
  named,
  PAGE_QUERY,
  pageShape,
  queryNumber,
  readCursor,
  shownAs,
} from './shapes.ts'

const Hex = z.string().regex(/^[0-9a-f]*$/)

const EntryShape = z
  .strictObject({
    seq: z.int(),
    workspaceSeq: z.int(),
    at: InstantText,
    actor: z.string(),
    action: z.string(),
    target: z.string(),
    outcome: z.enum(['done', 'refused', 'failed']),
    requestId: z.string(),
    data: z.unknown(),
    personal: z.record(z.string(), z.unknown()).nullable(),
    erased: z.strictObject({ by: z.string().nullable(), at: InstantText.nullable() }).nullable(),
  })
  .register(named, { id: 'AuditEntry' })
const EntryPage = pageShape(EntryShape).register(named, { id: 'AuditEntryPage' })

const CheckpointShape = z
  .strictObject({ size: z.int(), at: InstantText, note: z.string() })
  .register(named, { id: 'AuditCheckpoint' })
const CheckpointPage = pageShape(CheckpointShape).register(named, { id: 'AuditCheckpointPage' })

const Proof = z
  .strictObject({
    entry: EntryShape,
    text: z.string(),
    personalText: z.string().nullable(),
    salt: Hex.nullable(),
    proof: z
      .strictObject({ leaf: Hex, path: z.array(Hex), checkpoint: CheckpointShape })
      .nullable(),
  })
  .register(named, { id: 'AuditProof' })

const Continuation = z
  .strictObject({ old: CheckpointShape, checkpoint: CheckpointShape, path: z.array(Hex) })
  .register(named, { id: 'AuditContinuation' })

function entryShape({ at, erased, personal, ...item }: AuditItem): z.input<typeof EntryShape> {
  return {
    ...item,
    at: formatInstant(instant(at)),
    personal: personal && { ...personal },
    erased: erased && {
      by: erased.by,
      at: erased.at === null ? null : formatInstant(instant(erased.at)),
    },
  }
}

function checkpointShape({ size, at, note }: SignedHead): z.input<typeof CheckpointShape> {
  return { size, at: formatInstant(instant(at)), note }
}

const Moment = z
  .string()
  .max(40)
  .transform((text) => parseInstant(text))
  .refine((at): at is Instant => at !== undefined, 'is no RFC 3339 time')
shownAs.set(Moment, { type: 'string', format: 'date-time' })

const list = operation({
  method: 'GET',
  path: '/audit',
  name: 'listAuditEntries',
  summary: 'Entries of this workspace’s log, newest first',
  about:
    '`action` is an act such as `token.add`, or a noun for every act on it. A page may be empty and still name a next one: only a stretch of the log is searched at a time.',
  permission: 'audit.read',
  query: z.strictObject({
    action: z
      .string()
      .max(64)
      .regex(/^[a-z_]+(\.[a-z_]+)?$/)
      .optional(),
    actor: z.string().min(1).max(100).optional(),
    target: z.string().min(1).max(200).optional(),
    outcome: z.enum(['done', 'refused', 'failed']).optional(),
    since: Moment.optional(),
    until: Moment.optional(),
    ...PAGE_QUERY,
  }),
  answer: EntryPage,
  async run(call) {
    const { house, caller, query } = call
    const { limit, cursor, ...wanted } = query
    const filter = Object.fromEntries(
      Object.entries(wanted).filter(([, value]) => value !== undefined),
    ) as AuditFilter & Record<string, string | number>
    const place = { list: 'audit', filter }
    const before = readCursor(call, place, cursor, z.int())
    const found = await readAudit(house, caller, filter, {
      limit,
      ...(before !== undefined && { before }),
    })
    return {
      items: found.items.map(entryShape),
      next: found.before === null ? null : makeCursor(call, place, found.before),
    }
  },
})

const checkpoints = operation({
  method: 'GET',
  path: '/audit/checkpoints',
  name: 'listAuditCheckpoints',
  summary: 'Signed heads of the instance’s log, newest first',
  about: '`note` is a C2SP tlog-checkpoint: keep it elsewhere, and what it covers is pinned.',
  permission: 'audit.read',
  query: z.strictObject(PAGE_QUERY),
  answer: CheckpointPage,
  async run(call) {
    const { house, caller, query } = call
    const { limit, cursor } = query
    const place = { list: 'audit-checkpoints', filter: {} }
    const before = readCursor(call, place, cursor, z.int())
    const page = { limit: limit + 1, ...(before !== undefined && { before }) }
    const found = await readCheckpoints(house, caller, page)
    const { items, next } = makePage(call, place, { found, limit }, (last) => last.size)
    return { items: items.map(checkpointShape), next }
  },
})

const SEQ_MAX = Number.MAX_SAFE_INTEGER

const prove = operation({
  method: 'GET',
  path: '/audit/proof',
  name: 'proveAuditEntry',
  summary: 'That an entry is in the signed log',
  about:
    'The leaf is SHA-256(0x00 | text); `path` leads from it to the root of `checkpoint` (RFC 6962). `proof` is null while no checkpoint covers the entry: the next one follows within a minute.',
  permission: 'audit.read',
  query: z.strictObject({ seq: queryNumber(1, SEQ_MAX) }),
  answer: Proof,
  async run({ house, caller, query }) {
    const { item, text, personalText, salt, proof } = await readAuditEntry(house, caller, query.seq)
    return {
      entry: entryShape(item),
      text,
      personalText,
      salt,
      proof: proof && {
        leaf: proof.leaf.toString('hex'),
        path: proof.path.map((node) => node.toString('hex')),
        checkpoint: checkpointShape(proof.head),
      },
    }
  },
})

const proveOn = operation({
  method: 'GET',
  path: '/audit/continuation',
  name: 'proveAuditContinuation',
  summary: 'That the newest signed head goes on from an older one',
  about: '`size` is that of a checkpoint you kept; the path is an RFC 6962 consistency proof.',
  permission: 'audit.read',
  query: z.strictObject({ size: queryNumber(1, SEQ_MAX) }),
  answer: Continuation,
  async run({ house, caller, query }) {
    const { old, head, path } = await proveContinuation(house, caller, query.size)
    return {
      old: checkpointShape(old),
      checkpoint: checkpointShape(head),
      path: path.map((node) => node.toString('hex')),
    }
  },
})

const exportLog = downloadOperation({
  method: 'POST',
  path: '/audit/export',
  name: 'exportAudit',
  summary: 'The whole log of this workspace as a file',
  about:
    'As ndjson it is verified without this server, by `rulewright audit verify --export`. That it was taken along is an entry of the log itself, and stands in the file; so it is no GET.',
  permission: 'audit.export',
  query: z.strictObject({ format: z.enum(['ndjson', 'csv']).default('ndjson') }),
  isQuestion: true,
  types: ['application/x-ndjson; charset=utf-8', 'text/csv; charset=utf-8'],
  async run({ house, caller, query: { format } }) {
    return auditFile(exportAudit(house, caller, format), format, 'workspace')
  },
})

export const AUDIT_OPERATIONS = [list, checkpoints, prove, proveOn, exportLog]
