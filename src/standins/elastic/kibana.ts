// Kibana's detection engine and what is needed around it, on its own port over the same plain data.
// Source: its API description and the detection-rules client, read 2026-11.

import { Hono, type Context } from 'hono'
import type { Json } from '#kernel/json.ts'
import type { Members } from '#standins/opensearch/query.ts'
import type { Answerer } from '#standins/server.ts'
import { identify, type Person } from './access.ts'
import { searchAlerts } from './alerts.ts'
import { bulkAction } from './bulk.ts'
import { ElasticError, EngineError, errorReply, PlatformError } from './errors.ts'
import { exportRules, importRules } from './files.ts'
import { previewRule } from './preview.ts'
import { createRule, findRule, listRules, removeRule, shown, updateRule } from './rules.ts'
import type { Stack } from './stack.ts'

const ENGINE = '/api/detection_engine'
const BODY_BYTES_MAX = 1_048_576

export interface Visit {
  readonly stack: Stack
  readonly space: string
  readonly person: Person
  readonly query: URLSearchParams
  readonly text: string
}

export type Visited = (visit: Visit, context: Context) => Json | Response | Promise<Json | Response>

export function kibanaAnswers(stack: Stack): Answerer {
  const app = new Hono()
  app.onError(errorReply)
  app.notFound(() => errorReply(new PlatformError(404, 'Not Found')))
  const route = (method: string, path: string, answer: Visited) => {
    const handle = async (context: Context) => {
      const visit = await visitOf(stack, context)
      const given = await answer(visit, context)
      return given instanceof Response ? given : Response.json(given)
    }
    app.on(method, path, handle)
    app.on(method, `/s/:space${path}`, handle)
  }
  route('GET', '/api/status', ({ stack: { kibanaVersion } }) => ({
    name: 'kibana',
    uuid: 'K1',
    version: { number: kibanaVersion, build_flavor: 'traditional' },
    status: { overall: { level: 'available', summary: 'All services are available' } },
  }))
  route('GET', '/api/spaces/space', () =>
    stack.spaces.map((id) => ({ id, name: id, disabledFeatures: [] })),
  )
  serveRules(route)
  serveManyRules(route)
  serveAround(route)
  return (request) => app.fetch(request)
}

type Route = (method: string, path: string, answer: Visited) => void

async function visitOf(stack: Stack, context: Context): Promise<Visit> {
  const { req } = context
  const person = personOf(stack, context)
  if (req.method !== 'GET' && req.header('kbn-xsrf') === undefined) {
    throw new PlatformError(400, 'Request must contain a kbn-xsrf header.')
  }
  const text = req.method === 'GET' ? '' : await req.text()
  if (text.length > BODY_BYTES_MAX) {
    throw new PlatformError(413, 'Payload content length greater than maximum allowed: 1048576')
  }
  const space = req.param('space') ?? 'default'
  if (!stack.spaces.includes(space)) throw new PlatformError(404, 'Not Found')
  return { stack, space, person, text, query: new URL(req.url).searchParams }
}

function personOf(stack: Stack, context: Context): Person {
  try {
    return identify(stack, context.req.header('authorization'))
  } catch (error) {
    if (!(error instanceof ElasticError)) throw error
    throw new PlatformError(401, `[security_exception]: ${error.message}`)
  }
}

function needs(held: 'read' | 'all', answer: Visited): Visited {
  return (visit, context) => {
    const { kibana } = visit.person
    if (kibana === 'all' || kibana === held) return answer(visit, context)
    const text = `API [${context.req.method} ${context.req.path}] is unauthorized for user, this action is granted by the Kibana privileges [securitySolution]`
    throw new PlatformError(403, text)
  }
}

function membersOf({ text }: Visit): Members {
  return text === '' ? {} : (JSON.parse(text) as Members)
}

function askedOf({ query }: Visit) {
  return { id: query.get('id') ?? undefined, rule_id: query.get('rule_id') ?? undefined }
}

function author({ space, person }: Visit) {
  return { space, who: person.name }
}

function serveRules(route: Route): void {
  route(
    'GET',
    `${ENGINE}/rules`,
    needs('read', (visit) => shown(findRule(visit.stack, visit.space, askedOf(visit)))),
  )
  route(
    'POST',
    `${ENGINE}/rules`,
    needs('all', (visit) => createRule(visit.stack, author(visit), membersOf(visit))),
  )
  for (const method of ['PUT', 'PATCH']) {
    route(
      method,
      `${ENGINE}/rules`,
      needs('all', (visit) =>
        updateRule(visit.stack, author(visit), membersOf(visit), method === 'PUT'),
      ),
    )
  }
  route(
    'DELETE',
    `${ENGINE}/rules`,
    needs('all', (visit) => removeRule(visit.stack, visit.space, askedOf(visit))),
  )
  route(
    'GET',
    `${ENGINE}/rules/_find`,
    needs('read', ({ stack, space, query }) => listRules(stack, space, query)),
  )
}

function serveManyRules(route: Route): void {
  route(
    'POST',
    `${ENGINE}/rules/_bulk_action`,
    needs('all', (visit) => {
      const isRehearsal = visit.query.get('dry_run') === 'true'
      return bulkAction({ ...author(visit), stack: visit.stack, isRehearsal }, membersOf(visit))
    }),
  )
  route(
    'POST',
    `${ENGINE}/rules/preview`,
    needs('read', (visit) => previewRule(visit.stack, visit.space, membersOf(visit))),
  )
  route(
    'POST',
    `${ENGINE}/rules/_import`,
    needs('all', (visit) => {
      const isOverwriting = visit.query.get('overwrite') === 'true'
      return importRules({ ...author(visit), stack: visit.stack, isOverwriting }, visit.text)
    }),
  )
  route(
    'POST',
    `${ENGINE}/rules/_export`,
    needs('read', (visit) => {
      const lines = exportRules(visit.stack, visit.space, membersOf(visit))
      return new Response(lines, { headers: { 'content-type': 'application/ndjson' } })
    }),
  )
}

function pageOf(all: readonly Json[], query: URLSearchParams): Json {
  const page = Number(query.get('page') ?? 1)
  const size = Number(query.get('per_page') ?? 20)
  const data = all.slice((page - 1) * size, page * size)
  return { data, page, per_page: size, total: all.length }
}

function serveAround(route: Route): void {
  route(
    'GET',
    '/api/exception_lists/_find',
    needs('read', ({ stack: { exceptionLists }, query }) => {
      const wanted: Json[] = (query.get('namespace_type') ?? 'single').split(',')
      const lists = exceptionLists.filter((one) => wanted.includes(one['namespace_type']!))
      return pageOf(
        lists.map(({ items: _, ...list }) => list),
        query,
      )
    }),
  )
  route(
    'GET',
    '/api/exception_lists/items/_find',
    needs('read', ({ stack: { exceptionLists }, query }) => {
      const id = query.get('list_id')
      const list = exceptionLists.find((one) => one['list_id'] === id)
      if (list === undefined) {
        throw new PlatformError(404, `exception list id: "${id}" does not exist`)
      }
      return pageOf((list['items'] ?? []) as readonly Json[], query)
    }),
  )
  route(
    'GET',
    '/api/actions/connectors',
    needs('read', ({ stack: { connectors } }) => connectors),
  )
  route(
    'POST',
    `${ENGINE}/signals/search`,
    needs('read', (visit) => searchAlerts(visit.stack, visit.space, membersOf(visit))),
  )
  route('GET', `${ENGINE}/privileges`, ({ stack, person, space }) => {
    if (person.kibana === 'none') throw new EngineError(403, 'Forbidden')
    return {
      username: person.name,
      has_all_requested: person.kibana === 'all',
      cluster: {},
      index: { [`.alerts-security.alerts-${space}`]: { read: true } },
      application: {},
      is_authenticated: true,
      has_encryption_key: stack.hasEncryptionKey,
    }
  })
}
