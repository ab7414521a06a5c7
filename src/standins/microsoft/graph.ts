// Microsoft Graph's security services on one port: advanced hunting and custom detections, for apps whose
// token holds the application permission of each.

import type { Context, Hono } from 'hono'
import type { Json } from '#kernel/json.ts'
import { bearerOf, type Directory, type Registration } from './directory.ts'
import { GraphError, graphErrorReply } from './graph-error.ts'
import { runHuntingQuery } from './graph-hunting.ts'
import { createRule, listRules, readRule, removeRule, updateRule } from './graph-rules.ts'
import type { GraphTenant } from './graph-tenant.ts'
import type { Service } from './microsoft.ts'

const AUDIENCES = [
  'https://graph.microsoft.com',
  'https://graph.microsoft.us',
  'https://microsoftgraph.chinacloudapi.cn',
]
const RULES = '/:version{beta|v1\\.0}/security/rules/detectionRules'
const READS = ['CustomDetection.Read.All', 'CustomDetection.ReadWrite.All']
const WRITES = ['CustomDetection.ReadWrite.All']

export function graphService(tenant: GraphTenant, directory: Directory): Service {
  return (app) => serveGraph(app, tenant, directory)
}

function serveGraph(app: Hono, tenant: GraphTenant, directory: Directory): void {
  const serve =
    (roles: readonly string[], answer: (context: Context, by: Registration) => Promise<Response>) =>
    async (context: Context): Promise<Response> => {
      try {
        return await answer(context, await permitted(directory, context, roles))
      } catch (error) {
        if (error instanceof GraphError) return graphErrorReply(error, tenant.clock.now())
        throw error
      }
    }
  const reply = (body: Json, status = 200) => Response.json(body, { status })
  app.post(
    '/:version{beta|v1\\.0}/security/runHuntingQuery',
    serve(['ThreatHunting.Read.All'], async (context) => {
      const body = await bodyOf(context)
      // Graph reads names of parameters whatever their case.
      const given = new Map(Object.entries(body).map(([key, value]) => [key.toLowerCase(), value]))
      const [query, timespan] = [given.get('query'), given.get('timespan')]
      return reply(
        runHuntingQuery(tenant, {
          query: typeof query === 'string' ? query : '',
          timespan: typeof timespan === 'string' ? timespan : null,
        }),
      )
    }),
  )
  app.get(
    RULES,
    serve(READS, async ({ req }) => reply(listRules(tenant, new URL(req.url)))),
  )
  app.get(
    `${RULES}/:id`,
    serve(READS, async ({ req }) => reply(readRule(tenant, req.param('id') ?? ''))),
  )
  app.post(
    RULES,
    serve(WRITES, async (context, { name }) =>
      reply(createRule(tenant, await bodyOf(context), name), 201),
    ),
  )
  app.patch(
    `${RULES}/:id`,
    serve(WRITES, async (context, { name }) =>
      reply(updateRule(tenant, context.req.param('id') ?? '', await bodyOf(context), name)),
    ),
  )
  app.delete(
    `${RULES}/:id`,
    serve(WRITES, async ({ req }) => {
      removeRule(tenant, req.param('id') ?? '')
      return new Response(null, { status: 204 })
    }),
  )
}

const UNKNOWN: Readonly<Record<'missing' | 'expired' | 'audience' | 'invalid', string>> = {
  missing: 'Access token is empty.',
  expired: 'Lifetime validation failed, the token is expired.',
  audience: 'Access token validation failure. Invalid audience.',
  invalid: 'Access token validation failure.',
}

async function permitted(
  directory: Directory,
  { req }: Context,
  wanted: readonly string[],
): Promise<Registration> {
  const bearer = await bearerOf(directory, req.header('authorization'), AUDIENCES)
  if (bearer.kind !== 'known') {
    throw new GraphError(401, 'InvalidAuthenticationToken', UNKNOWN[bearer.kind])
  }
  if (bearer.roles.some((role) => wanted.includes(role))) return bearer.registration
  const text = `Missing application roles. API required roles: ${wanted.join(', ')}, application roles: ${bearer.roles.join(', ')}.`
  throw new GraphError(403, 'Forbidden', text)
}

async function bodyOf({ req }: Context): Promise<{ readonly [key: string]: Json }> {
  try {
    const body = JSON.parse(await req.text()) as Json
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
      return body as { readonly [key: string]: Json }
    }
  } catch {
    // Said below, as for a body that is no object.
  }
  throw new GraphError(400, 'BadRequest', 'Unable to read JSON request payload.')
}
