// `rulewright search saved`: the searches that are kept in a workspace, to be asked again by name.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import { formatDuration } from '#kernel/time.ts'
import { textFlag, type ProcessCommand } from './command.ts'
import { oneOf } from './input.ts'
import { openServer, SERVER_FLAG, type Server } from './server.ts'
import { EXIT } from './shell.ts'
import { plain, sideBySide } from './side-by-side.ts'

const FORMATS = ['table', 'ndjson'] as const

const Saved = z.looseObject({
  id: z.string(),
  name: z.string(),
  language: z.string(),
  targets: z.array(z.string()),
  lastMs: z.int(),
  cron: z.string().nullable(),
  isPaused: z.boolean(),
  nextAt: z.string().nullable(),
})
type Saved = z.output<typeof Saved>
const SavedList = z.object({ items: z.array(Saved) })

export const searchSaved: ProcessCommand = {
  name: 'search saved',
  about: 'list the searches that are kept: your own, and what others share',
  runsIn: 'process',
  flags: {
    ...SERVER_FLAG,
    format: { value: 'FORMAT', about: 'table or ndjson (default: table on a terminal)' },
  },
  async run({ shell }, args) {
    const usual = shell.isTerminal === true ? 'table' : 'ndjson'
    const format = oneOf('--format', textFlag(args, 'format') ?? usual, FORMATS)
    const items = await listSaved(await openServer(shell, args))
    const lines = format === 'ndjson' ? items.map((one) => JSON.stringify(one)) : tableOf(items)
    for (const line of lines) shell.out(line)
    return EXIT.fine
  },
}

async function listSaved(server: Server): Promise<readonly Saved[]> {
  return SavedList.parse(await server.get('/saved-searches')).items
}

const HEADS = ['name', 'language', 'range', 'targets', 'schedule', 'next', 'id']

function tableOf(items: readonly Saved[]): readonly string[] {
  if (items.length === 0) return []
  const rows = items.map(({ id, name, language, targets, lastMs, cron, isPaused, nextAt }) => [
    plain(name),
    language,
    formatDuration(lastMs),
    String(targets.length),
    cron === null ? 'by hand' : plain(cron),
    isPaused ? 'paused' : (nextAt ?? ''),
    id,
  ])
  return sideBySide([HEADS, ...rows])
}

/** By name or id. Throws `invalid` when there is none, or several bear the name. */
export async function findSaved(server: Server, name: string): Promise<Saved> {
  const items = await listSaved(server)
  const found = items.filter((one) => one.id === name || one.name === name)
  const [first, ...more] = found
  if (first !== undefined && more.length === 0) return first
  if (first !== undefined) {
    const ids = found.map(({ id }) => id).join(', ')
    throw new AppError('invalid', `several saved searches are called ${name}: name one of ${ids}`)
  }
  const names = plain(items.map((one) => one.name).join(', '))
  const hint = names === '' ? 'nothing is saved' : `there are: ${names}`
  throw new AppError('invalid', `there is no saved search ${name}; ${hint}`)
}
