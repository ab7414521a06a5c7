// `rulewright token add NAME --workspace SLUG --user EMAIL --scopes A,B [--mcp] [--expires 90d]`

import { findUserId } from '#domain/access/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addToken, getMaker } from '#domain/access/token-actions.ts'
import { NewToken } from '#domain/access/token-input.ts'
import { SERVICE_ROLES } from '#domain/access/token.ts'
import { SCOPES } from '#domain/access/token-scope.ts'
import { getWorkspace } from '#domain/workspaces/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { AppError } from '#kernel/error.ts'
import { DAY, formatInstant, parseDuration } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { textFlag, type HouseCommand } from './command.ts'
import { oneOf, parseInput } from './input.ts'
import { EXIT } from './shell.ts'

export const tokenAdd: HouseCommand = {
  name: 'token add',
  about: 'make a token for a program; printed once',
  runsIn: 'house',
  operands: ['NAME'],
  flags: {
    workspace: { value: 'SLUG', about: 'the workspace it opens', isRequired: true },
    user: { value: 'EMAIL', about: 'on whose behalf it acts', isRequired: true },
    scopes: {
      value: 'SCOPE',
      about: `${SCOPES.join(', ')}; may be repeated`,
      isRequired: true,
      isRepeatable: true,
    },
    service: {
      value: 'ROLE',
      about: `of the workspace itself, with the role ${SERVICE_ROLES.join(', ')}; --user answers for it`,
    },
    mcp: { about: 'for an MCP client instead of the API' },
    expires: { value: 'DURATION', about: 'how long it lives (default 90d)' },
  },
  async run({ shell, house, caller }, args) {
    const expires = textFlag(args, 'expires')
    const service = textFlag(args, 'service')
    const input = parseInput(NewToken, {
      name: args.operands[0],
      kind: args.flags['mcp'] === true ? 'mcp' : 'pat',
      scopes: textFlag(args, 'scopes')!.split(','),
      ...(service !== undefined && {
        serviceRole: oneOf('--service', service, SERVICE_ROLES),
      }),
      ...(expires !== undefined && { days: daysOf(expires) }),
    })
    const workspace = await getWorkspace(house, caller, textFlag(args, 'workspace')!)
    const userId = await findUserId(house, caller, textFlag(args, 'user')!.trim().toLowerCase())
    if (!userId) throw new AppError('invalid', `nobody has the address ${textFlag(args, 'user')}`)
    const inside = insideOf(house, caller, workspace)
    const maker = await getMaker(house, inside, userId)
    const { token, text } = await addToken(house, inside, maker, input)
    shell.err(`${token.id}, until ${formatInstant(token.expiresAt)}; it is not shown again`)
    shell.out(text)
    return EXIT.fine
  },
}

/** The same caller, in the workspace a command names. */
export function insideOf(house: House, caller: Caller, { id }: Pick<Workspace, 'id'>): Caller {
  return { ...caller, scope: systemCaller(house, 'cli', undefined, id).scope }
}

function daysOf(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms % DAY !== 0) {
    throw new AppError('invalid', `--expires ${text} is no number of days, such as 90d`)
  }
  return ms / DAY
}
