// What type events' fields have on the target, so that events of a test are read as stored ones would be.

import { AppError } from '#kernel/error.ts'
import { readAs, type ElasticClient } from './client.ts'
import { fieldCaps } from './replies.ts'

const NAMES_PER_CALL = 200

/** Only what is mapped, and mapped alike everywhere; none where nobody may look. */
export async function readFieldTypes(
  client: ElasticClient,
  indices: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const what = 'the fields of the events'
  const types = new Map<string, string>()
  for (let at = 0; at < names.length; at += NAMES_PER_CALL) {
    const fields = names.slice(at, at + NAMES_PER_CALL)
    const reply = await client.send({
      method: 'POST',
      path: `/${encodeURIComponent(indices)}/_field_caps`,
      body: { fields },
      what,
      accepts: [403, 404],
      signal,
    })
    if (reply.status >= 400) return types
    for (const [name, found] of Object.entries(readAs(fieldCaps, reply.body, what).fields)) {
      const [type, ...others] = Object.keys(found)
      if (type !== undefined && others.length === 0 && fields.includes(name)) types.set(name, type)
    }
  }
  return types
}

const EVENTS_MAX = 200

/** Throws `too_large`, `invalid` for what is no event. */
export function eventsOf(events: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] {
  if (events.length > EVENTS_MAX) {
    throw new AppError('too_large', `Elastic tests a query with at most ${EVENTS_MAX} events.`)
  }
  return events.map((event) => {
    const isEvent = typeof event === 'object' && event !== null && !Array.isArray(event)
    if (isEvent) return event as Readonly<Record<string, unknown>>
    throw new AppError('invalid', 'An event of a test is a JSON object.')
  })
}
