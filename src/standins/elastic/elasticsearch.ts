// Elasticsearch as far as the product asks it: over plain data, with the errors and headers that the
// vendor's client looks for. Source: its API specification and @elastic/elasticsearch 9.4.3, which judges it.

import { Hono, type Context } from 'hono'
import type { Json } from '#kernel/json.ts'
import { OpensearchError } from '#standins/opensearch/errors.ts'
import type { Members } from '#standins/opensearch/query.ts'
import {
  mappingOf,
  matchingDocuments,
  openPit,
  search,
  validateQuery,
} from '#standins/opensearch/search.ts'
import type { Answerer } from '#standins/server.ts'
import {
  apiKeysOf,
  authenticated,
  hasPrivileges,
  identify,
  requireCluster,
  requireRead,
  type Person,
  type PrivilegeQuestion,
} from './access.ts'
import {
  drop,
  findSearch,
  poll,
  prepareEql,
  prepareEsql,
  statusOf,
  stop,
  submit,
  tasksOf,
  type Prepared,
} from './async.ts'
import { ElasticError, errorReply } from './errors.ts'
import { dropIndex, fillIndex, makeIndex } from './indices.ts'
import type { Stack } from './stack.ts'

export function elasticsearchAnswers(stack: Stack): Answerer {
  const app = new Hono()
  app.use('*', async (context, next) => {
    who(stack, context)
    await next()
    context.res.headers.set('X-elastic-product', 'Elasticsearch')
  })
  // What both clusters share refuses in the same words.
  app.onError((error) =>
    errorReply(
      error instanceof OpensearchError
        ? new ElasticError(error.status, error.type, error.message)
        : error,
    ),
  )
  app.notFound(({ req }) => {
    const text = `no handler found for uri [${req.path}] and method [${req.method}]`
    return errorReply(new ElasticError(400, 'illegal_argument_exception', text))
  })
  serveCluster(app, stack)
  serveEsql(app, stack)
  serveEql(app, stack)
  serveSearch(app, stack)
  serveIndices(app, stack)
  return (request) => app.fetch(request)
}

function who(stack: Stack, context: Context): Person {
  return identify(stack, context.req.header('authorization'))
}

async function bodyOf(context: Context): Promise<Members> {
  const text = await context.req.text()
  return text === '' ? {} : (JSON.parse(text) as Members)
}

const reply = (body: Json, headers: Record<string, string> = {}) => Response.json(body, { headers })

function serveCluster(app: Hono, stack: Stack): void {
  app.get('/', () =>
    reply({
      name: 'node-1',
      cluster_name: 'standin',
      cluster_uuid: 'A1',
      version: {
        number: stack.version,
        build_flavor: 'default',
        build_type: 'tar',
        build_hash: 'abc',
        build_date: '2026-01-01T00:00:00.000Z',
        build_snapshot: false,
        lucene_version: '10.2.2',
        minimum_wire_compatibility_version: '8.19.0',
        minimum_index_compatibility_version: '8.0.0',
      },
      tagline: 'You Know, for Search',
    }),
  )
  app.get('/_security/_authenticate', (context) => reply(authenticated(who(stack, context))))
  app.get('/_security/api_key', (context) => reply(apiKeysOf(stack, who(stack, context))))
  app.on(['GET', 'POST'], '/_security/user/_has_privileges', async (context) => {
    const asked = (await bodyOf(context)) as unknown as PrivilegeQuestion
    return reply(hasPrivileges(who(stack, context), asked))
  })
  app.get('/_tasks', (context) => {
    requireCluster(who(stack, context), 'monitor', 'cluster:monitor/tasks/lists')
    return reply(tasksOf(stack))
  })
}

const asyncHeaders = (body: Json): Record<string, string> => {
  const { id, is_running: isRunning } = body as { id?: string; is_running: boolean }
  return {
    ...(id !== undefined && { 'X-Elasticsearch-Async-Id': id }),
    'X-Elasticsearch-Async-Is-Running': isRunning ? '?1' : '?0',
  }
}

const warningOf = ({ warning }: Prepared): Record<string, string> =>
  warning === null ? {} : { Warning: warning }

function serveEsql(app: Hono, stack: Stack): void {
  const prepared = async (context: Context) => {
    const body = await bodyOf(context)
    const made = prepareEsql(stack, body)
    const person = who(stack, context)
    for (const pattern of made.patterns) requireRead(person, pattern, 'indices:data/read/esql')
    return { body, made }
  }
  app.post('/_query', async (context) => {
    const { made } = await prepared(context)
    return reply(made.run(), warningOf(made))
  })
  app.post('/_query/async', async (context) => {
    const { body, made } = await prepared(context)
    const opaqueId = context.req.header('x-opaque-id') ?? ''
    const answer = submit(stack, 'esql', made, { body, opaqueId })
    return reply(answer, { ...warningOf(made), ...asyncHeaders(answer) })
  })
  app.get('/_query/async/:id', (context) => {
    const answer = poll(stack, findSearch(stack, context.req.param('id')))
    return reply(answer, asyncHeaders(answer))
  })
  app.post('/_query/async/:id/stop', (context) => {
    const answer = stop(findSearch(stack, context.req.param('id')), stack)
    return reply(answer, asyncHeaders(answer))
  })
  app.delete('/_query/async/:id', (context) => reply(drop(stack, context.req.param('id'))))
}

function serveEql(app: Hono, stack: Stack): void {
  app.on(['GET', 'POST'], '/:index/_eql/search', async (context) => {
    const pattern = context.req.param('index')
    requireRead(who(stack, context), pattern, 'indices:data/read/eql')
    const body = await bodyOf(context)
    const made = prepareEql(stack, pattern, body)
    const isAsync = body['keep_on_completion'] === true
    const opaqueId = context.req.header('x-opaque-id') ?? ''
    if (isAsync) return reply(submit(stack, 'eql', made, { body, opaqueId }))
    return reply({ is_running: false, is_partial: false, ...(made.run() as object) })
  })
  app.get('/_eql/search/status/:id', (context) =>
    reply(statusOf(stack, findSearch(stack, context.req.param('id')))),
  )
  app.get('/_eql/search/:id', (context) =>
    reply(poll(stack, findSearch(stack, context.req.param('id')))),
  )
  app.delete('/_eql/search/:id', (context) => reply(drop(stack, context.req.param('id'))))
}

function serveSearch(app: Hono, stack: Stack): void {
  const pattern = (context: Context): string => {
    const named = context.req.param('index') ?? '*'
    requireRead(who(stack, context), named, 'indices:data/read/search')
    return named
  }
  app.on(['GET', 'POST'], '/_search', async (context) =>
    reply(search(stack, null, await bodyOf(context))),
  )
  app.on(['GET', 'POST'], '/:index/_search', async (context) => {
    const body = await bodyOf(context)
    return reply(search(stack, pattern(context), body))
  })
  app.post('/:index/_pit', (context) => {
    const named = pattern(context)
    const opened = openPit(stack, named, context.req.query('keep_alive') ?? '1m')
    const { pit_id: id, _shards } = opened as { pit_id: string; _shards: Json }
    return reply({ id, _shards })
  })
  app.delete('/_pit', async (context) => {
    const { id } = (await bodyOf(context)) as { id: string }
    const isFreed = stack.pits.delete(id)
    const status = isFreed ? 200 : 404
    return Response.json({ succeeded: true, num_freed: isFreed ? 1 : 0 }, { status })
  })
  app.on(['GET', 'POST'], '/:index/_validate/query', async (context) => {
    pattern(context)
    return reply(validateQuery(await bodyOf(context)))
  })
  app.on(['GET', 'POST'], '/:index/_field_caps', (context) =>
    reply(fieldCaps(stack, pattern(context))),
  )
  app.get('/_resolve/index/:name', (context) => {
    const names = matchingDocuments(stack, context.req.param('name')).map(({ index }) => index)
    const indices = [...new Set(names)].map((name) => ({ name, attributes: ['open'] }))
    return reply({ indices, aliases: [], data_streams: [] })
  })
}

function serveIndices(app: Hono, stack: Stack): void {
  app.put('/:index', (context) =>
    reply(makeIndex(stack, who(stack, context), context.req.param('index'))),
  )
  app.post('/:index/_bulk', async (context) =>
    reply(
      fillIndex(stack, who(stack, context), context.req.param('index'), await context.req.text()),
    ),
  )
  app.delete('/:index', (context) =>
    reply(dropIndex(stack, who(stack, context), context.req.param('index'))),
  )
}

interface Property {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Property>>
}

function fieldCaps(stack: Stack, pattern: string): Json {
  const mappings = mappingOf(stack, pattern) as unknown as Record<
    string,
    { mappings: { properties: Record<string, Property> } }
  >
  const fields: Record<string, Record<string, Json>> = {}
  const add = (prefix: string, properties: Readonly<Record<string, Property>>) => {
    for (const [name, { type, properties: inner }] of Object.entries(properties)) {
      if (inner !== undefined) add(`${prefix}${name}.`, inner)
      if (type === undefined) continue
      const capability = { type, metadata_field: false, searchable: true, aggregatable: true }
      fields[prefix + name] = { ...fields[prefix + name], [type]: capability }
    }
  }
  for (const { mappings: each } of Object.values(mappings)) add('', each.properties)
  return { indices: Object.keys(mappings), fields }
}
