// Saved searches as REST has them: whoever reads one gets every default beside what was written, with
// booleans and numbers retyped field by field. What is kept is text, as in savedsearches.conf.

import type { Json } from '#kernel/json.ts'
import { instant } from '#kernel/time.ts'
import { capabilitiesOf, mayWrite, type Estate, type SavedSearch } from './estate.ts'
import { feed, SplunkError, type FeedEntry } from './feed.ts'

/** The type of a default is the type REST gives the field in. */
const DEFAULTS: Readonly<Record<string, Json>> = {
  'action.email': false,
  'action.email.sendresults': '',
  'action.email.to': '',
  'action.populate_lookup': false,
  'action.rss': false,
  'action.script': false,
  'action.summary_index': false,
  actions: '',
  'alert.digest_mode': true,
  'alert.expires': '24h',
  'alert.managedBy': '',
  'alert.severity': 3,
  'alert.suppress': '',
  'alert.suppress.fields': '',
  'alert.suppress.group_name': '',
  'alert.suppress.period': '',
  'alert.track': '0',
  alert_comparator: '',
  alert_condition: '',
  alert_threshold: '',
  alert_type: 'always',
  allow_skew: '0',
  auto_summarize: false,
  'auto_summarize.cron_schedule': '*/10 * * * *',
  cron_schedule: '',
  defer_scheduled_searchable_idxc: '0',
  description: '',
  disabled: false,
  'dispatch.auto_cancel': '0',
  'dispatch.auto_pause': '0',
  'dispatch.buckets': 0,
  'dispatch.earliest_time': '',
  'dispatch.index_earliest': '',
  'dispatch.index_latest': '',
  'dispatch.indexedRealtime': '',
  'dispatch.latest_time': '',
  'dispatch.lookups': true,
  'dispatch.max_count': 500_000,
  'dispatch.max_time': 0,
  'dispatch.reduce_freq': 10,
  'dispatch.rt_backfill': false,
  'dispatch.sample_ratio': '1',
  'dispatch.spawn_process': true,
  'dispatch.ttl': '2p',
  displayview: '',
  'durable.lag_time': '0',
  'durable.track_time_type': '',
  'embed.enabled': '0',
  is_scheduled: false,
  is_visible: true,
  max_concurrent: 1,
  realtime_schedule: true,
  'request.ui_dispatch_app': '',
  'request.ui_dispatch_view': '',
  restart_on_searchpeer_add: true,
  run_n_times: 0,
  run_on_startup: false,
  schedule_as: 'auto',
  schedule_priority: 'default',
  schedule_window: '0',
  search: '',
  skip_scheduled_realtime_idxc: '0',
  vsid: '',
  workload_pool: '',
}

const PREFIXES = /^(?:action|alert|args|auto_summarize|dispatch|display|durable|embed|request)\./

interface Asked {
  readonly user: string
  readonly owner: string
  readonly app: string
}

/** Those of a namespace that the user sees; `-` is any. */
export function listSavedSearches(estate: Estate, { user, owner, app }: Asked): SavedSearch[] {
  return estate.savedSearches.filter((saved) => {
    const isMine = saved.sharing !== 'user' || saved.owner === user || mayWrite(estate, user, [])
    const isOwned = owner === '-' || saved.sharing !== 'user' || saved.owner === owner
    const isHere = app === '-' || saved.app === app || saved.sharing === 'global'
    return isMine && isOwned && isHere
  })
}

export function findSavedSearch(estate: Estate, asked: Asked, name: string): SavedSearch {
  const found = listSavedSearches(estate, asked).find((saved) => saved.name === name)
  if (found) return found
  throw new SplunkError(404, `Could not find object id=${name}`)
}

export function createSavedSearch(
  estate: Estate,
  asked: Asked,
  form: URLSearchParams,
): SavedSearch {
  const name = form.get('name')
  if (name === null || name.trim() === '')
    throw new SplunkError(400, 'The following required arguments are missing: name.')
  if (!form.get('search'))
    throw new SplunkError(400, 'The following required arguments are missing: search.')
  const { app, owner, user } = asked
  const isPrivate = owner !== 'nobody' && owner !== '-'
  const isThere = estate.savedSearches.some(
    (saved) => saved.name === name && saved.app === app && (!isPrivate || saved.owner === owner),
  )
  if (isThere) {
    const text = `Unable to create saved search with name '${name}'. A saved search with that name already exists.`
    throw new SplunkError(409, text)
  }
  if (!isPrivate) refuseUnlessWriter(estate, user, estate.apps[app]?.writers ?? [])
  const saved: SavedSearch = {
    name,
    app,
    owner: isPrivate ? owner : 'nobody',
    sharing: isPrivate ? 'user' : 'app',
    readers: ['*'],
    writers: estate.apps[app]?.writers ?? [],
    updated: estate.clock.now(),
    settings: new Map(),
  }
  writeSettings(estate, user, saved, form)
  estate.savedSearches.push(saved)
  return saved
}

export function updateSavedSearch(
  estate: Estate,
  user: string,
  saved: SavedSearch,
  form: URLSearchParams,
): void {
  refuseUnlessWriter(estate, user, saved.writers)
  if (form.has('name'))
    throw new SplunkError(400, 'Argument "name" is not supported by this handler.')
  writeSettings(estate, user, saved, form)
  saved.updated = instant(estate.clock.now())
}

/** What is shipped with an application reappears as it was shipped. */
export function deleteSavedSearch(estate: Estate, user: string, saved: SavedSearch): void {
  refuseUnlessWriter(estate, user, saved.writers)
  if (saved.shipped) saved.settings = new Map(saved.shipped)
  else estate.savedSearches = estate.savedSearches.filter((other) => other !== saved)
}

export function shareSavedSearch(
  estate: Estate,
  user: string,
  saved: SavedSearch,
  form: URLSearchParams,
): void {
  refuseUnlessWriter(estate, user, saved.writers)
  const [sharing, owner] = [form.get('sharing'), form.get('owner')]
  if (!sharing || !owner) {
    const missing = [sharing ? '' : 'sharing', owner ? '' : 'owner'].filter(Boolean)
    throw new SplunkError(
      400,
      `The following required arguments are missing: ${missing.join(', ')}.`,
    )
  }
  saved.sharing = sharing as SavedSearch['sharing']
  saved.owner = owner
  const list = (key: string) => form.get(key)?.split(',')
  saved.readers = list('perms.read') ?? saved.readers
  saved.writers = list('perms.write') ?? saved.writers
}

function refuseUnlessWriter(estate: Estate, user: string, writers: readonly string[]): void {
  if (mayWrite(estate, user, writers)) return
  const text = `User '${user}' with roles { ${(estate.users[user]?.roles ?? []).join(', ')} } cannot write: insufficient permission to access this resource`
  throw new SplunkError(403, text)
}

function writeSettings(
  estate: Estate,
  user: string,
  saved: SavedSearch,
  form: URLSearchParams,
): void {
  const given = [...form].filter(([key]) => key !== 'name' && key !== 'output_mode')
  for (const [key, value] of given) {
    const isKnown = key in DEFAULTS || PREFIXES.test(key)
    if (!isKnown) throw new SplunkError(400, `Argument "${key}" is not supported by this handler.`)
    if (
      key === 'is_scheduled' &&
      isTrue(value) &&
      !capabilitiesOf(estate, user).includes('schedule_search')
    ) {
      throw new SplunkError(
        403,
        `User '${user}' lacks the capability schedule_search: insufficient permission`,
      )
    }
    if (key === 'cron_schedule' && value !== '' && value.trim().split(/\s+/).length !== 5) {
      throw new SplunkError(400, `Invalid cron_schedule="${value}"`)
    }
    if (typeof DEFAULTS[key] === 'number' && !/^\d+$/.test(value)) {
      throw new SplunkError(400, `Argument "${key}" must be an integer.`)
    }
  }
  // A conf file keeps no white space at the ends of a value.
  for (const [key, value] of given) saved.settings.set(key, value.trim())
  const on = [...saved.settings].flatMap(([key, value]) => {
    const [, action] = /^action\.([\w-]+)$/.exec(key) ?? []
    return action !== undefined && isTrue(value) ? [action] : []
  })
  const isSwitch = given.some(([key]) => /^action\.[\w-]+$/.test(key))
  if (isSwitch && !form.has('actions')) saved.settings.set('actions', on.join(', '))
}

function isTrue(value: string): boolean {
  return /^(?:1|t|true|y|yes)$/i.test(value)
}

export function contentOf(saved: SavedSearch): Record<string, Json> {
  const content: Record<string, Json> = { ...DEFAULTS }
  for (const [key, text] of saved.settings) content[key] = typed(key, text)
  return {
    ...content,
    'eai:acl': null,
    next_scheduled_time: content.is_scheduled === true ? '2026-11-21 10:05:00 UTC' : '',
    qualifiedSearch: `search  ${saved.settings.get('search') ?? ''}`,
  }
}

function typed(key: string, text: string): Json {
  const known = DEFAULTS[key]
  if (typeof known === 'boolean') return isTrue(text)
  if (typeof known === 'number') return Number(text)
  // The switch of an action that REST has no default for is given as it stands in the file.
  if (known === '0' && /^(?:true|false)$/i.test(text)) return isTrue(text) ? '1' : '0'
  return text
}

export function entryOf(saved: SavedSearch): FeedEntry {
  const owner = saved.sharing === 'user' ? saved.owner : 'nobody'
  return {
    name: saved.name,
    path: `/servicesNS/${owner}/${saved.app}/saved/searches/${encodeURIComponent(saved.name)}`,
    updated: new Date(saved.updated).toISOString().replace(/\.\d+Z$/, '+00:00'),
    author: saved.owner,
    content: contentOf(saved),
    acl: {
      app: saved.app,
      can_list: true,
      can_write: true,
      modifiable: true,
      owner: saved.owner,
      perms: { read: saved.readers, write: saved.writers },
      removable: saved.shipped === undefined,
      sharing: saved.sharing,
    },
  }
}

/** A page of a collection: `count` 0 or -1 is all of it, 30 where nothing is said. */
export function pageOf(
  estate: Estate,
  path: string,
  all: readonly FeedEntry[],
  query: URLSearchParams,
): Json {
  const count = Number(query.get('count') ?? 30)
  const offset = Number(query.get('offset') ?? 0)
  const wanted = query.getAll('f')
  const page = all.slice(offset, count <= 0 ? undefined : offset + count).map((entry) => {
    if (wanted.length === 0) return entry
    const content = Object.entries(entry.content as Record<string, Json>)
    return {
      ...entry,
      content: Object.fromEntries(content.filter(([key]) => wanted.includes(key))),
    }
  })
  return feed(estate, path, page, { total: all.length, perPage: count, offset })
}
