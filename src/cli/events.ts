// `rulewright events import FILE… --workspace SLUG`: files of events into the sandbox of a workspace.

import path from 'node:path'
import { importEvents, newImportId } from '#domain/events/import.ts'
import { LogSourceInput } from '#domain/events/input.ts'
import type { EventImport } from '#domain/events/port.ts'
import { getWorkspace } from '#domain/workspaces/actions.ts'
import { makeScope } from '#platform/db/scope.ts'
import { textFlag, type HouseCommand } from './command.ts'
import { parseInput } from './input.ts'
import { Progress } from './progress.ts'
import { EXIT, type Shell } from './shell.ts'

const BAD_LINES_SHOWN = 10

export const eventsImport: HouseCommand = {
  name: 'events import',
  about: 'bring files of events into the sandbox of a workspace; exit 1 when lines were bad',
  runsIn: 'house',
  operands: ['FILE…'],
  flags: {
    workspace: { value: 'SLUG', about: 'whose sandbox', isRequired: true },
    logsource: {
      value: 'SOURCE',
      about: 'of all events: product=windows,category=… (default: what each event says)',
      isRepeatable: true,
    },
  },
  async run({ shell, house, caller: anyone }, args) {
    const { id } = await getWorkspace(house, anyone, textFlag(args, 'workspace')!)
    const caller = { ...anyone, scope: makeScope(id) }
    const logSource = parseInput(LogSourceInput, textFlag(args, 'logsource') ?? '')
    let bad = 0
    for (const operand of args.operands) {
      const progress = new Progress(shell, `reading ${operand}`, undefined)
      const file = {
        id: newImportId(house, caller),
        name: path.basename(operand),
        path: path.resolve(shell.cwd, operand),
        logSource,
      }
      const done = await importEvents(house, caller, file, {
        signal: shell.signal,
        progress: ({ eventCount }) => progress.show(eventCount),
        isOver: async () => true,
      })
      progress.clear()
      report(shell, operand, done)
      bad += done.badCount
      if (done.state === 'failed') bad++
    }
    return bad === 0 ? EXIT.fine : EXIT.problems
  },
}

function report(shell: Shell, operand: string, done: EventImport): void {
  for (const { line, reason } of done.badLines.slice(0, BAD_LINES_SHOWN)) {
    shell.err(`${operand}:${line} ${reason}`)
  }
  const more = done.badCount - Math.min(BAD_LINES_SHOWN, done.badLines.length)
  if (more > 0) shell.err(`${more} more lines of ${operand} could not be read`)
  if (done.reason !== null) shell.err(`${operand}: ${done.reason}`)
  const untimed = done.untimedCount > 0 ? `, ${done.untimedCount} without a time` : ''
  shell.out(`${operand}: ${done.eventCount} events (${done.format})${untimed}`)
}
