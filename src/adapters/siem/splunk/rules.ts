// Rules as saved searches, correlation searches of Enterprise Security among them. Splunk has no optimistic
// write: what stands there is compared with what was seen just before. Every write is read back.

import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import { instant, type Instant } from '#kernel/time.ts'
import type { ObservedRule, RuleBody, SiemRules } from '#domain/targets/port.ts'
import type { SplunkClient } from './client.ts'
import { feed, readAs, type FeedEntry } from './replies.ts'
import { formOf, normaliseBody } from './rule-body.ts'
import {
  isOn,
  LEAN,
  placeIn,
  readSavedSearches,
  refOf,
  runsByItself,
  type Place,
} from './saved-searches.ts'
import type { SplunkSettings } from './settings.ts'

export function openRules(client: SplunkClient, settings: SplunkSettings): SiemRules {
  const read = (ref: string, signal: AbortSignal) => readRule(client, placeOf(ref), signal)
  return {
    list: (signal) => listRules(client, settings, signal),
    read,
    normalise: normaliseBody,
    refOf: (name) => refOf({ owner: 'nobody', app: settings.app, name }),
    async put({ ref, body, replaces }, signal) {
      const place = placeOf(ref)
      if (replaces === null) return create(client, settings, place, body, signal)
      const now = await expectUnchanged(client, place, replaces, signal)
      // Splunk wants the search in every update.
      const form = { search: searchIn(now), ...formOf(body) }
      await client.send({
        method: 'POST',
        path: pathOf(place),
        form,
        effect: 'write',
        what: 'the change of the saved search',
        signal,
      })
      return readBack(client, place, signal)
    },
    async remove(ref, replaces, signal) {
      const place = placeOf(ref)
      await expectUnchanged(client, place, replaces, signal)
      await client.send({
        method: 'DELETE',
        path: pathOf(place),
        effect: 'write',
        what: 'the removal of the saved search',
        signal,
      })
      if ((await readRule(client, place, signal)) === null) return
      const message = `${place.name} comes with the application ${place.app}: Splunk only took back what was changed.`
      throw new AppError('conflict', message)
    },
    async setEnabled(ref, isEnabled, signal) {
      const place = placeOf(ref)
      await client.send({
        method: 'POST',
        path: `${pathOf(place)}/${isEnabled ? 'enable' : 'disable'}`,
        form: {},
        effect: 'write',
        what: 'the switch of the saved search',
        signal,
      })
      return readBack(client, place, signal)
    },
  }
}

// ── Where a rule stands ──────────────────────────────────────────────────────────────────────────

function placeOf(ref: string): Place {
  const [, owner, app, name] = /^([^/]+)\/([^/]+)\/(.+)$/s.exec(ref) ?? []
  if (owner !== undefined && app !== undefined && name !== undefined) return { owner, app, name }
  throw new AppError('invalid', 'A saved search is named as owner/application/name.')
}

function pathOf({ owner, app, name }: Place): string {
  const parts = [owner, app].map(encodeURIComponent).join('/')
  return `/servicesNS/${parts}/saved/searches/${encodeURIComponent(name)}`
}

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────

async function listRules(client: SplunkClient, settings: SplunkSettings, signal: AbortSignal) {
  const { entries, completeness } = await readSavedSearches(client, signal)
  const found = entries.filter((entry) => isIn(entry, settings) && runsByItself(entry))
  const rules = new Map(found.map(observed).map((rule) => [rule.ref, rule]))
  return { rules: [...rules.values()], completeness }
}

function isIn({ acl }: FeedEntry, { apps }: SplunkSettings): boolean {
  return apps.length === 0 || apps.includes(acl?.app ?? '')
}

async function readRule(
  client: SplunkClient,
  place: Place,
  signal: AbortSignal,
): Promise<ObservedRule | null> {
  const what = 'the saved search'
  const reply = await client.send({
    path: pathOf(place),
    query: LEAN,
    what,
    accepts: [404],
    signal,
  })
  if (reply.status === 404) return null
  const entries = readAs(feed, reply.body, what).entry
  // A private search of the same name may stand beside the one that was asked for.
  const found = entries.find((entry) => refOf(placeIn(entry)) === refOf(place)) ?? entries[0]
  return found === undefined ? null : observed(found)
}

function observed(entry: FeedEntry): ObservedRule {
  const { content, acl, name } = entry
  const { 'action.email.auth_password': _, ...shown } = content
  return {
    ref: refOf(placeIn(entry)),
    name,
    isEnabled: content['disabled'] === undefined ? null : !isOn(content['disabled']),
    raw: { name, acl: { app: '', owner: '', sharing: '', ...acl }, content: shown },
    normalised: normaliseBody(content),
    etag: null,
    changedAt: changedAt(entry.updated),
    changedBy: null,
    notices: noticesOf(entry),
  }
}

/** Splunk writes 1970 where it keeps no time. */
function changedAt(text = ''): Instant | null {
  const at = Date.parse(text)
  return Number.isFinite(at) && at > 0 ? instant(at) : null
}

function noticesOf({ acl, content }: FeedEntry): readonly string[] {
  const notices: string[] = []
  if (acl?.sharing === 'user') notices.push(`Private to ${acl.owner}: nobody else sees it.`)
  if (acl?.can_write === false) notices.push('This credential may not change it.')
  if (isOn(content['orphan']))
    notices.push('Its owner does not exist any more, so Splunk does not run it.')
  if (!isOn(content['is_scheduled']))
    notices.push('It has no schedule, so it does not run by itself.')
  return notices
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

async function create(
  client: SplunkClient,
  settings: SplunkSettings,
  place: Place,
  body: RuleBody,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const what = 'the new saved search'
  const reply = await client.send({
    method: 'POST',
    path: `/servicesNS/${encodeURIComponent(place.owner)}/${encodeURIComponent(place.app)}/saved/searches`,
    form: { ...formOf(body), name: place.name },
    effect: 'write',
    what,
    signal,
  })
  // What a person's context makes is theirs alone until it is shared.
  await client.send({
    method: 'POST',
    path: `${pathOf(place)}/acl`,
    form: { sharing: settings.sharing, owner: place.owner },
    effect: 'write',
    what: 'the sharing of the new saved search',
    signal,
  })
  const found = await readRule(client, place, signal)
  if (found !== null) return found
  // Another member of a cluster may answer before it has heard of it; what the first one said counts.
  const [entry] = readAs(feed, reply.body, what).entry
  if (entry === undefined)
    throw new AppError('upstream', 'Splunk made the saved search and does not show it.')
  const made = observed(entry)
  const notice = 'The member of the cluster that answers does not show it yet.'
  return { ...made, notices: [...made.notices, notice] }
}

/** Throws `stale` when somebody was faster. */
async function expectUnchanged(
  client: SplunkClient,
  place: Place,
  before: ObservedRule,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const now = await readRule(client, place, signal)
  if (now === null) throw new AppError('stale', `${place.name} was deleted on Splunk meanwhile.`)
  const isSameTime =
    now.changedAt === null || before.changedAt === null || now.changedAt === before.changedAt
  if (isSameTime && contentHash(now.normalised) === contentHash(before.normalised)) return now
  throw new AppError('stale', `${place.name} was changed on Splunk meanwhile.`)
}

async function readBack(
  client: SplunkClient,
  place: Place,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const found = await readRule(client, place, signal)
  if (found !== null) return found
  throw new AppError('upstream', `${place.name} was written, and Splunk does not show it.`)
}

function searchIn({ normalised }: ObservedRule): string {
  const { search } = normalised
  return typeof search === 'string' ? search : ''
}
