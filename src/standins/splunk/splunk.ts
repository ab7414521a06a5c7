// A Splunk search head's management port over an estate: sign-in, search jobs of both versions, saved
// searches with namespaces and ACLs, macros, fired alerts. Source: splunk-sdk 2.0.2, which judges it.

import { Hono, type Context } from 'hono'
import type { Json } from '#kernel/json.ts'
import type { Answerer } from '#standins/server.ts'
import { contextEntry, identify, login, roleEntry, tokenEntries, userEntry } from './access.ts'
import { mayWrite, type Estate } from './estate.ts'
import { errorReply, feed, SplunkError, type FeedEntry } from './feed.ts'
import { jobRoutes } from './job-routes.ts'
import {
  createSavedSearch,
  deleteSavedSearch,
  entryOf,
  findSavedSearch,
  listSavedSearches,
  pageOf,
  shareSavedSearch,
  updateSavedSearch,
} from './saved-searches.ts'

/** One request, read: who asks, in which namespace, with which form. */
export interface Asking {
  readonly estate: Estate
  readonly user: string
  readonly owner: string
  readonly app: string
  /** Without the namespace: `/saved/searches`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly form: URLSearchParams
}

export type Handler = (asking: Asking, ...names: string[]) => Response
export type SplunkRoute = readonly [method: string, path: RegExp, handler: Handler]

const URL_CHARS_MAX = 8_192

export function splunkAnswers(estate: Estate): Answerer {
  const app = new Hono()
  app.all('*', (context) => serve(estate, context))
  return (request) => app.fetch(request)
}

async function serve(estate: Estate, context: Context): Promise<Response> {
  const url = new URL(context.req.url)
  const form = new URLSearchParams(await context.req.text())
  const isJson = (url.searchParams.get('output_mode') ?? form.get('output_mode') ?? '').startsWith(
    'json',
  )
  try {
    if (url.pathname.length + url.search.length > URL_CHARS_MAX) {
      return new Response('<html>414</html>', { status: 414 })
    }
    if (url.pathname === '/services/auth/login') return signIn(estate, form)
    const user = identify(estate, context.req.raw.headers)
    const place = placeOf(url.pathname.replace(/\/$/, ''), user)
    return route({ estate, user, ...place, query: url.searchParams, form }, context.req.method)
  } catch (error) {
    if (error instanceof SplunkError) return errorReply(error, isJson)
    throw error
  }
}

function signIn(estate: Estate, form: URLSearchParams): Response {
  const { key, reply } = login(estate, form)
  const headers = new Headers()
  if (form.get('cookie') === '1') {
    headers.append('set-cookie', `splunkd_8089=${key}; Path=/; HttpOnly`)
    headers.append('set-cookie', 'member=one; Path=/')
  }
  return Response.json(reply, { headers })
}

function placeOf(pathname: string, user: string) {
  const spaced = /^\/servicesNS\/([^/]+)\/([^/]+)(\/.*)$/.exec(pathname)
  if (spaced) {
    const [owner, app] = [spaced[1]!, spaced[2]!].map(decodeURIComponent)
    return { owner: owner!, app: app!, path: spaced[3]! }
  }
  const plain = /^\/services(\/.*)$/.exec(pathname)
  if (!plain) throw new SplunkError(404, 'Not Found')
  return { owner: user, app: 'search', path: plain[1]! }
}

function route(asking: Asking, method: string): Response {
  for (const [verb, pattern, handler] of ROUTES) {
    const match = verb === method ? pattern.exec(asking.path) : null
    if (match === null) continue
    // A group that took no part is undefined, whatever its type says.
    const names = match.slice(1).map((part: string | undefined) => decodeURIComponent(part ?? ''))
    return handler(asking, ...names)
  }
  throw new SplunkError(404, 'Not Found')
}

const json = (value: Json, status = 200) => Response.json(value, { status })
const one = ({ estate, path }: Asking, entry: FeedEntry, status = 200) =>
  json(feed(estate, path, [entry]), status)

const ROUTES: readonly SplunkRoute[] = [
  ['GET', /^\/server\/info(?:\/server-info)?$/, serverInfo],
  ['GET', /^\/authentication\/current-context$/, (asking) => one(asking, contextEntry(asking))],
  [
    'GET',
    /^\/authentication\/users\/([^/]+)$/,
    (asking, name) => one(asking, userEntry(asking, name)),
  ],
  [
    'GET',
    /^\/authorization\/roles\/([^/]+)$/,
    (asking, name) => one(asking, roleEntry(asking, name)),
  ],
  ['GET', /^\/authorization\/tokens$/, tokens],
  ['GET', /^\/apps\/local\/([^/]+)$/, localApp],
  ['GET', /^\/configs\/conf-macros$/, macros],
  ['GET', /^\/data\/transforms\/lookups$/, lookups],
  ['GET', /^\/datamodel\/model$/, dataModels],
  ['GET', /^\/admin\/summarization$/, summaries],
  ['GET', /^\/alerts\/fired_alerts$/, firedAlerts],
  ['GET', /^\/alerts\/fired_alerts\/([^/]+)$/, firedAlert],
  ['GET', /^\/saved\/searches$/, list],
  ['POST', /^\/saved\/searches$/, create],
  ['GET', /^\/saved\/searches\/([^/]+)$/, read],
  ['POST', /^\/saved\/searches\/([^/]+)$/, update],
  ['DELETE', /^\/saved\/searches\/([^/]+)$/, remove],
  ['POST', /^\/saved\/searches\/([^/]+)\/acl$/, share],
  ['POST', /^\/saved\/searches\/([^/]+)\/(enable|disable)$/, enable],
  ...jobRoutes,
]

function tokens(asking: Asking): Response {
  return json(feed(asking.estate, asking.path, tokenEntries(asking)))
}

function list(asking: Asking): Response {
  const entries = listSavedSearches(asking.estate, asking).map(entryOf)
  return json(pageOf(asking.estate, asking.path, entries, asking.query))
}

function create(asking: Asking): Response {
  return one(asking, entryOf(createSavedSearch(asking.estate, asking, asking.form)), 201)
}

function read(asking: Asking, name = ''): Response {
  return one(asking, entryOf(findSavedSearch(asking.estate, asking, name)))
}

function serverInfo(asking: Asking): Response {
  const { version, serverName } = asking.estate
  return one(asking, {
    name: 'server-info',
    path: '/services/server/info/server-info',
    content: {
      version,
      build: '0b8d769cb912',
      serverName,
      product_type: 'enterprise',
      guid: 'A-1',
    },
  })
}

function localApp(asking: Asking, name = ''): Response {
  const found = asking.estate.apps[name]
  if (found === undefined) throw new SplunkError(404, `Could not find object id=${name}`)
  const canWrite = mayWrite(asking.estate, asking.user, found.writers)
  return one(asking, {
    name,
    path: `/servicesNS/nobody/system/apps/local/${name}`,
    content: { label: found.label, disabled: false, visible: true, version: '1.0.0' },
    acl: {
      app: name,
      owner: 'nobody',
      sharing: 'app',
      can_write: canWrite,
      modifiable: canWrite,
      removable: false,
      perms: { read: ['*'], write: found.writers },
    },
  })
}

function macros({ estate, path, app, query }: Asking): Response {
  const entries = [...estate.macros].map(([name, macro]): FeedEntry => ({
    name,
    path: `/servicesNS/nobody/${app}/configs/conf-macros/${encodeURIComponent(name)}`,
    content: {
      definition: macro.definition,
      args: macro.arguments.join(','),
      iseval: macro.isEval === true,
      disabled: false,
    },
  }))
  return json(pageOf(estate, path, entries, query))
}

/** A file is looked up by a name of its own, or by that of the file. */
function lookups({ estate, path, app, query }: Asking): Response {
  const entries = [...estate.lookups].map(([name, rows]): FeedEntry => ({
    name,
    path: `/servicesNS/nobody/${app}/data/transforms/lookups/${encodeURIComponent(name)}`,
    content: {
      filename: name,
      type: 'file',
      fields_list: Object.keys(rows[0] ?? {}).join(', '),
    },
  }))
  return json(pageOf(estate, path, entries, query))
}

/** All of them stand in one. */
const MODELS_IN = 'search'

function dataModels({ estate, path, app, query }: Asking): Response {
  const entries = [...estate.dataModels].map(([name, model]): FeedEntry => ({
    name,
    path: `/servicesNS/nobody/${app}/datamodel/model/${encodeURIComponent(name)}`,
    acl: { app: MODELS_IN, owner: 'nobody', sharing: 'app', can_write: true },
    content: {
      description: JSON.stringify(model),
      acceleration: JSON.stringify({ enabled: estate.summaries.has(name) }),
      disabled: false,
    },
  }))
  return json(pageOf(estate, path, entries, query))
}

/** Of accelerated data models only; named by application and model. */
function summaries({ estate, path, query }: Asking): Response {
  const entries = [...estate.summaries].map(
    ([model, { share, latest, lastError = '' }]): FeedEntry => {
      const id = `DM_${MODELS_IN}_${model}`
      const name = `tstats:${id}`
      return {
        name,
        path: `/servicesNS/nobody/${MODELS_IN}/admin/summarization/${encodeURIComponent(name)}`,
        content: {
          'summary.id': id,
          'summary.complete': String(share),
          'summary.latest_time': String(Math.floor(latest / 1_000)),
          'summary.size': '12.500',
          'summary.is_inprogress': '0',
          'summary.last_error': lastError,
        },
      }
    },
  )
  return json(pageOf(estate, path, entries, query))
}

function firedAlerts({ estate, path, app, query }: Asking): Response {
  const groups = Map.groupBy(estate.fired, ({ savedSearch }) => savedSearch)
  const entry = (name: string, count: number): FeedEntry => ({
    name,
    path: `/servicesNS/nobody/${app}/alerts/fired_alerts/${encodeURIComponent(name)}`,
    content: { triggered_alert_count: count },
  })
  const entries = [...groups].map(([name, fired]) => entry(name, fired.length))
  return json(pageOf(estate, path, [entry('-', estate.fired.length), ...entries], query))
}

function firedAlert({ estate, path, query }: Asking, name = ''): Response {
  const fired = estate.fired.filter(({ savedSearch }) => name === '-' || savedSearch === name)
  const entries = fired.map(({ savedSearch, sid, severity, at }, index): FeedEntry => ({
    name: `${sid}_${index}`,
    path: `${path}/${sid}`,
    content: { savedsearch_name: savedSearch, sid, severity, trigger_time: Math.floor(at / 1_000) },
  }))
  return json(pageOf(estate, path, entries, query))
}

function update(asking: Asking, name = ''): Response {
  const saved = findSavedSearch(asking.estate, asking, name)
  updateSavedSearch(asking.estate, asking.user, saved, asking.form)
  return one(asking, entryOf(saved))
}

function remove(asking: Asking, name = ''): Response {
  const { estate, user, path } = asking
  deleteSavedSearch(estate, user, findSavedSearch(estate, asking, name))
  return json(feed(estate, path, listSavedSearches(estate, asking).map(entryOf)))
}

function share(asking: Asking, name = ''): Response {
  const saved = findSavedSearch(asking.estate, asking, name)
  shareSavedSearch(asking.estate, asking.user, saved, asking.form)
  return one(asking, entryOf(saved))
}

function enable(asking: Asking, name = '', verb = ''): Response {
  const saved = findSavedSearch(asking.estate, asking, name)
  const form = new URLSearchParams({ disabled: verb === 'disable' ? '1' : '0' })
  updateSavedSearch(asking.estate, asking.user, saved, form)
  return one(asking, entryOf(saved))
}
