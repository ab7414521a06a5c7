// `rulewright search QUERY`: asks the targets of a workspace through its server, follows what comes, and
// prints the rows. What is not known is said on standard error. Exit 1 when a target did not answer.

import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { SEARCH_LANGUAGES } from '#domain/searches/input.ts'
import { textOf } from '#domain/searches/search.ts'
import { AppError } from '#kernel/error.ts'
import { csvCell } from '#platform/csv.ts'
import { textFlag, type Arguments, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { openServer, SERVER_FLAG, type Server } from './server.ts'
import { EXIT, type ExitCode, type Shell } from './shell.ts'

const FORMATS = ['table', 'ndjson', 'csv'] as const
const POLL_MS = 500
const CELL_CHARS = 60

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
const Row = z.object({ target: z.string(), values: z.record(z.string(), z.unknown()) })
const Rows = z.object({ items: z.array(Row), next: z.string().nullable() })
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
    target: { value: 'NAME', about: 'whom to ask; all when none is named', isRepeatable: true },
    last: { value: 'DURATION', about: 'the range that ends now (default 24h)' },
    language: { value: 'LANGUAGE', about: 'sigma, spl, kusto, esql, eql, lucene or kuery' },
    rule: { value: 'ID', about: 'ask a rule instead of a query' },
    rows: { value: 'COUNT', about: 'at most so many from each target (default 1000)' },
    purpose: { value: 'TEXT', about: 'why; stands in the audit log' },
    format: { value: 'FORMAT', about: 'table, ndjson or csv (default: table on a terminal)' },
  },
  run: ({ shell }, args) => run(shell, args),
}

async function run(shell: Shell, args: Arguments): Promise<ExitCode> {
  const usual = shell.isTerminal === true ? 'table' : 'ndjson'
  const format = oneOf('--format', textFlag(args, 'format') ?? usual, FORMATS)
  const question = await questionOf(shell, args)
  const server = await openServer(shell, args)
  const targets = await findTargets(server, namesOf(args))
  const rows = Number(textFlag(args, 'rows') ?? '1000')
  if (!Number.isSafeInteger(rows)) throw new AppError('invalid', '--rows is a whole number')
  const started = Asked.parse(
    await server.post('/searches', {
      question,
      targets,
      last: textFlag(args, 'last') ?? '24h',
      rows,
      purpose: textFlag(args, 'purpose') ?? '',
    }),
  )
  const ended = await follow(shell, server, started)
  await print(shell, server, ended.id, format)
  for (const line of ended.segments.map(sentenceOf)) shell.err(line)
  return ended.segments.every(({ state }) => state === 'succeeded') ? EXIT.fine : EXIT.problems
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

function namesOf(args: Arguments): readonly string[] {
  return textFlag(args, 'target')?.split(',') ?? []
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
  const wanted = names.length === 0 ? known.map(({ name }) => name) : names
  return wanted.map((name) => {
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

async function print(
  shell: Shell,
  server: Server,
  id: string,
  format: (typeof FORMATS)[number],
): Promise<void> {
  const held: z.output<typeof Row>[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = Rows.parse(await server.get(`/searches/${id}/rows?limit=500${more}`))
    for (const row of page.items) {
      if (format === 'ndjson') shell.out(JSON.stringify(row))
      else held.push(row)
    }
    cursor = page.next
  }
  if (format === 'ndjson' || held.length === 0) return
  const names = [...new Set(held.flatMap(({ values }) => Object.keys(values)))]
  if (format === 'csv') {
    for (const line of linesOf(held, names)) shell.out(line.map(csvCell).join(','))
    return
  }
  const told = names.filter((name) => held.some(({ values }) => textOf(values[name]) !== ''))
  const lines = isMixed(held, told)
    ? summed(held).map((line) => line.map(plain))
    : linesOf(held, told).map((line) => line.map(cellOf))
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)))
  for (const line of lines) {
    shell.out(
      line
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
  }
}

type HeldRow = z.output<typeof Row>

function linesOf(held: readonly HeldRow[], names: readonly string[]): readonly string[][] {
  return [
    ['target', ...names],
    ...held.map(({ target, values }) => [target, ...names.map((name) => textOf(values[name]))]),
  ]
}

/** Rows of several kinds of target, which call hardly anything by the same name. */
function isMixed(held: readonly HeldRow[], told: readonly string[]): boolean {
  return !told.some((name) => held.every(({ values }) => name in values))
}

function summed(held: readonly HeldRow[]): readonly string[][] {
  return [
    ['target', 'fields'],
    ...held.map(({ target, values }) => {
      const fields = Object.entries(values).map(([name, value]) => [name, textOf(value)] as const)
      const told = fields.filter(([, text]) => text !== '')
      return [target, told.map(([name, text]) => `${name}=${cellOf(text)}`).join('  ')]
    }),
  ]
}

function cellOf(text: string): string {
  const line = plain(text)
  return line.length > CELL_CHARS ? `${line.slice(0, CELL_CHARS - 1)}…` : line
}

/** On one line, without what a terminal would obey. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
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
