// Azure Resource Manager as far as a Sentinel workspace needs it: the workspace itself, what one may do
// there, alert rules, automation rules, watchlists, saved queries. Source: Azure REST API specifications of OperationalInsights,
// SecurityInsights and Authorization; @azure/arm-securityinsight 1.0.0-beta.6 judges it.

import type { Context, Hono } from 'hono'
import { listRules, readRule, removeRule, writeRule } from './alert-rules.ts'
import { bearerOf, type Directory } from './directory.ts'
import { AzureError, azureReply } from './errors.ts'
import { isAllowed, resourceIdOf, type Workspace } from './workspace.ts'

const AUDIENCE = 'https://management.azure.com'
const WORKSPACE =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.OperationalInsights/workspaces/:workspace'
const INSIGHTS = `${WORKSPACE}/providers/Microsoft.SecurityInsights`

export interface ArmParts {
  readonly directory: Directory
  readonly workspaces: readonly Workspace[]
}

export function serveArm(app: Hono, parts: ArmParts): void {
  const serve = serving(app, parts)
  serveWorkspace(serve, parts)
  serveRules(serve)
}

type Answer = (workspace: Workspace, context: Context) => Response | Promise<Response>
/** `action`: what one must be allowed to do there; null lets in whoever signs in. */
type Serve = (
  method: 'get' | 'put' | 'delete',
  path: string,
  action: string | null,
  answer: Answer,
) => void

function serving(app: Hono, parts: ArmParts): Serve {
  return (method, path, action, answer) => {
    app[method](path, async (context) => {
      try {
        const workspace = await admitted(parts, context, action)
        return await answer(workspace, context)
      } catch (error) {
        if (error instanceof AzureError) return azureReply(error)
        throw error
      }
    })
  }
}

function serveWorkspace(serve: Serve, parts: ArmParts): void {
  serve('get', WORKSPACE, 'Microsoft.OperationalInsights/workspaces/read', (workspace) =>
    Response.json({
      id: resourceIdOf(workspace),
      name: workspace.name,
      type: 'Microsoft.OperationalInsights/workspaces',
      location: 'westeurope',
      properties: { customerId: workspace.id, provisioningState: 'Succeeded' },
    }),
  )
  const permissions = `${WORKSPACE}/providers/Microsoft.Authorization/permissions`
  serve('get', permissions, null, permissionsOf(parts))
  const lists = `${INSIGHTS}/watchlists`
  serve('get', lists, 'Microsoft.SecurityInsights/watchlists/read', (workspace) =>
    Response.json({ value: workspace.watchlists }),
  )
  const saved = `${WORKSPACE}/savedSearches`
  serve('get', saved, 'Microsoft.OperationalInsights/workspaces/savedSearches/read', (workspace) =>
    Response.json({ value: workspace.savedSearches }),
  )
  const automation = `${INSIGHTS}/automationRules`
  serve('get', automation, 'Microsoft.SecurityInsights/automationRules/read', (workspace) =>
    Response.json({ value: workspace.automationRules }),
  )
}

function serveRules(serve: Serve): void {
  const [all, one] = [`${INSIGHTS}/alertRules`, `${INSIGHTS}/alertRules/:rule`]
  const action = (verb: string) => `Microsoft.SecurityInsights/alertRules/${verb}`
  const nameOf = ({ req }: Context) => req.param('rule') ?? ''
  serve('get', all, action('read'), (workspace, { req }) =>
    Response.json(listRules(workspace, new URL(req.url))),
  )
  serve('get', one, action('read'), (workspace, context) =>
    Response.json(readRule(workspace, nameOf(context))),
  )
  serve('put', one, action('write'), async (workspace, context) => {
    const { req } = context
    const { status, body } = await writeRule(workspace, {
      name: nameOf(context),
      body: await req.json(),
      ifMatch: req.header('if-match') ?? null,
      isNew: req.header('if-none-match') === '*',
      version: req.query('api-version') ?? '',
    })
    return Response.json(body, { status })
  })
  serve('delete', one, action('delete'), (workspace, context) => {
    const ifMatch = context.req.header('if-match') ?? null
    const isGone = removeRule(workspace, nameOf(context), ifMatch)
    return new Response(null, { status: isGone ? 200 : 204 })
  })
  serve('get', `${one}/actions`, action('actions/read'), () => Response.json({ value: [] }))
}

function permissionsOf({ directory }: ArmParts) {
  return async (workspace: Workspace, { req }: Context) => {
    const bearer = await bearerOf(directory, req.header('authorization'), audiencesOf(req.url))
    const clientId = bearer.kind === 'known' ? bearer.registration.clientId : ''
    const value = (workspace.assignments.get(clientId) ?? []).map(({ actions, notActions }) => ({
      actions,
      notActions,
      dataActions: [],
      notDataActions: [],
    }))
    return Response.json({ value, nextLink: null })
  }
}

function audiencesOf(url: string): readonly string[] {
  return [AUDIENCE, new URL(url).origin]
}

/** Throws what Azure answers, in its order. */
async function admitted(
  { directory, workspaces }: ArmParts,
  { req }: Context,
  action: string | null,
): Promise<Workspace> {
  const bearer = await bearerOf(directory, req.header('authorization'), audiencesOf(req.url))
  if (bearer.kind !== 'known') {
    const [code, text] = REFUSALS[bearer.kind]
    throw new AzureError(401, code, text)
  }
  if (req.query('api-version') === undefined) {
    const text = 'The api-version query parameter (?api-version=) is required for all requests.'
    throw new AzureError(400, 'MissingApiVersionParameter', text)
  }
  const { subscription, group = '', workspace: name = '' } = req.param() as Record<string, string>
  const inSubscription = workspaces.filter((one) => one.subscription === subscription)
  if (inSubscription.length === 0) {
    const text = `The subscription '${subscription}' could not be found.`
    throw new AzureError(404, 'SubscriptionNotFound', text)
  }
  const inGroup = inSubscription.filter((one) => isSame(one.resourceGroup, group))
  if (inGroup.length === 0) {
    throw new AzureError(
      404,
      'ResourceGroupNotFound',
      `Resource group '${group}' could not be found.`,
    )
  }
  const workspace = inGroup.find((one) => isSame(one.name, name))
  if (workspace === undefined) {
    const text = `The Resource 'Microsoft.OperationalInsights/workspaces/${name}' under resource group '${group}' was not found.`
    throw new AzureError(404, 'ResourceNotFound', text)
  }
  const { clientId } = bearer.registration
  if (action === null || isAllowed(workspace, clientId, action)) return workspace
  const text = `The client '${clientId}' does not have authorization to perform action '${action}' over scope '${resourceIdOf(workspace)}' or the scope is invalid. If access was recently granted, please refresh your credentials.`
  throw new AzureError(403, 'AuthorizationFailed', text)
}

const REFUSALS = {
  missing: [
    'AuthenticationFailed',
    "Authentication failed. The 'Authorization' header is missing.",
  ],
  invalid: ['InvalidAuthenticationToken', 'The access token is invalid.'],
  expired: ['ExpiredAuthenticationToken', 'The access token expiry is earlier than current time.'],
  audience: [
    'InvalidAuthenticationTokenAudience',
    'The access token has been obtained for wrong audience or resource.',
  ],
} as const

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
