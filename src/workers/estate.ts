// The SIEMs of the demonstration, in a thread of their own: they bring the parsers of every language along
// and answer while the product is busy. Says once what there is, and to each message what was written to
// them; lives until it is ended.

import { parentPort } from 'node:worker_threads'
import { assert } from '#kernel/error.ts'
import { DAY, instant, MINUTE } from '#kernel/time.ts'
import { systemClock } from '#platform/clock.ts'
import { sampleEvents } from '#src/starter/sample-events.ts'
import { writesOn } from '#standins/estate/writes.ts'
import { startEstate } from '#standins/estate/estate.ts'

const port = parentPort
assert(port, 'this runs in a worker thread')

// The sample events lie in the 24 hours before now, so that a search of the last day finds them all.
const now = systemClock.now()
const events = sampleEvents(instant(now - (now % MINUTE) - DAY))
void serve()

async function serve(): Promise<void> {
  const { targets, standins } = await startEstate({ clock: systemClock, events })
  port!.on('message', () => port!.postMessage(writesOn(standins)))
  port!.postMessage(targets)
}
