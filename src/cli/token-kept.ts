// `rulewright token list`, `token rotate` and `token revoke`: what becomes of tokens that are there. A
// token is named by its name or its id; a name that several bear is refused, because ending the wrong
// one stops a pipeline.

import { getMaker, listTokens, revokeToken } from '#domain/access/token-actions.ts'
import { TokenRotation } from '#domain/access/token-input.ts'
import { rotateToken } from '#domain/access/token-rotation.ts'
import { tokenState, type ListedToken, type TokenMaker } from '#domain/access/token.ts'
import { getWorkspace } from '#domain/workspaces/actions.ts'
import { AppError } from '#kernel/error.ts'
import type { TokenId } from '#kernel/id.ts'
import { formatInstant, HOUR, parseDuration } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { textFlag, type Arguments, type Flag, type HouseCommand } from './command.ts'
import { oneOf, parseInput } from './input.ts'
import { EXIT, type HouseCall } from './shell.ts'
import { plain, sideBySide } from './side-by-side.ts'
import { insideOf } from './token.ts'

const WORKSPACE = { value: 'SLUG', about: 'the workspace it opens', isRequired: true } as const
const FORMATS = ['table', 'ndjson'] as const

export const tokenList: HouseCommand = {
  name: 'token list',
  about: 'list the tokens of a workspace: whose, what for, until when, when used last',
  runsIn: 'house',
  flags: {
    workspace: WORKSPACE,
    all: { about: 'also those that ended within the last 90 days' },
    format: { value: 'FORMAT', about: 'table or ndjson (default: table on a terminal)' },
  },
  async run({ shell, house, caller }, args) {
    const usual = shell.isTerminal === true ? 'table' : 'ndjson'
    const format = oneOf('--format', textFlag(args, 'format') ?? usual, FORMATS)
    const inside = await placeOf(house, caller, args)
    const found = await everyToken(house, inside)
    const shown = args.flags['all'] === true ? found : found.filter((one) => isLive(one, inside))
    const told = shown.map((one) => ({ ...one, state: tokenState(one, inside.now) }))
    const lines = format === 'ndjson' ? told.map(lineOf) : tableOf(told)
    for (const line of lines) shell.out(line)
    return EXIT.fine
  },
}

/** A service token outlives who answered for it until now. */
async function makerFor(house: House, inside: Caller, old: ListedToken): Promise<TokenMaker> {
  const { userId, serviceRole } = old
  if (serviceRole !== null) return { userId, role: serviceRole, flags: [] }
  return getMaker(house, inside, userId)
}

const OVERLAP: Flag = {
  value: 'DURATION',
  about: 'how long the old secret goes on, at most 168h; 0h ends it at once (default 24h)',
}

export const tokenRotate: HouseCommand = {
  name: 'token rotate',
  about: 'make a new secret for a token, while the old one goes on for a while; printed once',
  runsIn: 'house',
  operands: ['NAME|ID'],
  flags: { workspace: WORKSPACE, overlap: OVERLAP },
  async run(call, args) {
    const { shell, house } = call
    const input = parseInput(TokenRotation, { hours: hoursOf(textFlag(args, 'overlap') ?? '24h') })
    const { inside, token: old } = await namedToken(call, args)
    const maker = await makerFor(house, inside, old)
    const { token, text } = await rotateToken(house, inside, maker, old.id, input)
    const until = formatInstant(token.expiresAt)
    shell.err(`${token.id} in the place of ${old.id}, until ${until}; it is not shown again`)
    shell.err(`the old secret ${input.hours === 0 ? 'has ended' : `goes on for ${input.hours} h`}`)
    shell.out(text)
    return EXIT.fine
  },
}

export const tokenRevoke: HouseCommand = {
  name: 'token revoke',
  about: 'end a token at once',
  runsIn: 'house',
  operands: ['NAME|ID'],
  flags: { workspace: WORKSPACE },
  async run(call, args) {
    const { inside, token } = await namedToken(call, args)
    await revokeToken(call.house, inside, token, token.id)
    call.shell.out(`revoked ${token.id}`)
    return EXIT.fine
  },
}

async function placeOf(house: House, caller: Caller, args: Arguments): Promise<Caller> {
  const slug = textFlag(args, 'workspace')!
  return insideOf(house, caller, await getWorkspace(house, caller, slug))
}

/** Throws `invalid` where none that lives bears the name or the id, or more than one. */
async function namedToken({ house, caller }: HouseCall, args: Arguments) {
  const [name = ''] = args.operands
  const inside = await placeOf(house, caller, args)
  const live = (await everyToken(house, inside)).filter((one) => isLive(one, inside))
  const found = live.filter((one) => one.id === name || one.name === name)
  const [token, ...more] = found
  if (!token) throw new AppError('invalid', `no token that lives is called ${name}`)
  if (more.length > 0) {
    const ids = found.map(({ id }) => id).join(', ')
    throw new AppError('invalid', `several tokens are called ${name}: name one of ${ids}`)
  }
  return { inside, token }
}

const PAGE = 200
/** The command line has no tokens of its own: all are those of others. */
const NOBODY = {}

async function everyToken(house: House, inside: Caller): Promise<readonly ListedToken[]> {
  const found: ListedToken[] = []
  for (let after: TokenId | undefined; ; after = found.at(-1)!.id) {
    const wanted = { limit: PAGE, ...(after && { after }) }
    const page = await listTokens(house, inside, NOBODY, wanted)
    found.push(...page)
    if (page.length < PAGE) return found
  }
}

const isLive = (token: ListedToken, { now }: Caller) => tokenState(token, now) === 'live'

type Told = ListedToken & { readonly state: string }

function lineOf({ use: _, createdAt, expiresAt, usedAt, revokedAt: __, ...token }: Told): string {
  const times = {
    createdAt: formatInstant(createdAt),
    expiresAt: formatInstant(expiresAt),
    usedAt: usedAt === null ? null : formatInstant(usedAt),
  }
  return JSON.stringify({ ...token, ...times })
}

const HEADS = ['name', 'of', 'acts as', 'kind', 'scopes', 'state', 'ends', 'last used', 'id']

function tableOf(tokens: readonly Told[]): readonly string[] {
  if (tokens.length === 0) return []
  const rows = tokens.map(
    ({ name, makerName, serviceRole, kind, scopes, state, expiresAt, usedAt, id }) => [
      plain(name),
      plain(makerName),
      serviceRole === null ? 'its person' : `service, ${serviceRole}`,
      kind,
      scopes.join(','),
      state,
      formatInstant(expiresAt),
      usedAt === null ? 'never' : formatInstant(usedAt),
      id,
    ],
  )
  return sideBySide([HEADS, ...rows])
}

function hoursOf(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms % HOUR !== 0) {
    throw new AppError('invalid', `--overlap ${text} is no number of hours, such as 24h`)
  }
  return ms / HOUR
}
