// A second verifier of the audit log, written from its published format and sharing no line with the
// product: Node's crypto and better-sqlite3 only. It judges a database, an export and single proofs.
// It knows no excuses: what a person accepted or a restore left behind is a break.

import { createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import Sqlite from 'better-sqlite3'

export interface Trusted {
  readonly origin: string
  /** Raw Ed25519 keys and the first size each speaks for, oldest first. */
  readonly publicKeys: readonly { readonly from: number; readonly raw: Buffer }[]
  /** Keys of the chain, for whoever has the master secret. */
  readonly chainKeys?: readonly { readonly from: number; readonly bytes: Buffer }[]
}

/** `at` is a sequence; in an export, a line. */
export type Judgement =
  | { readonly ok: true; readonly size: number }
  | { readonly ok: false; readonly at: number; readonly why: string }

type Said = Record<'seq' | 'workspaceSeq' | 'at', number> &
  Record<'workspaceId' | 'actor' | 'action' | 'target' | 'outcome' | 'requestId' | 'data', string>
type Row = Said &
  Record<'leaf' | 'chain', Buffer> &
  Record<'commitment' | 'salt', Buffer | null> & {
    readonly personal: string | null
  }

class Bad extends Error {
  readonly at: number
  constructor(at: number, why: string) {
    super(why)
    this.at = at
  }
}

function judge(work: () => number): Judgement {
  try {
    return { ok: true, size: work() }
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, at: 1, why: 'no JSON' }
    if (error instanceof Bad) return { ok: false, at: error.at, why: error.message }
    throw error
  }
}

function need(holds: boolean | undefined, at: number, why: string): asserts holds {
  if (!holds) throw new Bad(at, why)
}

const sha256 = (...parts: (Buffer | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const inner = (left: Buffer, right: Buffer) => sha256(Buffer.of(1), left, right)
const since = <T extends { readonly from: number }>(list: readonly T[], seq: number): T =>
  list.filter(({ from }) => from <= seq).at(-1)!

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const of = value as Record<string, unknown>
  const members = Object.keys(of).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(of[name])}`).join(',')}}`
}

function leafOf(row: Said, commitment: Buffer | null): Buffer {
  const { seq, workspaceId, workspaceSeq, at, actor, action, target, outcome, requestId } = row
  const plain = { seq, workspaceId, workspaceSeq, at, actor, action, target, outcome, requestId }
  const committed = { ...plain, personal: commitment?.toString('hex') ?? null, data: 0 }
  return sha256(
    '\0',
    canonical(committed).replace('"data":0', () => `"data":${row.data}`),
  )
}

type Note = Record<'name', string> & Record<'size', number> & Record<'root', Buffer>

export function openNote(text: string, { publicKeys }: Trusted): Note | undefined {
  const end = text.lastIndexOf('\n\n')
  const body = text.slice(0, end + 1)
  const [name = '', size = '', root = ''] = body.split('\n')
  if (end < 0 || !text.endsWith('\n') || !/^\d{1,16}$/.test(size)) return undefined
  const { raw } = since(publicKeys, Number(size))
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  const id = sha256(`${name}\n`, Buffer.of(1), raw).subarray(0, 4)
  const signatures = text.slice(end + 2, -1).split('\n')
  const isSigned = signatures.some((line) => {
    const [dash, signer, encoded = ''] = line.split(' ')
    const bytes = Buffer.from(encoded, 'base64')
    if (dash !== '—' || signer !== name || bytes.toString('base64') !== encoded) return false
    if (!bytes.subarray(0, 4).equals(id)) return false
    return verify(null, Buffer.from(body), key, bytes.subarray(4))
  })
  return isSigned ? { name, size: Number(size), root: Buffer.from(root, 'base64') } : undefined
}

type Peak = Record<'width', number> & Record<'hash', Buffer>

function push(peaks: Peak[], leaf: Buffer): void {
  peaks.push({ width: 1, hash: leaf })
  while (peaks.length > 1 && peaks.at(-1)!.width === peaks.at(-2)!.width) {
    const [left, right] = peaks.splice(-2) as [Peak, Peak]
    peaks.push({ width: 2 * left.width, hash: inner(left.hash, right.hash) })
  }
}

function fold(peaks: readonly Peak[]): Buffer {
  return peaks.map(({ hash }) => hash).reduceRight((right, left) => inner(left, right))
}

const bytesOf = (peaks: readonly Peak[]) => Buffer.concat(peaks.map(({ hash }) => hash))

function peaksOf(size: number, bytes: Buffer): Peak[] {
  const bits = size.toString(2).split('').toReversed()
  const widths = bits.flatMap((bit, i) => (bit === '1' ? [2 ** i] : [])).toReversed()
  return widths.map((width, i) => ({ width, hash: bytes.subarray(32 * i, 32 * i + 32) }))
}

const halfOf = (size: number) => 2 ** (Math.ceil(Math.log2(size)) - 1)
const NOTHING = Buffer.alloc(0)
/** The root to which a path leads from the leaf of entry `seq`; some other hash for a wrong path. */
export function rootByPath(seq: number, size: number, leaf: Buffer, path: Buffer[]): Buffer {
  const climb = (at: number, width: number, rest: readonly Buffer[]): Buffer => {
    if (width === 1) return rest.length === 0 ? leaf : NOTHING
    const [half, sibling, inside] = [halfOf(width), rest.at(-1) ?? NOTHING, rest.slice(0, -1)]
    if (at < half) return inner(climb(at, half, inside), sibling)
    return inner(sibling, climb(at - half, width - half, inside))
  }
  return climb(seq - 1, size, path)
}

/** Whether the tree of `now` begins with that of `old`. */
export function isGrownFrom(old: Note, now: Note, path: readonly Buffer[]): boolean {
  const rest = [...path]
  const climb = (m: number, n: number, isWhole: boolean): readonly [Buffer, Buffer] => {
    if (m === n && isWhole) return [old.root, old.root]
    const [half, sibling] = [halfOf(n), rest.pop() ?? NOTHING]
    if (m === n) return [sibling, sibling]
    const [before, after] = m <= half ? climb(m, half, isWhole) : climb(m - half, n - half, false)
    if (m <= half) return [before, inner(after, sibling)]
    return [inner(sibling, before), inner(sibling, after)]
  }
  const [before, after] = climb(old.size, now.size, true)
  return rest.length === 0 && before.equals(old.root) && after.equals(now.root)
}

// A database

export function judgeDatabase(file: string, trusted: Trusted, outside: string[]): Judgement {
  const db = new Sqlite(file, { readonly: true })
  try {
    return walk(db, trusted, outside)
  } finally {
    db.close()
  }
}

type Head = Record<'seq', number> & Record<'chain' | 'frontier', Buffer>
type Kept = Record<'note', string> & Record<'frontier', Buffer>

function walk(db: Sqlite.Database, trusted: Trusted, outside: string[]): Judgement {
  const rows = <T>(text: string) => db.prepare(text).all() as T[]
  const [head] = rows<Head>('select * from auditHead')
  if (!head) return { ok: false, at: 1, why: 'no head' }
  const kept = rows<Kept>('select note, frontier from auditCheckpoint')
  const roots: Roots = new Map()
  const ours = outside.filter((note) => originOf(note) === trusted.origin)
  const all = [...kept, ...ours.map((note) => ({ note, frontier: undefined }))]
  const notes = judge(() => {
    need(outside.length === 0 || ours.length > 0, 1, 'checkpoints of another log')
    for (const { note, frontier } of all.sort((a, b) => sizeOf(a.note) - sizeOf(b.note))) {
      const [size, known] = [sizeOf(note), roots.get(sizeOf(note))]
      const open = originOf(note) === trusted.origin ? openNote(note, trusted) : undefined
      if (!open) throw new Bad(Math.max(1, Math.min(size, head.seq)), 'a checkpoint is not signed')
      need(size <= head.seq, head.seq + 1, 'the log was longer')
      need(known?.root.equals(open.root) !== false, size, 'two checkpoints differ')
      roots.set(size, { root: open.root, frontier: known?.frontier ?? frontier })
    }
    return head.seq
  })
  const entries = judge(() => walkEntries(db, trusted, roots, head))
  return notes.ok || (!entries.ok && entries.at <= notes.at) ? entries : notes
}

function walkEntries(db: Sqlite.Database, trusted: Trusted, roots: Roots, head: Head): number {
  const rows = <T>(text: string) => db.prepare(text).all() as T[]
  const { from, chain: first, peaks, counts, named } = start(rows, trusted)
  let [seq, chain, isNamed] = [from, first, named === undefined]
  const gone: Row[] = []
  const erased = new Map<string, number>()
  checkRoot()
  const all = db.prepare('select * from auditEntry order by seq').iterate()
  for (const row of all as Iterable<Row>) {
    if (row.seq <= from || row.seq > head.seq) continue
    chain = follow(row, ++seq, chain)
    checkRoot()
    if (row.commitment && row.personal === null) gone.push(row)
    if (row.action === 'audit.erase') erased.set(`${row.workspaceId} ${row.target}`, seq)
    if (row.action === 'audit.retention') isNamed ||= row.data.includes(`"${named}"`)
  }
  need(seq === head.seq, seq + 1, 'entries are missing')
  const unsaid = gone.find(({ seq: at, workspaceId, actor, target }) =>
    [actor, target].every((one) => (erased.get(`${workspaceId} ${one}`) ?? 0) <= at),
  )
  need(!unsaid, unsaid?.seq ?? 0, 'erased by nobody')
  need(isNamed, from, 'a cut that no entry names')
  const heads = rows<{ workspaceId: string; seq: number }>('select * from auditWorkspaceHead')
  const isHead = head.chain.equals(chain) && head.frontier.equals(bytesOf(peaks))
  const beyond = rows(`select 1 from auditEntry where seq > ${head.seq}`).length
  const isWhole =
    heads.length === counts.size && heads.every((h) => counts.get(h.workspaceId) === h.seq)
  need(isHead && isWhole && beyond === 0, head.seq + 1, 'the head differs')
  return seq

  function checkRoot(): void {
    const known = roots.get(seq)
    if (!known) return
    need(known.root.equals(fold(peaks)), seq, 'a checkpoint says otherwise')
    need(known.frontier?.equals(bytesOf(peaks)) !== false, seq, 'a frontier was changed')
  }

  function follow(row: Row, at: number, previous: Buffer): Buffer {
    need(row.seq === at, at, 'an entry is missing')
    counts.set(row.workspaceId, (counts.get(row.workspaceId) ?? 0) + 1)
    need(row.workspaceSeq === counts.get(row.workspaceId), at, 'a gap in its workspace')
    const { personal, salt, commitment, leaf } = row
    need(leafOf(row, commitment).equals(leaf), at, 'changed')
    const made = sha256(salt ?? NOTHING, personal ?? '')
    need(personal === null || commitment?.equals(made) === true, at, 'personal data changed')
    push(peaks, leaf)
    if (!trusted.chainKeys) return row.chain
    const { bytes } = since(trusted.chainKeys, at)
    const link = createHmac('sha256', bytes).update('\x01').update(previous).update(leaf).digest()
    need(link.equals(row.chain), at, 'the chain breaks')
    return link
  }
}

type Roots = Map<number, { readonly root: Buffer; readonly frontier: Buffer | undefined }>
const originOf = (note: string) => note.split('\n')[0]!.split('/').slice(0, 3).join('/')
const sizeOf = (note: string) => Number(note.split('\n')[1]) || 1

type Segment = Kept &
  Record<'firstSeq' | 'lastSeq', number> & { chain: Buffer; workspaceSeqs: string }

function start(rows: <T>(text: string) => T[], trusted: Trusted) {
  const segments = rows<Segment>('select * from auditSegment order by lastSeq')
  segments.forEach(({ firstSeq }, i) => {
    const next = (segments[i - 1]?.lastSeq ?? 0) + 1
    need(firstSeq === next, next, 'a removed segment is missing')
  })
  const last = segments.at(-1)
  const none = { from: 0, chain: Buffer.alloc(32), peaks: [] as Peak[], named: undefined }
  if (!last) return { ...none, counts: new Map<string, number>() }
  const { firstSeq, lastSeq, frontier, chain, workspaceSeqs, note } = last
  const [peaks, open] = [peaksOf(lastSeq, frontier), openNote(note, trusted)]
  need(open?.size === lastSeq && open.root.equals(fold(peaks)), lastSeq, 'a forged segment')
  const hex = { frontier: frontier.toString('hex'), chain: chain.toString('hex') }
  const named = sha256(canonical({ firstSeq, lastSeq, ...hex, workspaceSeqs, note }))
  const counts = new Map(Object.entries(JSON.parse(workspaceSeqs) as Record<string, number>))
  return { from: lastSeq, chain, peaks, counts, named: named.toString('hex') }
}

type Line = Omit<Said, 'at' | 'data'> &
  Record<'leaf' | 'salt' | 'at', string> & {
    readonly commitment: string | null
    readonly proof: readonly string[]
    readonly data: unknown
    readonly personal?: unknown
  }

export function judgeExport(lines: readonly string[], trusted: Trusted): Judgement {
  return judge(() => {
    const [header, ...entries] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    const last = entries.pop()
    need(header?.['kind'] === 'rulewright-audit' && last?.['kind'] === 'end', 1, 'no export')
    const open = openNote(String(header['checkpoint']), trusted)
    if (!open || originOf(open.name) !== trusted.origin) throw new Bad(1, 'not signed')
    entries.forEach((entry, i) => {
      const line = entry as unknown as Line
      const at = i + 2
      need(line.workspaceId === header['workspaceId'], at, 'of another workspace')
      need(line.workspaceSeq === (header['first'] as number) + i, at, 'out of order')
      const commitment = line.commitment === null ? null : Buffer.from(line.commitment, 'hex')
      const said = { ...line, at: Date.parse(line.at), data: canonical(line.data) }
      const leaf = leafOf(said, commitment)
      need(leaf.toString('hex') === line.leaf, at, 'changed')
      const made = sha256(Buffer.from(line.salt ?? '', 'hex'), canonical(line.personal ?? null))
      need(line.personal === undefined || commitment?.equals(made), at, 'personal data changed')
      const path = line.proof.map((text) => Buffer.from(text, 'base64'))
      need(rootByPath(line.seq, open.size, leaf, path).equals(open.root), at, 'not in the tree')
    })
    const { [entries.length - 1]: end, length } = entries
    const isEnd = end?.['action'] === 'audit.export' && end['at'] === header['exportedAt']
    const isWhole = header['count'] === length && last['count'] === length
    need(isEnd && isWhole, lines.length, 'cut off')
    return open.size
  })
}
