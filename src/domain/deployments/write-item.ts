// One item on its target: written, or taken back. Every call goes through a step, so that it is made once;
// when an answer never comes, what stands there tells whether it was taken.

import type { ObservedRule } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import { SECOND } from '#kernel/time.ts'
import { fieldsThatDiffer } from '#languages/rule-formats/observed/observed.ts'
import { restoringBody } from '#languages/rule-formats/write/restore.ts'
import type { JobContext } from '#platform/jobs/define.ts'
import { isRefusal } from '#platform/jobs/ending.ts'
import { pause } from '#platform/turns.ts'
import {
  forgetsWhenOff,
  isBegun,
  isWritten,
  judgeOutcome,
  standingHash,
  writtenBody,
  type Item,
} from './item.ts'
import { readStanding, type Place } from './places.ts'

export type Way = 'write' | 'undo'

export type Outcome =
  | { readonly kind: 'done'; readonly ref: string }
  /** Nobody can tell. */
  | { readonly kind: 'unknown'; readonly reason: string }

export interface WriteTools {
  readonly installId: string
  readonly step: JobContext<unknown>['step']
  /** Does not abort when a person cancels: a call that was begun is waited for. */
  readonly signal: AbortSignal
}

/** Sent again after so long, when what stands there says that the first one never arrived. */
const AGAIN_MS = SECOND

/**
 * Throws what the target refuses, and `upstream` or `timeout` while it cannot be asked. `wasSent`: an
 * earlier run may have sent it.
 */
export async function makeWrite(
  place: Place,
  item: Item,
  way: Way,
  wasSent: boolean,
  tools: WriteTools,
): Promise<Outcome> {
  if (wasSent) {
    const found = await lookAt(place, item, way, tools)
    if (found !== 'not_done' && found !== 'begun') return found
  }
  let mayHaveBegun = wasSent
  const step = {
    stepId: `${way}:${item.number}`,
    idempotencyKey: `${item.deploymentId}:${item.number}`,
    desiredHash: contentHash([item.action, item.marker, item.body]),
    call: async (): Promise<Outcome> => {
      const ref = await send(place, item, way, { ...tools, mayHaveBegun })
      return { kind: 'done', ref }
    },
  }
  try {
    return await tools.step<Outcome>(step)
  } catch (error) {
    if (isRefusal(error) || tools.signal.aborted || !(error instanceof AppError)) throw error
    mayHaveBegun = true
    await pause(AGAIN_MS, tools.signal)
    return tools.step<Outcome>(step)
  }
}

/** What became of a call whose answer never came. */
export async function lookAt(
  place: Place,
  item: Item,
  way: Way,
  { installId, signal }: Pick<WriteTools, 'installId' | 'signal'>,
): Promise<Outcome | 'not_done' | 'begun'> {
  const now = await readStanding(place, item, installId, signal)
  const judged =
    way === 'write' ? judgeOutcome(place.rules, item, now) : judgeUndone(place, item, now)
  if (judged === 'not_done' || judged === 'begun') return judged
  if (judged === 'done') return { kind: 'done', ref: now?.ref ?? item.ref }
  const reason = `What stands at ${item.targetName} is neither what was there nor what was to be written.`
  return { kind: 'unknown', reason }
}

interface SendTools extends WriteTools {
  /** Something of it may stand there already. */
  readonly mayHaveBegun: boolean
}

async function send(place: Place, item: Item, way: Way, tools: SendTools): Promise<string> {
  return way === 'write' ? forward(place, item, tools) : back(place, item, tools)
}

async function forward(place: Place, item: Item, tools: SendTools): Promise<string> {
  const { rules } = place
  const { signal, installId, mayHaveBegun } = tools
  const { action, ref, before } = item
  switch (action) {
    case 'adopt':
    case 'unmanage':
      return ref
    case 'resume':
      if (item.body === null) return (await rules.setEnabled(ref, true, signal)).ref
      return (await rules.put({ ref, body: item.body, replaces: before }, signal)).ref
    case 'pause':
      return (await rules.setEnabled(ref, false, signal)).ref
    case 'remove':
      if (before !== null) await rules.remove(ref, before, signal)
      return ref
    case 'add':
    case 'change': {
      const body = writtenBody(item)!
      const now = mayHaveBegun ? await readStanding(place, item, installId, signal) : null
      const replaces = now !== null && isBegun(item, now) ? now : before
      return (await rules.put({ ref: replaces?.ref ?? ref, body, replaces }, signal)).ref
    }
  }
}

/** Throws `stale` where somebody changed since what was written. */
async function back(place: Place, item: Item, tools: WriteTools): Promise<string> {
  const { rules } = place
  const { action, before, kind, ref } = item
  const now = await readStanding(place, item, tools.installId, tools.signal)
  if (!isAsWritten(place, item, now)) {
    throw new AppError('stale', `${item.ruleTitle} was changed on ${item.targetName} since.`)
  }
  const isForgotten = action === 'pause' && forgetsWhenOff(kind)
  if ((action === 'pause' || action === 'resume') && !isForgotten) {
    return (await rules.setEnabled(ref, before?.isEnabled ?? action === 'pause', tools.signal)).ref
  }
  if (before === null) {
    if (now !== null) await rules.remove(now.ref, now, tools.signal)
    return ref
  }
  const body = restoringBody(kind, before, now === null ? null : item.body)
  return (await rules.put({ ref, body, replaces: now }, tools.signal)).ref
}

function isAsWritten({ rules }: Place, item: Item, now: ObservedRule | null): boolean {
  const { action, after } = item
  if (action === 'remove') return now === null
  if (now === null) return false
  if (after !== null) return standingHash(now) === standingHash(after)
  if (action === 'add' || action === 'change') {
    return isBegun(item, now) || isWritten(rules, item, now)
  }
  return now.isEnabled === (action === 'resume')
}

function judgeUndone(
  place: Place,
  item: Item,
  now: ObservedRule | null,
): 'done' | 'not_done' | 'unknown' {
  if (isBack(item, now)) return 'done'
  return isAsWritten(place, item, now) ? 'not_done' : 'unknown'
}

/** Whether it stands again as it stood before. */
export function isBack({ before, kind }: Item, now: ObservedRule | null): boolean {
  if (before === null || now === null) return before === now
  return fieldsThatDiffer(kind, before.normalised, now.normalised).length === 0
}
