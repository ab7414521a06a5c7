// `rulewright search QUERY`: asks the targets of a workspace through its server, follows what comes, and
// prints the rows. What is not known is said on standard error. Exit 1 when a target did not answer.

import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { SEARCH_LANGUAGES } from '#domain/searches/input.ts'
import { AppError } from '#kernel/error.ts'
import { textFlag, type Arguments, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { printRows, ROW_FORMATS } from './search-rows.ts'
import { findSaved } from './search-saved.ts'
import { openServer, SERVER_FLAG, type Server } from './server.ts'
import { EXIT, type ExitCode, type Shell } from './shell.ts'

const POLL_MS = 500

const Segment = z.object({
  targetName: z.string(),
  state: z.string(),
  rows: z.int(),
  progress: z.number().nullable(),
  reason: z.string().nullable(),
  completeness: z
    .object({ kind: z.string(), reason: z.string().optional(), limit: z.string().optional() })
    .nullable(),
  endedAt: z.string().nullable(),
})
const Asked = z.object({
  id: z.string(),
  outcome: z.enum(['running', 'complete', 'some', 'nothing']),
  segments: z.array(Segment),
})
type Asked = z.output<typeof Asked>
const Targets = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string() })),
  next: z.string().nullable(),
})

export const search: ProcessCommand = {
  name: 'search',
  about: 'ask targets of a workspace a query, and print what they answer',
  runsIn: 'process',
  operands: ['[QUERY]'],
  flags: {
    ...SERVER_FLAG,
    target: {
      value: 'NAME',
      about: 'whom to ask; without it all that can be asked',
      isRepeatable: true,
    },
    last: { value: 'DURATION', about: 'the range that ends now (default 24h)' },
    language: { value: 'LANGUAGE', about: 'sigma, spl, kusto, esql, eql, lucene or kuery' },
    rule: { value: 'ID', about: 'ask a rule instead of a query' },
    saved: { value: 'NAME', about: 'ask a saved search again, as it was kept' },
    rows: { value: 'COUNT', about: 'at most so many from each target (default 1000)' },
    bytes: { value: 'COUNT', about: 'keep at most so many bytes of each (default 512 MB)' },
    seconds: { value: 'COUNT', about: 'wait at most so long for each (default 300)' },
    scanned: { value: 'COUNT', about: 'events each target may read (default no limit)' },
    purpose: { value: 'TEXT', about: 'why; stands in the audit log' },
    format: { value: 'FORMAT', about: 'table, ndjson or csv (default: table on a terminal)' },
  },
  run: ({ shell }, args) => run(shell, args),
}

async function run(shell: Shell, args: Arguments): Promise<ExitCode> {
  const usual = shell.isTerminal === true ? 'table' : 'ndjson'
  const format = oneOf('--format', textFlag(args, 'format') ?? usual, ROW_FORMATS)
  const server = await openServer(shell, args)
  const saved = textFlag(args, 'saved')
  const started = Asked.parse(
    saved === undefined
      ? await server.post('/searches', await newSearch(shell, server, args))
      : await askAgain(server, args, saved),
  )
  const ended = await follow(shell, server, started)
  await printRows(shell, server, ended.id, format)
  for (const line of ended.segments.map(sentenceOf)) shell.err(line)
  return ended.segments.every(({ state }) => state === 'succeeded') ? EXIT.fine : EXIT.problems
}

/** Caps that are not given are the server's to choose. */
const CAPS = ['rows', 'bytes', 'seconds', 'scanned'] as const

async function newSearch(shell: Shell, server: Server, args: Arguments): Promise<unknown> {
  const caps = CAPS.flatMap((name) => {
    const text = textFlag(args, name)
    return text === undefined ? [] : [[name, countOf(name, text)] as const]
  })
  return {
    question: await questionOf(shell, args),
    targets: await whomOf(server, args),
    last: textFlag(args, 'last') ?? '24h',
    ...Object.fromEntries(caps),
    purpose: textFlag(args, 'purpose') ?? '',
  }
}

function countOf(name: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new AppError('invalid', `--${name} ${text} is no whole number above 0`)
}

const KEPT = ['target', 'last', 'language', 'rule', 'purpose', ...CAPS] as const

async function askAgain(server: Server, args: Arguments, name: string): Promise<unknown> {
  const more = KEPT.find((flag) => args.flags[flag] !== undefined)
  if (more !== undefined) {
    throw new AppError('invalid', `--saved asks what was kept, so --${more} has no place beside it`)
  }
  if (args.operands.length > 0) {
    throw new AppError('invalid', 'ask a query or --saved, not both')
  }
  const { id } = await findSaved(server, name)
  return server.post(`/saved-searches/${id}/ask`, undefined)
}

async function questionOf(shell: Shell, args: Arguments): Promise<unknown> {
  const rule = textFlag(args, 'rule')
  const [operand] = args.operands
  if (rule !== undefined) {
    if (operand !== undefined) throw new AppError('invalid', 'ask a query or --rule, not both')
    return { ruleId: rule }
  }
  const text = operand === undefined || operand === '-' ? await shell.stdin() : operand
  const language = oneOf('--language', textFlag(args, 'language') ?? 'sigma', SEARCH_LANGUAGES)
  return { language, text }
}

async function whomOf(server: Server, args: Arguments): Promise<'all' | readonly string[]> {
  const names = textFlag(args, 'target')?.split(',')
  return names === undefined ? 'all' : findTargets(server, names)
}

async function findTargets(server: Server, names: readonly string[]): Promise<readonly string[]> {
  const known: { readonly id: string; readonly name: string }[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`
    const { items, next } = Targets.parse(await server.get(`/targets${more}`))
    known.push(...items)
    cursor = next
  }
  return names.map((name) => {
    const target = known.find((one) => one.name === name)
    if (target) return target.id
    const there = known.map((one) => one.name).join(', ')
    throw new AppError('invalid', `there is no target ${name}; there are: ${there}`)
  })
}

async function follow(shell: Shell, server: Server, started: Asked): Promise<Asked> {
  let asked = started
  try {
    while (asked.outcome === 'running') {
      const over = asked.segments.filter(({ endedAt }) => endedAt !== null).length
      shell.overwrite?.(`${over} of ${asked.segments.length} targets have ended`)
      await wait(POLL_MS, undefined, { signal: shell.signal })
      asked = Asked.parse(await server.get(`/searches/${started.id}`))
    }
  } catch (error) {
    // Whoever gives up here wants the targets to stop, too.
    if (shell.signal.aborted)
      await server.post(`/searches/${started.id}/cancel`, {}).catch(() => {})
    throw error
  } finally {
    shell.overwrite?.('')
  }
  return asked
}

function sentenceOf({
  targetName,
  state,
  rows,
  reason,
  completeness,
}: Asked['segments'][number]): string {
  if (state !== 'succeeded') return `${targetName}: ${state}${reason === null ? '' : `, ${reason}`}`
  const missing =
    completeness?.reason ?? (completeness?.limit && `cut off at ${completeness.limit}`)
  return `${targetName}: ${rows} ${rows === 1 ? 'row' : 'rows'}, ${missing ?? 'complete'}`
}
