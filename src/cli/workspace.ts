// `rulewright workspace add SLUG --name NAME`

import { addWorkspace } from '#domain/workspaces/actions.ts'
import { NewWorkspace } from '#domain/workspaces/input.ts'
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
