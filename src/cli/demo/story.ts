// The demonstration as a list of steps. Each does one thing the product promises and throws when the
// promise does not hold; what it returns is what a person should see of it.

import { AppError } from '#kernel/error.ts'
import { formatDuration } from '#kernel/time.ts'

export interface Step<World> {
  /** In the imperative: `make an instance`. */
  readonly title: string
  readonly run: (world: World) => Promise<string>
}

export interface Telling<World> {
  readonly steps: readonly Step<World>[]
  readonly world: World
  readonly monotonicMs: () => number
  readonly say: (line: string) => void
}

/** Runs the steps in order and stops at the first that does not hold. Returns whether all held. */
export async function tell<World>(telling: Telling<World>): Promise<boolean> {
  const { steps, world, monotonicMs, say } = telling
  const startedMs = monotonicMs()
  for (const [index, { title, run }] of steps.entries()) {
    const beganMs = monotonicMs()
    const lead = `step ${index + 1} of ${steps.length}  ${title}`
    try {
      const seen = await run(world)
      say(`${lead}  (${Math.round(monotonicMs() - beganMs)} ms)`)
      say(`    ${seen}`)
    } catch (error) {
      say(`${lead}  FAILED`)
      say(`    ${error instanceof Error ? error.message : String(error)}`)
      if (!(error instanceof AppError || error instanceof Broken)) throw error
      return false
    }
  }
  const tookMs = Math.round(monotonicMs() - startedMs)
  say(`all ${steps.length} steps held, in ${formatDuration(tookMs)}`)
  return true
}

/** A promise of the product that did not hold. */
class Broken extends Error {}

export function expect(condition: unknown, promise: string): asserts condition {
  if (!condition) throw new Broken(`this did not hold: ${promise}`)
}

/** Expects `action` to be refused with `forbidden`, and returns the words of the refusal. */
export async function refusal(action: () => Promise<unknown>): Promise<string> {
  try {
    await action()
  } catch (error) {
    if (error instanceof AppError && error.code === 'forbidden') return error.message
    throw error
  }
  throw new Broken('this did not hold: it is refused')
}
