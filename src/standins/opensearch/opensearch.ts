// An OpenSearch cluster with Security Analytics on one port, over plain data. Source: the project's API
// specification and @opensearch-project/opensearch 3.9.0, which judges it.

import { Hono, type Context } from 'hono'
import type { Json } from '#kernel/json.ts'
import { SHOWN_BY } from '#standins/exchange.ts'
import type { Answerer } from '#standins/server.ts'
import type { Cluster } from './cluster.ts'
import { errorReply, OpensearchError } from './errors.ts'
import type { Members } from './query.ts'
import { mappingOf, openPit, search, validateQuery } from './search.ts'
import {
  detectorReply,
  getDetector,
  removeRule,
  searchDetectors,
  searchFindings,
  searchRules,
  writeDetector,
  writeRule,
} from './security-analytics.ts'

const ANALYTICS = '/_plugins/_security_analytics'

export function opensearchAnswers(cluster: Cluster): Answerer {
  const app = new Hono()
  app.use('*', async (context, next) => {
    identify(cluster, context)
    await next()
  })
  app.onError((error) => {
    if (error instanceof OpensearchError) return errorReply(error)
    throw error
  })
  app.notFound(({ req }) =>
    errorReply(
      new OpensearchError(
        400,
        'illegal_argument_exception',
        `no handler found for uri [${req.path}]`,
      ),
    ),
  )
  serveRules(app, cluster)
  serveDetectors(app, cluster)
  serveSearch(app, cluster)
  return (request) => app.fetch(request)
}

interface Person {
  readonly name: string
  readonly roles: readonly string[]
}

/** By the certificate where no password is sent. Throws 401, as the security plugin does in plain text. */
function identify(cluster: Cluster, context: Context): Person {
  const shownBy = context.req.header(SHOWN_BY) ?? ''
  const shown = context.req.header('authorization') === undefined && cluster.users[shownBy]
  if (shown) return { name: shownBy, roles: shown.roles }
  const [, secret = ''] = /^Basic (.+)$/.exec(context.req.header('authorization') ?? '') ?? []
  const [name = '', password] = Buffer.from(secret, 'base64').toString().split(':')
  const user = cluster.users[name]
  if (user !== undefined && user.password === password) return { name, roles: user.roles }
  throw new OpensearchError(401, 'security_exception', 'Unauthorized')
}

function require(cluster: Cluster, context: Context, ...roles: readonly string[]): void {
  const person = identify(cluster, context)
  if (person.roles.some((role) => role === 'all_access' || roles.includes(role))) return
  const text = `no permissions for [${context.req.path}] and User [name=${person.name}]`
  throw new OpensearchError(403, 'security_exception', text)
}

async function bodyOf(context: Context): Promise<Members> {
  const text = await context.req.text()
  return text === '' ? {} : (JSON.parse(text) as Members)
}

function serveSearch(app: Hono, cluster: Cluster): void {
  const mayRead = (context: Context) => require(cluster, context, 'logs_read')
  app.get('/', (context) =>
    context.json({
      name: 'node-1',
      cluster_name: 'standin',
      cluster_uuid: 'A1',
      version: { distribution: 'opensearch', number: cluster.version, build_type: 'tar' },
      tagline: 'The OpenSearch Project: https://opensearch.org/',
    }),
  )
  app.get('/_plugins/_security/authinfo', (context) => {
    const { name, roles } = identify(cluster, context)
    return context.json({ user_name: name, roles, backend_roles: [], tenants: {} })
  })
  app.on(['GET', 'POST'], '/_search', async (context) => {
    mayRead(context)
    return context.json(search(cluster, null, await bodyOf(context)) as object)
  })
  app.on(['GET', 'POST'], '/:index/_search', async (context) => {
    mayRead(context)
    return context.json(
      search(cluster, context.req.param('index'), await bodyOf(context)) as object,
    )
  })
  app.post('/:index/_search/point_in_time', (context) => {
    mayRead(context)
    const keepAlive = context.req.query('keep_alive') ?? '1m'
    return context.json(openPit(cluster, context.req.param('index'), keepAlive) as object)
  })
  app.delete('/_search/point_in_time', async (context) => {
    const { pit_id: ids = [] } = await bodyOf(context)
    const pits = (ids as readonly string[]).map((id) => ({
      pit_id: id,
      successful: cluster.pits.delete(id),
    }))
    return context.json({ pits })
  })
  app.on(['GET', 'POST'], '/:index/_validate/query', async (context) => {
    mayRead(context)
    return context.json(validateQuery(await bodyOf(context)) as object)
  })
  app.get('/:index/_mapping', (context) => {
    mayRead(context)
    return context.json(mappingOf(cluster, context.req.param('index')) as object)
  })
}

const reply = (body: Json, status = 200) => Response.json(body, { status })

const mayReadRules = (cluster: Cluster, context: Context) =>
  require(cluster, context, 'security_analytics_read_access', 'security_analytics_full_access')
const mayWriteRules = (cluster: Cluster, context: Context) =>
  require(cluster, context, 'security_analytics_full_access')

function serveRules(app: Hono, cluster: Cluster): void {
  const ruleOf = async ({ req }: Context, id?: string) => ({
    ...(id !== undefined && { id }),
    category: req.query('category') ?? '',
    text: await req.text(),
    isForced: req.query('forced') === 'true',
  })
  app.post(`${ANALYTICS}/rules/_search`, async (context) => {
    mayReadRules(cluster, context)
    const isPrepackaged = context.req.query('pre_packaged') === 'true'
    return reply(searchRules(cluster, await bodyOf(context), isPrepackaged))
  })
  app.post(`${ANALYTICS}/rules`, async (context) => {
    mayWriteRules(cluster, context)
    const { status, body } = writeRule(cluster, await ruleOf(context))
    return reply(body, status)
  })
  app.put(`${ANALYTICS}/rules/:id`, async (context) => {
    mayWriteRules(cluster, context)
    return reply(writeRule(cluster, await ruleOf(context, context.req.param('id'))).body)
  })
  app.delete(`${ANALYTICS}/rules/:id`, (context) => {
    mayWriteRules(cluster, context)
    const isForced = context.req.query('forced') === 'true'
    return reply(removeRule(cluster, context.req.param('id'), isForced))
  })
  app.get(`${ANALYTICS}/mappings/view`, (context) => {
    mayReadRules(cluster, context)
    const properties = { 'process-name': { type: 'alias', path: 'process.name' } }
    return reply({ properties, unmapped_field_aliases: [], unmapped_index_fields: [] })
  })
  app.post(`${ANALYTICS}/mappings`, (context) => {
    mayWriteRules(cluster, context)
    if (cluster.mappingFails === null) return reply({ acknowledged: true })
    throw new OpensearchError(400, 'security_analytics_exception', cluster.mappingFails)
  })
}

function serveDetectors(app: Hono, cluster: Cluster): void {
  app.post(`${ANALYTICS}/detectors/_search`, async (context) => {
    mayReadRules(cluster, context)
    return reply(searchDetectors(cluster, await bodyOf(context)))
  })
  app.post(`${ANALYTICS}/detectors`, async (context) => {
    mayWriteRules(cluster, context)
    return reply(writeDetector(cluster, undefined, await bodyOf(context)), 201)
  })
  app.get(`${ANALYTICS}/detectors/:id`, (context) => {
    mayReadRules(cluster, context)
    return reply(detectorReply(getDetector(cluster, context.req.param('id'))))
  })
  app.put(`${ANALYTICS}/detectors/:id`, async (context) => {
    mayWriteRules(cluster, context)
    return reply(writeDetector(cluster, context.req.param('id'), await bodyOf(context)))
  })
  app.delete(`${ANALYTICS}/detectors/:id`, (context) => {
    mayWriteRules(cluster, context)
    const { id, version } = getDetector(cluster, context.req.param('id'))
    cluster.detectors.delete(id)
    return reply({ _id: id, _version: version })
  })
  app.get(`${ANALYTICS}/findings/_search`, (context) => {
    mayReadRules(cluster, context)
    return reply(searchFindings(cluster, new URL(context.req.url).searchParams))
  })
  app.get('/_plugins/_alerting/monitors/alerts', (context) => {
    mayReadRules(cluster, context)
    const detector = (context.req.query('monitorId') ?? '').replace(/^monitor-/, '')
    const message = cluster.monitorErrors.get(detector)
    const alerts =
      message === undefined ? [] : [{ id: 'a', state: 'ERROR', error_message: message }]
    return reply({ alerts, totalAlerts: alerts.length })
  })
}
