// When a service took an event in: it keeps that beside each, outside of its columns, and our evaluator has
// no such place. Events of a stand-in say it as `_TimeReceived`; those that do not came in at once.

import type { EventRecord } from '#languages/evaluation.ts'

const RECEIVED = '_TimeReceived'

export function withIngestionTime(
  query: string,
  tables: ReadonlyMap<string, readonly EventRecord[]>,
  time: string,
): string {
  const words = new Set(query.match(/\w+/g))
  const isSaid = [...tables].some(
    ([name, events]) => words.has(name) && events.some((event) => RECEIVED in event),
  )
  const told = isSaid ? `coalesce(todatetime(${RECEIVED}), ${time})` : time
  return query.replaceAll(/\bingestion_time\(\)/g, told)
}
