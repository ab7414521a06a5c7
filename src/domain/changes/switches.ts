// What rules become when exclusions over them end: compiled as it will be then, so that it is signed together
// with what runs until then.

import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import {
  makeRenders,
  type ExclusionToCome,
  type MadeRenders,
  type TextToRender,
} from '#domain/rules/renders/actions.ts'

export interface RendersThen {
  readonly at: Instant
  readonly renders: MadeRenders
}

/** An end later than so many others over one rule finds nothing that was signed, and asks somebody. */
const ENDS_MAX = 10

/** In the order of the texts, each with its ends in their order. `made` is what they become now. */
export async function renderAtEnds(
  house: House,
  caller: Caller,
  texts: readonly TextToRender[],
  made: readonly MadeRenders[],
  toCome: readonly ExclusionToCome[],
): Promise<readonly (readonly RendersThen[])[]> {
  const then = texts.map((): RendersThen[] => [])
  const ends = made.map((one) => one.ends.slice(0, ENDS_MAX))
  for (const at of [...new Set(ends.flat())].toSorted((a, b) => a - b)) {
    const which = texts.flatMap((_, index) => (ends[index]!.includes(at) ? [index] : []))
    const some = which.map((index) => texts[index]!)
    const renders = await makeRenders(house, { ...caller, now: at }, some, toCome)
    for (const [place, index] of which.entries())
      then[index]!.push({ at, renders: renders[place]! })
  }
  return then
}
