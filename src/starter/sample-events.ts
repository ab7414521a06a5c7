// The sample events: a quiet day and the attack that happens in it.

import type { Instant } from '#kernel/time.ts'
import { quietDay } from './background.ts'
import type { SampleEvent } from './event.ts'
import { attackStory } from './story.ts'

/** In the order of their times, over the 24 hours that begin at `day`. */
export function sampleEvents(day: Instant): readonly SampleEvent[] {
  const story = attackStory(day).map(({ event }) => event)
  return [...quietDay(day), ...story].toSorted((a, b) =>
    a['@timestamp'] < b['@timestamp'] ? -1 : a['@timestamp'] > b['@timestamp'] ? 1 : 0,
  )
}
