// The detectors that the product keeps on OpenSearch: one for each log type and schedule, holding the rules
// it deployed. A detector is written whole and the last writer wins, so it is read just before, compared,
// and read back.

import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { z } from 'zod'
import { readAs, type OpensearchClient } from './client.ts'
import {
  aliases,
  detector as detectorSchema,
  found,
  readDetector,
  wroteRule,
  type DetectorBody,
} from './replies.ts'
import type { OpensearchSettings } from './settings.ts'

export const ANALYTICS = '/_plugins/_security_analytics'

export interface Detector {
  readonly id: string
  readonly version: number | null
  readonly body: DetectorBody
}

/** What a rule asks of its detector. */
export interface DetectorWish {
  readonly detector_type: string
  readonly enabled: boolean
  readonly schedule: { readonly period: { readonly interval: number; readonly unit: string } }
  readonly triggers: readonly { readonly [key: string]: Json }[]
}

const OURS = 'Rulewright '
const PAGE = 100
const DETECTORS_MAX = 2_000

export function isOurs({ body: { name } }: Detector): boolean {
  return name.startsWith(OURS)
}

export function rulesOf({ body }: Detector): readonly string[] {
  return body.inputs.flatMap(({ detector_input: input }) => input.custom_rules.map(({ id }) => id))
}

export async function listDetectors(
  client: OpensearchClient,
  signal: AbortSignal,
): Promise<readonly Detector[]> {
  const what = 'the detectors'
  const detectors: Detector[] = []
  for (let from = 0; from < DETECTORS_MAX; from += PAGE) {
    const reply = await client.send({
      method: 'POST',
      path: `${ANALYTICS}/detectors/_search`,
      body: { from, size: PAGE, query: { match_all: {} } },
      what,
      // The index comes with the first detector.
      accepts: [404],
      signal,
    })
    if (reply.status === 404) break
    const { hits } = readAs(found, reply.body, what).hits
    for (const hit of hits) {
      const body = readAs(detectorSchema, hit._source, what)
      detectors.push({ id: hit._id, version: hit._version ?? null, body })
    }
    if (hits.length < PAGE) break
  }
  return detectors
}

/**
 * Puts the rule into the detector that fits the wish, and takes it out of others of ours. Says whether
 * that detector had to be made.
 */
export async function attach(
  client: OpensearchClient,
  settings: OpensearchSettings,
  { ruleId, wish }: { readonly ruleId: string; readonly wish: DetectorWish },
  signal: AbortSignal,
): Promise<{ readonly isNew: boolean }> {
  const all = await listDetectors(client, signal)
  const name = nameOf(wish)
  const mine = all.find(({ body }) => body.name === name)
  if (mine === undefined) await create(client, settings, { name, ruleId, wish }, signal)
  else {
    await change(client, mine, withRule(ruleId, wish), signal)
  }
  for (const other of all) {
    if (other === mine || !isOurs(other) || !rulesOf(other).includes(ruleId)) continue
    await drop(client, other, ruleId, signal)
  }
  return { isNew: mine === undefined }
}

/** Takes the rule out of every detector of ours. */
export async function detach(
  client: OpensearchClient,
  ruleId: string,
  signal: AbortSignal,
): Promise<void> {
  for (const detector of await listDetectors(client, signal)) {
    if (isOurs(detector) && rulesOf(detector).includes(ruleId)) {
      await drop(client, detector, ruleId, signal)
    }
  }
}

function nameOf({ detector_type: type, schedule: { period } }: DetectorWish): string {
  return `${OURS}${type}, every ${period.interval} ${period.unit.toLowerCase()}`
}

async function create(
  client: OpensearchClient,
  { indices }: OpensearchSettings,
  {
    name,
    ruleId,
    wish,
  }: { readonly name: string; readonly ruleId: string; readonly wish: DetectorWish },
  signal: AbortSignal,
): Promise<void> {
  const names = indices.split(',').filter((each) => !each.startsWith('-'))
  for (const index of names) await mapFields(client, index, wish.detector_type, signal)
  await client.send({
    method: 'POST',
    path: `${ANALYTICS}/detectors`,
    body: {
      name,
      type: 'detector',
      detector_type: wish.detector_type,
      enabled: wish.enabled,
      schedule: wish.schedule,
      inputs: [
        {
          detector_input: {
            description: 'Rules that Rulewright deployed.',
            indices: names,
            custom_rules: [{ id: ruleId }],
            pre_packaged_rules: [],
          },
        },
      ],
      triggers: [...wish.triggers],
    },
    effect: 'write',
    what: 'the new detector',
    signal,
  })
}

/** Fields must be mapped before a detector is made, or it finds nothing. Throws what OpenSearch says of them. */
async function mapFields(
  client: OpensearchClient,
  index: string,
  topic: string,
  signal: AbortSignal,
): Promise<void> {
  const what = `the fields of ${index}`
  const view = await client.send({
    path: `${ANALYTICS}/mappings/view`,
    query: { index_name: index, rule_topic: topic },
    what,
    signal,
  })
  const { properties } = readAs(aliases, view.body, what)
  if (Object.keys(properties).length === 0) return
  await client.send({
    method: 'POST',
    path: `${ANALYTICS}/mappings`,
    body: { index_name: index, rule_topic: topic, partial: true, alias_mappings: { properties } },
    effect: 'write',
    what: `the mapping of ${what}`,
    signal,
  })
}

type Change = (body: DetectorBody) => DetectorBody

function withRule(ruleId: string, { triggers, enabled }: DetectorWish): Change {
  return (body) => {
    const known = new Set(body.triggers.map(({ name }) => name))
    return {
      ...withRules(body, (ids) => [...ids.filter((id) => id !== ruleId), ruleId]),
      enabled,
      triggers: [...body.triggers, ...triggers.filter(({ name }) => !known.has(name))],
    }
  }
}

function withRules(
  body: DetectorBody,
  change: (ids: readonly string[]) => readonly string[],
): DetectorBody {
  const inputs = body.inputs.map((input) => {
    const { detector_input: inner } = input
    const ids = change(inner.custom_rules.map(({ id }) => id))
    return { ...input, detector_input: { ...inner, custom_rules: ids.map((id) => ({ id })) } }
  })
  return { ...body, inputs }
}

/** A detector without rules finds nothing and is refused: the last rule takes it along. */
async function drop(
  client: OpensearchClient,
  detector: Detector,
  ruleId: string,
  signal: AbortSignal,
): Promise<void> {
  const others = rulesOf(detector).filter((id) => id !== ruleId)
  const packaged = detector.body.inputs.some(
    ({ detector_input: input }) => input.pre_packaged_rules.length > 0,
  )
  if (others.length > 0 || packaged) {
    await change(
      client,
      detector,
      (body) => withRules(body, (ids) => ids.filter((id) => id !== ruleId)),
      signal,
    )
    return
  }
  await client.send({
    method: 'DELETE',
    path: `${ANALYTICS}/detectors/${encodeURIComponent(detector.id)}`,
    effect: 'write',
    what: 'the removal of an empty detector',
    accepts: [404],
    signal,
  })
}

/** Throws `stale` when somebody wrote it between our look and our write, as far as that can be seen. */
async function change(
  client: OpensearchClient,
  seen: Detector,
  apply: Change,
  signal: AbortSignal,
): Promise<void> {
  const path = `${ANALYTICS}/detectors/${encodeURIComponent(seen.id)}`
  const what = 'the detector'
  const before = await read(client, path, signal)
  const { monitor_id: _, ...body } = apply(before.detector)
  await client.send({ method: 'PUT', path, body: body as Json, effect: 'write', what, signal })
  const after = await read(client, path, signal)
  const wanted = rulesOf({ id: '', version: null, body: apply(before.detector) })
  const has = new Set(rulesOf({ id: '', version: null, body: after.detector }))
  if (wanted.length === has.size && wanted.every((id) => has.has(id))) return
  throw new AppError(
    'stale',
    `Somebody else wrote the detector ${seen.body.name} at the same time.`,
  )
}

async function read(
  client: OpensearchClient,
  path: string,
  signal: AbortSignal,
): Promise<z.output<typeof readDetector>> {
  const what = 'the detector'
  const reply = await client.send({ path, what, signal })
  return readAs(readDetector, reply.body, what)
}

/** The id that the server picked. */
export function idOf(reply: { readonly body: Json | null }, what: string): string {
  return readAs(wroteRule, reply.body, what)._id
}
