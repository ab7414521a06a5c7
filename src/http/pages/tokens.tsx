// `/w/{slug}/settings/tokens`: what programs come in with. Everybody has their own; an admin sees and
// ends those of others.

import { z } from 'zod'
import { can, type Verb } from '#domain/access/permission.ts'
import {
  addToken,
  isOwnToken,
  listTokens,
  revokeToken,
  type MadeToken,
} from '#domain/access/token-actions.ts'
import { NewToken, ROTATION_HOURS_USUAL } from '#domain/access/token-input.ts'
import { rotateToken } from '#domain/access/token-rotation.ts'
import {
  SERVICE_ROLES,
  TOKEN_DAYS_DEFAULT,
  tokenState,
  usedToday,
  type TokenMaker,
} from '#domain/access/token.ts'
import { describeScope, scopesOf } from '#domain/access/token-scope.ts'
import { listGroups } from '#domain/rules/groups/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type TokenId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import { TokenMadePage } from '#views/settings/token-made-page.tsx'
import { TokensPage, type TokensShown, type TypedToken } from '#views/settings/tokens-page.tsx'
import { callerOf, membershipOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { problemsByField, readForm, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'
import { settingsTabs } from '#http/settings-tabs.ts'

const ROOT = '/w/:slug/settings/tokens'

export function tokenRoutes(): readonly Route[] {
  const proved = { needsProof: true }
  return [
    pageRoute('GET', ROOT, 'token.read', (c) => show(c)),
    pageRoute('POST', ROOT, 'token.add', make, proved),
    pageRoute('POST', `${ROOT}/:id/rotate`, 'token.add', rotate, proved),
    pageRoute('POST', `${ROOT}/:id/end`, 'token.revoke', end, proved),
  ]
}

const PAGE_ROWS = 50

// What does not fit is left out: a link that somebody edited still shows the list.
const Query = z.object({
  of: z.enum(['me', 'all', 'service']).catch('me').default('me'),
  after: z
    .string()
    .refine((id): id is TokenId => isId(ID_PREFIXES.token, id))
    .optional()
    .catch(undefined),
})

async function show(
  c: HttpContext,
  typed?: TypedToken,
  problems: FieldProblems = {},
): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const maker = makerOf(c)
  const { of, after } = readQuery(c, Query)
  const maySeeAll = can(caller, 'token.manage' satisfies Verb)
  const whose = maySeeAll ? of : 'me'
  const found = await listTokens(house, caller, maker, {
    ...(whose === 'me' && { userId: maker.userId, isService: false }),
    ...(whose === 'service' && { isService: true }),
    ...(after && { after }),
    limit: PAGE_ROWS + 1,
  })
  const { tokenDays: daysMax } = (await readPolicy(house, caller)).policy
  const path = rootOf(c)
  const here = whose === 'me' ? path : `${path}?of=${whose}`
  const last = found[PAGE_ROWS - 1]
  const shown: TokensShown = {
    tabs: settingsTabs(c),
    path,
    tokens: found.slice(0, PAGE_ROWS).map((token) => {
      const state = tokenState(token, caller.now)
      const used = usedToday(token.use, caller.now)
      return {
        ...token,
        state,
        mayRevoke: state === 'live',
        mayRotate:
          state === 'live' && (token.serviceRole === null ? isOwnToken(token, maker) : maySeeAll),
        usedToday: used,
      }
    }),
    whose,
    maySeeAll,
    first: after ? here : null,
    next: found.length > PAGE_ROWS && last ? `${path}?of=${whose}&after=${last.id}` : null,
    scopes: scopesOf(maker.role, maker.flags).map((scope) => ({
      scope,
      about: describeScope(scope),
    })),
    ...(await reachable(c)),
    daysMax,
    typed: typed ?? {
      name: '',
      serviceRole: whose === 'service' ? 'viewer' : '',
      kind: 'pat',
      scopes: ['rules:read'],
      days: String(Math.min(TOKEN_DAYS_DEFAULT, daysMax)),
      networks: '',
      targets: [],
      groups: [],
    },
    problems,
  }
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return page(c, { title: 'Tokens', status }, <TokensPage shown={shown} />)
}

const REACHABLE_MAX = 50

/** What it can be narrowed to: the first of them, the API takes the others. */
async function reachable(c: HttpContext) {
  const { house } = c.var
  const caller = callerOf(c)
  const targets = await listTargets(house, caller, { limit: REACHABLE_MAX })
  const groups = await listGroups(house, caller, { limit: REACHABLE_MAX })
  return {
    targets: targets.items.map(({ target: { id, name } }) => ({ id, name })),
    groups: groups.items.map(({ id, name }) => ({ id, name })),
  }
}

// A form sends one ticked box as a text, several as a list, none not at all.
const Ticked = z
  .union([z.string().max(64), z.array(z.string().max(64)).max(64)])
  .default([])
  .transform((given) => (typeof given === 'string' ? [given] : given))

const Form = z.strictObject({
  name: z.string().max(1_000),
  kind: z.enum(['pat', 'mcp']),
  serviceRole: z.enum(['', ...SERVICE_ROLES]).default(''),
  scopes: Ticked,
  targets: Ticked,
  groups: Ticked,
  days: z.string().max(20),
  networks: z.string().max(2_000),
})

const FIELD_NAMES = {
  name: 'The name',
  scopes: 'The choice',
  days: 'The number of days',
  networks: 'One of them',
}

async function make(c: HttpContext): Promise<Response> {
  const form = await readForm(c, Form)
  const { serviceRole, ...rest } = form
  const parsed = NewToken.safeParse({
    ...rest,
    ...(serviceRole !== '' && { serviceRole }),
    days: /^\d{1,9}$/.test(form.days) ? Number(form.days) : 0,
    networks: form.networks.split(/[\s,]+/).filter((one) => one !== ''),
  })
  if (!parsed.success) return show(c, form, problemsByField(parsed.error, FIELD_NAMES))
  try {
    const made = await addToken(c.var.house, callerOf(c), makerOf(c), parsed.data)
    return await showMade(c, made)
  } catch (error) {
    const problems = refusalByField(error)
    if (!problems) throw error
    return show(c, form, problems)
  }
}

function showMade(c: HttpContext, made: MadeToken, oldEndsIn?: number): Promise<Response> {
  const apiUrl = `${c.var.publicUrl}/api/v1`
  const trail = [{ label: 'Tokens', href: rootOf(c) }]
  const mcpUrl = `${c.var.publicUrl}/mcp`
  const shown = { ...made, path: rootOf(c), apiUrl, mcpUrl, oldEndsIn: oldEndsIn ?? null }
  return page(c, { title: 'New token', trail }, <TokenMadePage made={shown} />)
}

/** What the action says about one field, beside it; undefined for what is no refusal of this form. */
function refusalByField(error: unknown): FieldProblems | undefined {
  if (!(error instanceof AppError)) return undefined
  if (error.code === 'conflict') return { name: error.message }
  if (error.code !== 'invalid') return undefined
  const problems = (error.details['problems'] ?? []) as readonly Problem[]
  return Object.fromEntries(
    problems.map(({ message }) => {
      const [field, text] = message.split(/: (.*)/s)
      return [field!, text ?? message]
    }),
  )
}

async function rotate(c: HttpContext): Promise<Response> {
  const id = c.req.param('id')
  if (!isId(ID_PREFIXES.token, id)) throw forbidden()
  const rotation = { hours: ROTATION_HOURS_USUAL }
  const made = await rotateToken(c.var.house, callerOf(c), makerOf(c), id, rotation)
  return showMade(c, made, rotation.hours)
}

async function end(c: HttpContext): Promise<Response> {
  const id = c.req.param('id')
  if (!isId(ID_PREFIXES.token, id)) throw forbidden()
  await revokeToken(c.var.house, callerOf(c), makerOf(c), id)
  return changed(c, { redirect: rootOf(c), notice: 'The token is revoked.' })
}

function makerOf(c: HttpContext): TokenMaker {
  const { userId } = c.var.session!.person
  const { role, flags } = membershipOf(c.var.session!, c.req.param('slug')!)
  return { userId, role, flags }
}

const rootOf = (c: HttpContext): string => `${placeOf(c)}/settings/tokens`
