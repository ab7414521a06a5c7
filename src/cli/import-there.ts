// `rule import --server`: over the API of a server, with a token. The files go as one archive; then the
// import is looked at until it is done.

import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { FINDINGS, IMPORT_RESULTS, IMPORT_STATES } from '#domain/rules/imports/import.ts'
import { KINDS } from '#domain/rules/renders/kinds.ts'
import type { FileToSplit } from '#domain/rules/imports/split-task.ts'
import { AppError } from '#kernel/error.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { SECOND } from '#kernel/time.ts'
import { foreignError } from '#languages/rule-formats/foreign.ts'
import { systemClock } from '#platform/clock.ts'
import { writeZip } from '#platform/zip/write.ts'
import type { Arguments } from './command.ts'
import {
  conflictsKept,
  type ImportOrder,
  type ImportReport,
  type ReportedItem,
} from './import-report.ts'
import { Progress } from './progress.ts'
import { openServer, type Server } from './server.ts'
import type { Shell } from './shell.ts'

const LOOK_EVERY_MS = 500
const CANCEL_LIMIT_MS = 5 * SECOND

const Started = z.object({ job: z.object({ id: z.string() }), import: z.string() })
const countsOf = <const T extends readonly [string, ...string[]]>(keys: T) =>
  z.partialRecord(z.enum(keys), z.int())
const Shown = z.object({
  state: z.enum(IMPORT_STATES),
  isStopped: z.boolean(),
  findings: countsOf(FINDINGS),
  results: countsOf(IMPORT_RESULTS),
  compiles: countsOf(KINDS),
})
type Shown = z.output<typeof Shown>
const Items = z.object({
  items: z.array(
    z.object({
      path: z.string(),
      title: z.string().nullable(),
      result: z.enum(IMPORT_RESULTS).nullable(),
      problems: z.array(
        z.object({
          code: z.string(),
          severity: z.enum(['error', 'warning', 'info']),
          message: z.string(),
          line: z.int().exactOptional(),
          column: z.int().exactOptional(),
          hint: z.string().exactOptional(),
        }),
      ),
    }),
  ),
  next: z.string().nullable(),
})

/** Throws `cancelled` after asking the server to stop; what it wrote stays. */
export async function importThere(
  shell: Shell,
  args: Arguments,
  { source, files, wish }: ImportOrder,
): Promise<ImportReport> {
  const server = await openServer(shell, args)
  const query = new URLSearchParams({
    source,
    conflicts: wish.conflicts,
    allOrNothing: String(wish.isAllOrNothing),
    keepBroken: String(wish.keepsBroken),
  })
  const archive = await pack(files.filter(({ refusal }) => refusal === undefined))
  const answer = await server.postArchive(`/rules/import?${query.toString()}`, archive)
  const { job, import: id } = Started.parse(answer)
  const place = `/rules/imports/${id}`
  const shown = await follow(shell, server, place).catch(async (error: unknown) => {
    if (!shell.signal.aborted) throw error
    await cancel(shell, args, job.id)
    throw shell.signal.reason
  })
  if (shown.isStopped) {
    throw new AppError('conflict', `the server stopped the import ${id}; its jobs say why`)
  }
  const { findings, results, compiles } = shown
  return {
    import: id,
    state: shown.state === 'preview' ? 'preview' : 'done',
    findings,
    results,
    compiles,
    broken: [...files.flatMap(toUnread), ...(await listItems(server, place, 'finding=broken'))],
    conflicting: conflictsKept(await listItems(server, place, 'finding=conflicting')),
    refused: await listItems(server, place, 'result=refused'),
  }
}

async function pack(files: ImportOrder['files']): Promise<Buffer> {
  const modifiedAt = systemClock.now()
  const entries = files.map(({ path, text }) => ({ name: path, bytes: text, modifiedAt }))
  const parts: Uint8Array[] = []
  for await (const part of writeZip(entries)) parts.push(part)
  return Buffer.concat(parts)
}

/** What is too large for a rule is not sent. */
function toUnread({ path, refusal }: FileToSplit): readonly ReportedItem[] {
  return refusal === undefined ? [] : [{ path, title: null, problems: [foreignError(refusal)] }]
}

async function follow(shell: Shell, server: Server, place: string): Promise<Shown> {
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, count) => total + count, 0)
  let progress: Progress | undefined
  for (;;) {
    const shown = Shown.parse(await server.get(place))
    progress ??= new Progress(shell, 'importing rules', sum(shown.findings))
    progress.show(sum(shown.results))
    if (shown.state !== 'running' || shown.isStopped) {
      progress.clear()
      return shown
    }
    await wait(LOOK_EVERY_MS, undefined, { signal: shell.signal })
  }
}

/** Whoever pressed Ctrl-C is not kept waiting by a server that is gone. */
async function cancel(shell: Shell, args: Arguments, jobId: string): Promise<void> {
  try {
    const signal = AbortSignal.timeout(CANCEL_LIMIT_MS)
    const server = await openServer({ ...shell, signal }, args)
    await server.post(`/jobs/${jobId}/cancel`, undefined)
  } catch {
    shell.err(`the server could not be asked to stop: it may go on with ${jobId}`)
  }
}

async function listItems(
  server: Server,
  place: string,
  of: string,
): Promise<readonly ReportedItem[]> {
  const items: ReportedItem[] = []
  let cursor = ''
  do {
    const more = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer = await server.get(`${place}/items?${of}&limit=${PAGE_LIMIT_MAX}${more}`)
    const page = Items.parse(answer)
    items.push(...page.items)
    cursor = page.next ?? ''
  } while (cursor !== '')
  return items
}
