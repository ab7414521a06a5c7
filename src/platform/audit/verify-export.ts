// Verifies an export without the instance it came from: every entry is hashed again, found in the
// signed tree, and the sequence of the workspace must be dense from the first to the last.

import { z } from 'zod'
import { canonicalJson, type Json } from '#kernel/json.ts'
import { parseInstant } from '#kernel/time.ts'
import { commit, leafHash, type Entry } from './chain.ts'
import { openCheckpoint, type Checkpoint } from './checkpoint.ts'
import { epochOf } from './epoch.ts'
import { EXPORT_ACTION, EXPORT_KIND } from './export.ts'
import { keyAt, type AuditPublicKeys } from './keys.ts'
import { isIncluded } from './merkle.ts'
import { openInExport, type OpenAttack } from './open-attacks.ts'
import { readCheckpointKeys } from './public-key.ts'

export type ExportVerdict =
  | {
      readonly ok: true
      /** Sequences of the workspace; what lies before `first` was removed by retention, or is kept back. */
      readonly first: number
      readonly last: number
      readonly workspaceId: string
      readonly size: number
      /** As the export says, and its last entry proves. */
      readonly exportedAt: string
      /** What may have been done all the same. */
      readonly open: readonly OpenAttack[]
    }
  | { readonly ok: false; readonly line: number; readonly message: string }

const hex32 = z.string().regex(/^[0-9a-f]{64}$/)
const json: z.ZodType<Json> = z.json()
const count = z.int().min(0)

const headerSchema = z.strictObject({
  kind: z.literal(EXPORT_KIND),
  format: z.literal(1),
  workspaceId: z.string().max(128),
  exportedAt: z.string().max(32),
  checkpoint: z.string().max(65_536).nullable(),
  keys: z.array(z.string().max(512)).max(10_000),
  first: count.optional(),
  last: count.optional(),
  count: count.optional(),
})

const entrySchema = z.strictObject({
  kind: z.literal('entry'),
  seq: z.int().min(1),
  workspaceId: z.string(),
  workspaceSeq: z.int().min(1),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  outcome: z.enum(['done', 'refused', 'failed']),
  requestId: z.string(),
  data: json,
  commitment: hex32.nullable(),
  personal: json.optional(),
  salt: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  leaf: hex32,
  proof: z.array(z.string().max(44)).max(64),
})

const endSchema = z.strictObject({ kind: z.literal('end'), count })

export interface ExportTrust {
  /** What the reader trusts; without them the keys in the export are, which proves less. */
  readonly keys?: AuditPublicKeys | undefined
  /** Checkpoints the reader kept. */
  readonly notes?: readonly string[]
}

export async function verifyExport(
  lines: AsyncIterable<string>,
  trust: ExportTrust = {},
): Promise<ExportVerdict> {
  let line = 0
  try {
    const walk = new ExportWalk(trust)
    for await (const text of lines) {
      line += 1
      walk.take(parse(text))
    }
    line += 1
    return walk.end()
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, line, message: error.message }
    throw error
  }
}

class ExportWalk {
  readonly #trust: ExportTrust
  #header: z.infer<typeof headerSchema> | undefined
  #checkpoint: Checkpoint | undefined
  #count = 0
  #next = 0
  #lastSeq = 0
  /** The export is itself the last entry: what ends otherwise was cut. */
  #last: z.infer<typeof entrySchema> | undefined
  #isEnded = false

  constructor(trust: ExportTrust) {
    this.#trust = trust
  }

  take(value: unknown): void {
    if (this.#isEnded) throw new Wrong('there is more behind the end')
    const { kind } = value as { kind?: unknown }
    if (!this.#header) this.#begin(shaped(headerSchema, value))
    else if (kind === 'end') this.#finish(shaped(endSchema, value))
    else this.#check(shaped(entrySchema, value))
  }

  end(): ExportVerdict {
    if (!this.#header || !this.#isEnded) throw new Wrong('the end is missing')
    const { workspaceId, exportedAt, first = 0 } = this.#header
    const { size = 0 } = this.#checkpoint ?? {}
    const open = openInExport({ first, exportedAt, hasOwnKeys: this.#trust.keys !== undefined })
    return { ok: true, first, last: this.#next - 1, workspaceId, size, exportedAt, open }
  }

  #begin(header: z.infer<typeof headerSchema>): void {
    this.#header = header
    this.#next = header.first ?? 0
    const note = header.checkpoint
    if (note === null) return
    const keys = this.#trust.keys ?? readCheckpointKeys(header.keys.join('\n'))
    const [name = '', size = ''] = note.split('\n', 2)
    if (epochOf(keys.origin, name) === undefined) throw new Wrong('it is of another log')
    if (!/^[1-9]\d{0,15}$/.test(size)) throw new Wrong('its checkpoint is not signed by this log')
    this.#checkpoint = openCheckpoint(note, name, keyAt(keys.verifyKeys, Number(size)))
    if (!this.#checkpoint) throw new Wrong('its checkpoint is not signed by this log')
    for (const kept of this.#trust.notes ?? []) this.#compare(this.#checkpoint, kept, keys)
  }

  // A checkpoint of another size says nothing without a proof of consistency.
  #compare({ origin, size, root }: Checkpoint, note: string, keys: AuditPublicKeys): void {
    if (!note.startsWith(`${origin}\n${size}\n`)) return
    const kept = openCheckpoint(note, origin, keyAt(keys.verifyKeys, size))
    if (kept && !kept.root.equals(root)) throw new Wrong('a checkpoint from outside says otherwise')
  }

  #check(line: z.infer<typeof entrySchema>): void {
    const { workspaceId, last = 0 } = this.#header!
    if (line.workspaceId !== workspaceId) throw new Wrong('an entry of another workspace')
    if (line.workspaceSeq !== this.#next || line.seq <= this.#lastSeq || line.workspaceSeq > last)
      throw new Wrong(`entry ${this.#next} of the workspace is missing or out of order`)
    const leaf = leafHash(entryOf(line))
    if (leaf.toString('hex') !== line.leaf) throw new Wrong(`entry ${line.seq} was changed`)
    checkPersonal(line)
    const { size, root } = this.#checkpoint ?? { size: 0, root: Buffer.alloc(0) }
    const proof = line.proof.map((text) => Buffer.from(text, 'base64'))
    if (!isIncluded({ index: line.seq - 1, size, leaf, proof, root }))
      throw new Wrong(`entry ${line.seq} is not in the signed log`)
    this.#count += 1
    this.#next += 1
    this.#lastSeq = line.seq
    this.#last = line
  }

  #finish(end: z.infer<typeof endSchema>): void {
    const { count: wanted = 0 } = this.#header!
    if (end.count !== this.#count || wanted !== this.#count)
      throw new Wrong(`it holds ${this.#count} entries and speaks of ${wanted}`)
    if (this.#last?.action !== EXPORT_ACTION || this.#last.at !== this.#header!.exportedAt)
      throw new Wrong('its last entries are missing: it does not end with the export itself')
    this.#isEnded = true
  }
}

function entryOf(line: z.infer<typeof entrySchema>): Entry {
  const { seq, workspaceId, workspaceSeq, actor, action, target, outcome, requestId } = line
  const at = parseInstant(line.at)
  if (at === undefined) throw new Wrong(`entry ${seq} has no time`)
  const commitment = line.commitment === null ? null : Buffer.from(line.commitment, 'hex')
  const data = canonicalJson(line.data)
  const names = { actor, action, target, outcome, requestId }
  return { seq, workspaceId, workspaceSeq, at, ...names, data, commitment }
}

function checkPersonal({ seq, personal, salt, commitment }: z.infer<typeof entrySchema>): void {
  if (personal === undefined) return
  const made = commit(Buffer.from(salt ?? '', 'hex'), canonicalJson(personal))
  if (made.toString('hex') !== commitment)
    throw new Wrong(`personal data of entry ${seq} was changed`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Wrong('this is no line of an export')
  }
}

function shaped<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Wrong('this is no line of an export')
}

class Wrong extends Error {}
