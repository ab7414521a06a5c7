// Which data models are accelerated, and how far their summaries reach. Where the list of summaries is
// closed to the credential, only whether one is turned on is known.
// Source: Splunk REST API, datamodel/model and admin/summarization (`tstats:DM_<app>_<model>`).

import type { Acceleration } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { instant, SECOND } from '#kernel/time.ts'
import type { SplunkClient } from './client.ts'
import { feed, figure, flag, readAs, type FeedEntry } from './replies.ts'

const MODELS_MAX = '2000'

export async function readAccelerations(
  client: SplunkClient,
  signal: AbortSignal,
): Promise<readonly Acceleration[]> {
  const what = 'which data models are accelerated'
  const reply = await client.send({
    path: '/servicesNS/-/-/datamodel/model',
    query: { count: MODELS_MAX, f: 'acceleration' },
    what,
    signal,
  })
  const models = readAs(feed, reply.body, what).entry
  const summaries = await readSummaries(client, signal)
  return models.map((model) => {
    const summary = summaries.get(`DM_${model.acl?.app ?? ''}_${model.name}`)
    return {
      name: model.name,
      isEnabled: isAccelerated(model),
      share: numberAt(summary, 'summary.complete'),
      reachesTo: instantAt(summary, 'summary.latest_time'),
      sizeMegabytes: numberAt(summary, 'summary.size'),
      lastError: textAt(summary, 'summary.last_error'),
    }
  })
}

async function readSummaries(
  client: SplunkClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FeedEntry>> {
  const what = 'the summaries of data models'
  const reply = await client.send({
    path: '/servicesNS/-/-/admin/summarization',
    query: { count: MODELS_MAX, by_tstats: '1' },
    what,
    accepts: [403, 404],
    signal,
  })
  if (reply.status >= 400) return new Map()
  const { entry } = readAs(feed, reply.body, what)
  return new Map(entry.map((one) => [one.name.replace(/^tstats:/, ''), one]))
}

/** A JSON text, as the rest of a model is. */
function isAccelerated({ content }: FeedEntry): boolean | null {
  const text = content['acceleration']
  try {
    const told = typeof text === 'string' ? (JSON.parse(text) as Json) : (text ?? null)
    if (typeof told !== 'object' || told === null || Array.isArray(told)) return null
    const read = flag.safeParse((told as { readonly [key: string]: Json })['enabled'])
    return read.success ? read.data : null
  } catch {
    return null
  }
}

function numberAt(summary: FeedEntry | undefined, name: string): number | null {
  const read = figure.safeParse(summary?.content[name])
  return read.success ? read.data : null
}

function instantAt(summary: FeedEntry | undefined, name: string) {
  const seconds = numberAt(summary, name)
  return seconds === null || seconds <= 0 ? null : instant(Math.round(seconds * SECOND))
}

function textAt(summary: FeedEntry | undefined, name: string): string | null {
  const value = summary?.content[name]
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 300) : null
}
