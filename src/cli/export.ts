// `rulewright export DIR`: everything in open formats, a folder for each workspace. Today that is its
// rules and the exclusions over them, as files that come in again without loss.

import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { systemCaller } from '#domain/access/system.ts'
import { RULE_STATES } from '#domain/rules/rule.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import { AppError } from '#kernel/error.ts'
import type { HouseCommand } from './command.ts'
import { EXIT } from './shell.ts'

export const exportAll: HouseCommand = {
  name: 'export',
  about: 'write everything in open formats into a new folder',
  runsIn: 'house',
  operands: ['DIR'],
  async run({ shell, house, caller }, args) {
    const root = path.resolve(shell.cwd, args.operands[0] ?? '')
    makeEmpty(root)
    const { exportRules } = await import('#domain/rules/files/export.ts')
    let count = 0
    let exclusions = 0
    for (const { id, slug } of await listWorkspaces(house, caller)) {
      const inside = { ...caller, scope: systemCaller(house, 'cli', undefined, id).scope }
      for await (const one of exportRules(house, inside, { state: RULE_STATES })) {
        shell.signal.throwIfAborted()
        const { path: file, text } = one
        const place = path.join(root, slug, 'rules', ...file.split('/'))
        mkdirSync(path.dirname(place), { recursive: true })
        writeFileSync(place, text, { flag: 'wx' })
        if ('rule' in one) count += 1
        else exclusions += 1
      }
    }
    const besides = exclusions === 0 ? '' : ` and ${exclusions} exclusions`
    shell.err(`${count} rules${besides} in ${root}`)
    return EXIT.fine
  },
}

// What is in a folder already would look like part of the export.
function makeEmpty(root: string): void {
  try {
    mkdirSync(root)
  } catch (cause) {
    const { code } = cause as { code?: string }
    const what = code === 'EEXIST' ? 'exists already' : `cannot be made (${code})`
    throw new AppError('invalid', `${root} ${what}. Name a new folder.`, { cause })
  }
}
