// The sample events: a quiet day and the attack that happens in it.

import type { Instant } from '#kernel/time.ts'
import { quietDay } from './background.ts'
import type { SampleEvent } from './event.ts'
import { attackStory } from './story.ts'

/** What happens all day, what the attack leaves behind, or both. */
export type SamplePart = 'all' | 'quiet' | 'attack'

/** In the order of their times, over the 24 hours that begin at `day`. */
export function sampleEvents(day: Instant, part: SamplePart = 'all'): readonly SampleEvent[] {
  const story = part === 'quiet' ? [] : attackStory(day).map(({ event }) => event)
  const quiet = part === 'attack' ? [] : quietDay(day)
  return [...quiet, ...story].toSorted((a, b) =>
    a['@timestamp'] < b['@timestamp'] ? -1 : a['@timestamp'] > b['@timestamp'] ? 1 : 0,
  )
}
