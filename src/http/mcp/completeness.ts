// Whether an answer is all there is, what it lacks and how to get that: read off the answer itself, which
// says so in one of a few ways. In our own words alone: nothing of the answer is quoted.

import { z } from 'zod'

export interface Completeness {
  readonly complete: boolean
  readonly leftOut: string | null
  readonly rest: string | null
}

export interface Asked {
  readonly tool: string
  /** What it was called with, defaults filled in. */
  readonly query: unknown
}

const WHOLE: Completeness = { complete: true, leftOut: null, rest: null }

const missing = (leftOut: string, rest: string): Completeness => ({
  complete: false,
  leftOut,
  rest,
})

type Reader = (value: Readonly<Record<string, unknown>>, asked: Asked) => Completeness | undefined

export function completenessOf(value: unknown, asked: Asked): Completeness {
  if (typeof value !== 'object' || value === null) return WHOLE
  for (const read of READERS) {
    const found = read(value as Readonly<Record<string, unknown>>, asked)
    if (found) return found
  }
  return WHOLE
}

const Searched = z.object({
  id: z.string(),
  outcome: z.string(),
  segments: z.array(
    z.object({
      n: z.int(),
      state: z.string(),
      completeness: z.object({ kind: z.string() }).nullable(),
    }),
  ),
})

/** Of a search, as far as it is; its rows are told apart from it. */
const ofSearch: Reader = (value) => {
  const { data } = Searched.safeParse(value)
  if (!data) return undefined
  const { id, outcome, segments } = data
  if (outcome === 'running') {
    return missing(
      'What has not come yet: the search still runs.',
      `Call get_search with id ${id} again until its outcome is not running.`,
    )
  }
  const short = segments.filter(({ completeness }) => completeness?.kind !== 'complete')
  if (short.length === 0) return WHOLE
  const named = short.map(({ n, state }) => `${n} (${state})`).join(', ')
  return missing(
    `Not everything came from these segments: ${named}. Each says why in completeness and reason.`,
    'Ask again with a shorter time, fewer targets or a narrower query.',
  )
}

const ofPage: Reader = ({ next }, { tool }) => {
  if (next === undefined) return undefined
  if (next === null) return WHOLE
  return missing(
    'What follows on the next page.',
    `Call ${tool} again with the same arguments and cursor set to the next of this result.`,
  )
}

const CAPPED = new Set(['truncated', 'partial'])

/** What says `completeness` of itself. */
const ofCapped: Reader = ({ completeness, count }) => {
  if (typeof completeness !== 'string') return undefined
  if (!CAPPED.has(completeness)) return WHOLE
  const all = typeof count === 'number' ? ` There were ${count} in all.` : ''
  return missing(
    `What is beyond what one answer holds.${all}`,
    'Ask again with fewer rules, fewer events or a narrower query.',
  )
}

const Slice = z.object({ offset: z.int(), limit: z.int() })

/** A part of a numbered list. */
const ofSlice: Reader = ({ items, itemCount }, { tool, query }) => {
  const { data } = Slice.safeParse(query)
  if (!data || !Array.isArray(items) || typeof itemCount !== 'number') return undefined
  const seen = data.offset + items.length
  if (seen >= itemCount) return WHOLE
  return missing(
    `Items after number ${seen} of ${itemCount}.`,
    `Call ${tool} again with offset ${seen}.`,
  )
}

/** A list that tells how many there are. */
const ofCounted: Reader = ({ items, count }, { tool }) => {
  if (!Array.isArray(items) || typeof count !== 'number' || count <= items.length) return undefined
  return missing(
    `${count - items.length} of ${count}: one answer holds no more.`,
    `Call ${tool} again with arguments that narrow it.`,
  )
}

const Limited = z.object({ limit: z.int() })

/** The newest so many, with no word on how many there are. */
const ofNewest: Reader = (value, { tool, query }) => {
  const { data } = Limited.safeParse(query)
  if (!data) return undefined
  const isFull = Object.values(value).some((one) => Array.isArray(one) && one.length >= data.limit)
  if (!isFull) return undefined
  return missing(
    `There may be older ones: this holds the newest ${data.limit}.`,
    `Call ${tool} again with a larger limit.`,
  )
}

const READERS: readonly Reader[] = [ofSearch, ofPage, ofCapped, ofSlice, ofCounted, ofNewest]
