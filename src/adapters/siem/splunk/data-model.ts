// A data model as splunkd shows it: a JSON document within the feed. What it finds is said by searches in it,
// its constraints, and by lookups. Source: splunk-sdk 2.0.2, lib/service.js, DataModel.

import { z } from 'zod'
import type { DependenciesAnswer } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import type { FeedEntry } from './replies.ts'

type Told = DependenciesAnswer['dependencies'][number]

const calculation = z.object({ lookupName: z.string().optional() })
const model = z.object({
  displayName: z.string().optional(),
  objects: z
    .array(
      z.object({
        baseSearch: z.string().optional(),
        constraints: z.array(z.object({ search: z.string() })).default([]),
        calculations: z.array(calculation).default([]),
      }),
    )
    .default([]),
})

/** A document that cannot be read is kept as it came: a change of it is a change all the same. */
export function modelOf({ name, content }: FeedEntry): Told {
  const description = parsed(content['description'])
  const acceleration = parsed(content['acceleration'])
  const read = model.safeParse(description)
  const own = { kind: 'datamodel', name, definition: { model: description, acceleration } } as const
  if (!read.success) return own
  const { displayName, objects } = read.data
  const searches = objects.flatMap(({ baseSearch, constraints }) => [
    ...(baseSearch === undefined ? [] : [baseSearch]),
    ...constraints.map(({ search }) => search),
  ])
  const lookups = objects.flatMap(({ calculations }) =>
    calculations.flatMap(({ lookupName }) => lookupName ?? []),
  )
  return {
    ...own,
    ...(displayName !== undefined && displayName !== name && { title: displayName }),
    queries: [...new Set(searches)].map((text) => ({ language: 'spl', text })),
    names: [...new Set(lookups)].map((lookup) => ({ kind: 'lookup', name: lookup })),
  }
}

function parsed(value: Json | undefined): Json {
  if (typeof value !== 'string') return value ?? null
  try {
    return JSON.parse(value) as Json
  } catch {
    return value
  }
}
