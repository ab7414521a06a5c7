// `rulewright rule starter --workspace SLUG`: the rules that the product brings, in a workspace.

import { addStarterRules, starterNotice } from '#domain/rules/starter.ts'
import { getWorkspace } from '#domain/workspaces/actions.ts'
import { makeScope } from '#platform/db/scope.ts'
import { textFlag, type HouseCommand } from './command.ts'
import { EXIT } from './shell.ts'

export const ruleStarter: HouseCommand = {
  name: 'rule starter',
  about: 'add the rules that Rulewright brings to a workspace; those it has are left alone',
  runsIn: 'house',
  operands: [],
  flags: { workspace: { value: 'SLUG', about: 'where they are added', isRequired: true } },
  async run({ shell, house, caller }, args) {
    const { id } = await getWorkspace(house, caller, textFlag(args, 'workspace')!)
    const told = await addStarterRules(house, { ...caller, scope: makeScope(id) })
    shell.out(starterNotice(told))
    return EXIT.fine
  },
}
