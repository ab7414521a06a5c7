// `rulewright rule import PATH…`: brings rules of this and other products into a workspace, and says how
// many there are, for what they compile, and which are broken and why.

import path from 'node:path'
import { CONFLICT_CHOICES } from '#domain/rules/imports/import.ts'
import { getWorkspace } from '#domain/workspaces/actions.ts'
import { AppError } from '#kernel/error.ts'
import { makeScope } from '#platform/db/scope.ts'
import { textFlag, type Arguments, type HouseCommand } from './command.ts'
import { readImportFiles } from './import-files.ts'
import { importHere } from './import-here.ts'
import { REPORT_FORMATS, sayReport, type ImportOrder, type ImportReport } from './import-report.ts'
import { importThere } from './import-there.ts'
import { oneOf } from './input.ts'
import type { ExitCode, Shell } from './shell.ts'

export const ruleImport: HouseCommand = {
  name: 'rule import',
  about: 'bring rules of this and other products into a workspace',
  runsIn: 'house',
  operands: ['PATH…'],
  flags: {
    workspace: { value: 'SLUG', about: 'where they come, on a data directory' },
    server: { value: 'URL', about: 'or the address of a server, with a token of the workspace' },
    conflicts: {
      value: 'keep|take',
      about: 'of a rule that was edited here and there in the same place (default keep)',
    },
    'keep-broken': { about: 'make rules of what is broken too, to be mended there' },
    'all-or-nothing': { about: 'write nothing when something is broken' },
    format: { value: 'FORMAT', about: `${REPORT_FORMATS.join(', ')} (default text)` },
  },
  async run(call, args) {
    const slug = textFlag(args, 'workspace')
    if (slug === undefined) throw new AppError('invalid', 'say --workspace SLUG or --server URL')
    const { house, caller } = call
    const { id } = await getWorkspace(house, caller, slug)
    const here = { ...call, caller: { ...caller, scope: makeScope(id) } }
    return run(call.shell, args, (order) => importHere(here, order))
  },
  async runThere({ shell }, args) {
    if (textFlag(args, 'workspace') !== undefined) {
      throw new AppError('invalid', 'the token names the workspace: leave --workspace out')
    }
    return run(shell, args, (order) => importThere(shell, args, order))
  },
}

async function run(
  shell: Shell,
  args: Arguments,
  bring: (order: ImportOrder) => Promise<ImportReport>,
): Promise<ExitCode> {
  const format = oneOf('--format', textFlag(args, 'format') ?? 'text', REPORT_FORMATS)
  const choice = textFlag(args, 'conflicts') ?? 'keep'
  const conflicts = oneOf('--conflicts', choice, CONFLICT_CHOICES)
  const isAllOrNothing = args.flags['all-or-nothing'] === true
  const keepsBroken = args.flags['keep-broken'] === true
  const wish = { conflicts, isAllOrNothing, keepsBroken }
  const files = await readImportFiles(shell, args.operands)
  const [first = ''] = args.operands
  const isOne = args.operands.length === 1 && first !== '-'
  const source = isOne ? path.basename(path.resolve(shell.cwd, first)) : `${files.length} files`
  try {
    const report = await bring({ source, files, wish })
    return sayReport(shell, format, report)
  } catch (error) {
    if (shell.signal.aborted) shell.err(STOPPED)
    throw error
  }
}

const STOPPED = 'stopped: what was written stays, and the same command goes on with the rest'
