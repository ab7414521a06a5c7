// `rulewright query run`: a query over a file of events, one JSON object a line. A table for a terminal,
// one JSON object a row else. Exit 1 when the query is wrong or asks what is not known exactly here.

import { runQuery } from '#domain/queries/actions.ts'
import type { Cell, RanQuery } from '#domain/queries/run-task.ts'
import { AppError } from '#kernel/error.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import { systemClock } from '#platform/clock.ts'
import { Workers } from '#platform/worker.ts'
import { textFlag, type Arguments, type ProcessCommand } from './command.ts'
import { openEvents } from './event-stream.ts'
import { oneOf } from './input.ts'
import { knownLanguage, QUERY_FLAGS, readSchema } from './query-input.ts'
import { textLine } from './rule-lint.ts'
import { EXIT, type Shell } from './shell.ts'
import { sideBySide } from './side-by-side.ts'

const FORMATS = ['table', 'ndjson'] as const
const RUN_LIMIT_MS = 600_000
const ROWS_MAX = 1_000_000
/** All events are held in memory, twice on their way to the thread that runs the query. */
const EVENT_BYTES_MAX = 64 * 1024 * 1024

export const queryRun: ProcessCommand = {
  name: 'query run',
  about: 'run a query over a file of events',
  runsIn: 'process',
  operands: ['[QUERY]'],
  flags: {
    language: { value: 'LANGUAGE', about: 'spl, kusto, esql or eql', isRequired: true },
    events: {
      value: 'FILE',
      about: 'one JSON object a line; - for standard input',
      isRequired: true,
    },
    lookup: {
      value: 'NAME=FILE',
      about: 'the rows of a lookup or a lookup index, one JSON object a line',
      isRepeatable: true,
    },
    schema: QUERY_FLAGS.schema,
    format: { value: 'FORMAT', about: 'table or ndjson (default: table on a terminal)' },
    now: { value: 'INSTANT', about: 'what the query calls now, as 2026-11-22T10:00:00Z' },
    'time-field': { value: 'FIELD', about: 'where events say their time (default @timestamp)' },
  },
  async run({ shell }, args) {
    const language = knownLanguage(textFlag(args, 'language')!)
    const usual = shell.isTerminal === true ? 'table' : 'ndjson'
    const format = oneOf('--format', textFlag(args, 'format') ?? usual, FORMATS)
    const [operand = '-'] = args.operands
    const eventFile = textFlag(args, 'events')!
    if (operand === '-' && eventFile === '-') {
      throw new AppError('invalid', 'standard input is the query or the events, not both')
    }
    const text = operand === '-' ? (await shell.stdin()).replace(/\r?\n$/, '') : operand
    const schema = textFlag(args, 'schema')
    const timeField = textFlag(args, 'time-field')
    const asked = {
      language,
      text,
      events: await readEvents(shell, eventFile),
      lookups: await readLookups(shell, args),
      ...(schema !== undefined && { schema: await readSchema(shell, schema) }),
      ...(timeField !== undefined && { timeField }),
      now: instantOf(args) ?? systemClock.now(),
      rowsMax: ROWS_MAX,
      timeoutMs: RUN_LIMIT_MS,
    }
    const workers = new Workers()
    try {
      return await tell(shell, await runQuery(workers, asked), format)
    } finally {
      await workers.close()
    }
  },
}

function instantOf(args: Arguments): number | undefined {
  const text = textFlag(args, 'now')
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (Number.isNaN(at)) {
    throw new AppError('invalid', `--now ${text} is no instant: say 2026-11-22T10:00:00Z`)
  }
  return at
}

async function readLookups(
  shell: Shell,
  args: Arguments,
): Promise<Readonly<Record<string, readonly EventRecord[]>>> {
  const given = textFlag(args, 'lookup')?.split(',') ?? []
  const read = given.map(async (pair): Promise<[string, readonly EventRecord[]]> => {
    const [, name, file] = /^([^=]+)=(.+)$/.exec(pair) ?? []
    if (name === undefined || file === undefined) {
      throw new AppError('invalid', `--lookup ${pair} is no NAME=FILE`)
    }
    return [name, await readEvents(shell, file)]
  })
  return Object.fromEntries(await Promise.all(read))
}

/** Throws `invalid` with the line that is no JSON object. */
async function readEvents(shell: Shell, file: string): Promise<readonly EventRecord[]> {
  const { chunks } = await openEvents(shell, file)
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > EVENT_BYTES_MAX) {
      const message = `${file} holds more than ${EVENT_BYTES_MAX / 1024 / 1024} MiB of events`
      throw new AppError('too_large', `${message}; rule match takes files of any size`)
    }
  }
  text += decoder.decode()
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    return [readEvent(line, `${file}:${index + 1}`)]
  })
}

function readEvent(line: string, where: string): EventRecord {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new AppError('invalid', `${where} is no JSON: ${String(cause)}`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('invalid', `${where} is no JSON object`)
  }
  return value as EventRecord
}

async function tell(shell: Shell, ran: RanQuery, format: (typeof FORMATS)[number]) {
  const { columns, rows, count, problems } = ran
  for (const problem of problems) shell.err(textLine('-', problem))
  if (problems.some(({ severity }) => severity === 'error')) return EXIT.problems
  const lines = format === 'table' ? table(columns, rows) : rows.map((row) => JSON.stringify(row))
  for (const [index, line] of lines.entries()) {
    shell.out(line)
    if (index % 1_000 === 0) await shell.drained?.()
    shell.signal.throwIfAborted()
  }
  if (rows.length < count) shell.err(`${count - rows.length} more rows are left out`)
  return EXIT.fine
}

const CELL_MAX = 60

/** Columns side by side; what an event could do to a terminal is written out. */
function table(columns: readonly string[], rows: RanQuery['rows']): readonly string[] {
  return sideBySide([
    columns.map(safe),
    ...rows.map((row) => columns.map((name) => cellText(row[name]))),
  ])
}

function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return ''
  const text = safe(typeof cell === 'object' ? JSON.stringify(cell) : String(cell))
  return text.length > CELL_MAX ? `${text.slice(0, CELL_MAX - 1)}…` : text
}

function safe(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`
  })
}
