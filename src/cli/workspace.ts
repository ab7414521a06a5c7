// `rulewright workspace add SLUG --name NAME`, `rulewright workspace rotate-key SLUG`

import { addWorkspace, getWorkspace } from '#domain/workspaces/actions.ts'
import { NewWorkspace } from '#domain/workspaces/input.ts'
import { rotateKey } from '#domain/workspaces/keys.ts'
import { makeScope } from '#platform/db/scope.ts'
import { textFlag, type HouseCommand } from './command.ts'
import { parseInput } from './input.ts'
import { EXIT } from './shell.ts'

export const workspaceAdd: HouseCommand = {
  name: 'workspace add',
  about: 'add a workspace',
  runsIn: 'house',
  operands: ['SLUG'],
  flags: { name: { value: 'NAME', about: 'what people call it', isRequired: true } },
  async run({ shell, house, caller }, args) {
    const [slug] = args.operands
    const input = parseInput(NewWorkspace, { slug, name: textFlag(args, 'name') })
    const workspace = await addWorkspace(house, caller, input)
    shell.out(`added workspace ${workspace.slug} (${workspace.id})`)
    return EXIT.fine
  },
}

export const workspaceRotateKey: HouseCommand = {
  name: 'workspace rotate-key',
  about: 'make a new key for the secrets of a workspace and seal them again under it',
  runsIn: 'house',
  operands: ['SLUG'],
  async run({ shell, house, caller }, args) {
    const { id, slug } = await getWorkspace(house, caller, args.operands[0] ?? '')
    const version = await rotateKey(house, { ...caller, scope: makeScope(id) })
    shell.out(`key ${version} of workspace ${slug} is in force`)
    return EXIT.fine
  },
}
