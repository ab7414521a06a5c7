// Rules of Security Analytics: Sigma texts under ids that the server picks, run by detectors. A rule is on
// while a detector of ours holds it and runs.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import type { Json } from '#kernel/json.ts'
import { instant, type Instant } from '#kernel/time.ts'
import type { ObservedRule, RuleBody, SiemRules } from '#domain/targets/port.ts'
import { readAs, type OpensearchClient } from './client.ts'
import {
  ANALYTICS,
  attach,
  detach,
  idOf,
  isOurs,
  listDetectors,
  rulesOf,
  type Detector,
  type DetectorWish,
} from './detectors.ts'
import { found, type Hit } from './replies.ts'
import type { OpensearchSettings } from './settings.ts'

const PAGE = 200
/** What one search over rules can reach (index.max_result_window). */
const RULES_MAX = 10_000

export function openRules(client: OpensearchClient, settings: OpensearchSettings): SiemRules {
  const read = async (ref: string, signal: AbortSignal): Promise<ObservedRule | null> => {
    const { hits } = await searchRules(client, { terms: { _id: [ref] } }, 0, 1, signal)
    const [hit] = hits
    return hit === undefined ? null : observed(hit, await listDetectors(client, signal))
  }
  return {
    list: (signal) => listRules(client, signal),
    read,
    normalise,
    async put({ ref, body, replaces }, signal) {
      const isNew = replaces === null
      if (replaces !== null) await expectUnchanged(read, ref, replaces, signal)
      const wish = wishOf(body)
      const text = body['rule'] ?? replaces?.normalised['rule']
      const category = body['category'] ?? replaces?.normalised['category']
      if (typeof text !== 'string' || typeof category !== 'string') {
        throw new AppError('invalid', 'A rule of OpenSearch needs a Sigma text and a log type.')
      }
      const what = isNew ? 'the new rule' : 'the change of the rule'
      const reply = await client.send({
        method: isNew ? 'POST' : 'PUT',
        path: isNew ? `${ANALYTICS}/rules` : `${ANALYTICS}/rules/${encodeURIComponent(ref)}`,
        // Detectors of ours use it, which is why it is changed.
        query: isNew ? { category } : { category, forced: 'true' },
        text,
        effect: 'write',
        what,
        signal,
      })
      const id = idOf(reply, what)
      const attached =
        wish === null ? undefined : await attach(client, settings, { ruleId: id, wish }, signal)
      const rule = await readBack(read, id, signal)
      return attached?.isNew ? { ...rule, notices: [...rule.notices, FROM_NOW_ON] } : rule
    },
    async remove(ref, replaces, signal) {
      await expectUnchanged(read, ref, replaces, signal)
      await detach(client, ref, signal)
      await client.send({
        method: 'DELETE',
        path: `${ANALYTICS}/rules/${encodeURIComponent(ref)}`,
        query: { forced: 'true' },
        effect: 'write',
        what: 'the removal of the rule',
        signal,
      })
    },
    async setEnabled(ref, isEnabled, signal) {
      const now = await read(ref, signal)
      if (now === null) throw new AppError('not_found', 'OpenSearch does not have this rule.')
      if (now.isEnabled === isEnabled) return now
      if (isEnabled) {
        throw new AppError(
          'unsupported',
          'OpenSearch turns single rules on by deploying them again.',
        )
      }
      await detach(client, ref, signal)
      return readBack(read, ref, signal)
    },
  }
}

const FROM_NOW_ON = 'Its detector is new: it looks at what is indexed from now on.'

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────

async function searchRules(
  client: OpensearchClient,
  query: Json,
  from: number,
  size: number,
  signal: AbortSignal,
) {
  const what = 'the rules'
  const reply = await client.send({
    method: 'POST',
    path: `${ANALYTICS}/rules/_search`,
    query: { pre_packaged: 'false' },
    body: { from, size, query, track_total_hits: true, version: true },
    what,
    // The index comes with the first rule.
    accepts: [404],
    signal,
  })
  if (reply.status === 404) return { hits: [], total: 0 }
  const { hits } = readAs(found, reply.body, what)
  const { total = hits.hits.length } = hits
  return { hits: hits.hits, total: typeof total === 'number' ? total : total.value }
}

async function listRules(
  client: OpensearchClient,
  signal: AbortSignal,
): ReturnType<SiemRules['list']> {
  const detectors = await listDetectors(client, signal)
  const rules = new Map<string, ObservedRule>()
  const totals = new Set<number>()
  for (let from = 0; from < RULES_MAX; from += PAGE) {
    const { hits, total } = await searchRules(client, { match_all: {} }, from, PAGE, signal)
    totals.add(total)
    for (const hit of hits) rules.set(hit._id, observed(hit, detectors))
    if (from + hits.length >= total || hits.length === 0) break
  }
  const list = [...rules.values()]
  const [total = 0] = totals
  if (total > RULES_MAX) {
    return {
      rules: list,
      completeness: { kind: 'truncated', limit: `${RULES_MAX.toLocaleString('en')} rules` },
    }
  }
  if (totals.size > 1 || list.length < total) {
    const reason = 'Rules came or went while they were read.'
    return { rules: list, completeness: { kind: 'partial', reason } }
  }
  return { rules: list, completeness: { kind: 'complete' } }
}

const stored = z.object({
  category: z.string().default(''),
  title: z.string().default(''),
  level: z.string().default(''),
  rule: z.string().default(''),
  last_update_time: z.union([z.string(), z.number()]).nullish(),
})

function observed(hit: Hit, detectors: readonly Detector[]): ObservedRule {
  // Some releases nest the fields below `rule`.
  const inner = hit._source['rule']
  const isNested = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
  const rule = readAs(stored, isNested ? inner : hit._source, 'the rules')
  const holding = detectors.filter((detector) => rulesOf(detector).includes(hit._id))
  const mine = holding.find(isOurs)
  const seen = {
    category: rule.category,
    rule: rule.rule,
    ...(mine && { detector: mineOf(mine, rule.level) }),
  }
  return {
    ref: hit._id,
    name: rule.title,
    isEnabled: holding.some(({ body }) => body.enabled),
    raw: {
      _id: hit._id,
      ...(hit._version !== undefined && { _version: hit._version }),
      rule: hit._source,
      detectors: holding.map(({ id }) => id),
    },
    normalised: normalise(seen),
    etag: hit._version === undefined ? null : String(hit._version),
    changedAt: instantOf(rule.last_update_time),
    changedBy: null,
    notices: noticesOf(holding, mine),
  }
}

/** What a body says of its detector, as ours shows it for a rule of this level. */
function mineOf({ body }: Detector, level: string): Json {
  const triggers = body.triggers.filter(
    ({ sev_levels: levels }) => isList(levels) && levels.includes(level),
  )
  return {
    detector_type: body.detector_type,
    enabled: body.enabled,
    schedule: body.schedule ?? null,
    triggers,
  }
}

function noticesOf(holding: readonly Detector[], mine: Detector | undefined): readonly string[] {
  if (holding.length === 0) return ['No detector holds it, so it does not run.']
  const others = holding.filter((detector) => detector !== mine).map(({ body }) => body.name)
  return others.length === 0 ? [] : [`Also in ${others.join(', ')}, which somebody else keeps.`]
}

function instantOf(value: string | number | null | undefined): Instant | null {
  const at = typeof value === 'number' ? value : Date.parse(value ?? '')
  return Number.isFinite(at) && at > 0 ? instant(at) : null
}

// ── One spelling ─────────────────────────────────────────────────────────────────────────────────

/** The server adds ids to triggers, writes types by upper case, and ends a text as it likes. */
function normalise(body: RuleBody): RuleBody {
  const { category, rule, detector } = body
  const flat: Record<string, Json> = {}
  if (typeof category === 'string') flat['category'] = category.toLowerCase()
  if (typeof rule === 'string') flat['rule'] = rule.replaceAll('\r\n', '\n').trimEnd()
  if (typeof detector === 'object' && detector !== null && !isList(detector)) {
    for (const [key, value] of Object.entries(detector)) flat[`detector.${key}`] = plain(key, value)
  }
  return flat
}

function plain(key: string, value: Json): Json {
  if (key === 'detector_type') return typeof value === 'string' ? value.toLowerCase() : value
  if (key !== 'triggers' || !isList(value)) return value
  const triggers = value.map((trigger) => {
    const members = Object.entries(trigger as { readonly [name: string]: Json })
    return Object.fromEntries(
      members
        .filter(([name, item]) => name !== 'id' && !(isList(item) && item.length === 0))
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    )
  })
  return triggers.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

const wishes = z.object({
  detector_type: z.string(),
  enabled: z.boolean().default(true),
  schedule: z.object({ period: z.object({ interval: z.number(), unit: z.string() }) }),
  triggers: z.array(z.record(z.string(), z.custom<Json>())).default([]),
})

/** null: the body says nothing of a detector. */
function wishOf({ detector }: RuleBody): DetectorWish | null {
  if (detector === undefined) return null
  const read = wishes.safeParse(detector)
  if (read.success) return read.data
  const message = 'The detector of this rule needs a log type, a schedule and triggers.'
  throw new AppError('invalid', message, { cause: read.error })
}

type Read = (ref: string, signal: AbortSignal) => Promise<ObservedRule | null>

async function expectUnchanged(
  read: Read,
  ref: string,
  before: ObservedRule,
  signal: AbortSignal,
): Promise<void> {
  const now = await read(ref, signal)
  if (now === null)
    throw new AppError('stale', `${before.name} was deleted on OpenSearch meanwhile.`)
  const isSame =
    now.etag === before.etag && contentHash(now.normalised) === contentHash(before.normalised)
  if (!isSame) throw new AppError('stale', `${before.name} was changed on OpenSearch meanwhile.`)
}

async function readBack(read: Read, ref: string, signal: AbortSignal): Promise<ObservedRule> {
  const now = await read(ref, signal)
  if (now !== null) return now
  throw new AppError('upstream', 'The rule was written, and OpenSearch does not show it.')
}
