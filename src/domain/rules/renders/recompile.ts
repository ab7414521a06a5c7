// Pending rules compiled again, all of them in one job: those that become what they were are only renewed.

import { permit } from '#domain/access/permission.ts'
import { contentHash } from '#kernel/hash.ts'
import type { JobId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import { getRule } from '#domain/rules/rule-store.ts'
import type { RenderedBody } from './body.ts'
import { recompileJob } from './jobs.ts'
import { selectIdle, selectPending, selectRenders } from './store.ts'
import type { Rendering } from './render.ts'
import { keepRenders, makeRenders, readForRender, RENDERER, type RuleToRender } from './actions.ts'

/** Compiles everything that is pending, as a job. Audited. */
export async function startRecompiling(house: House, caller: Caller): Promise<JobId> {
  permit(caller, 'rule.write')
  return house.db.write(caller, async (tx) => {
    const title = 'Compile pending rules'
    const jobId = await house.jobs.enqueue(tx, caller, recompileJob, { takes: 'all' }, { title })
    await house.audit.record(tx, caller, { action: 'rule.recompile', target: jobId, data: {} })
    return jobId
  })
}

export interface RecompileRun {
  readonly takes: 'same' | 'all'
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

export interface Recompiled {
  readonly compiled: number
  /** They become something else, and wait for a person. */
  readonly waiting: number
}

const PAGE_RULES = 100

export async function recompile(
  house: House,
  caller: Caller,
  { takes, signal, report }: RecompileRun,
): Promise<Recompiled> {
  permit(caller, 'rule.write')
  let [compiled, waiting] = [0, 0]
  for (let after: RuleId | null = null; ;) {
    signal.throwIfAborted()
    const reader = house.db.read(caller.scope)
    const page = { renderer: RENDERER, limit: PAGE_RULES, after }
    const ids = await selectPending(reader, caller.scope, page)
    const again = await compileAgain(house, caller, ids)
    await house.db.write(caller, async (tx) => {
      for (const { rule, made, isSame, isIdle } of again) {
        const { version } = await getRule(tx, tx.scope, rule.id)
        // Whoever saved meanwhile has compiled the newer text already.
        if (version !== rule.version) continue
        if (takes === 'all' || isSame || isIdle) {
          await keepRenders(tx, caller, rule, made)
          compiled += 1
        } else waiting += 1
      }
    })
    await nextTurn() // the reader is not used in the turn of a commit
    report({ done: compiled + waiting, total: null, unit: 'rules', note: noteOf(waiting) })
    if (ids.length < PAGE_RULES) return { compiled, waiting }
    after = ids.at(-1)!
  }
}

const noteOf = (waiting: number) => (waiting === 0 ? '' : `${waiting} become something else`)

async function compileAgain(house: House, caller: Caller, ids: readonly RuleId[]) {
  const { scope } = caller
  const reader = house.db.read(scope)
  const idle = new Set(await selectIdle(reader, scope, ids))
  const rules: RuleToRender[] = []
  const before: RenderedRule[] = []
  for (const id of ids) {
    rules.push(await readForRender(reader, scope, id))
    const renderings = await selectRenders(reader, scope, id, RENDERER)
    before.push({ renderings, bodies: renderings.flatMap(({ bodies }) => bodies) })
  }
  const made = await makeRenders(house, caller, rules)
  return rules.map((rule, at) => {
    const [was, is] = [before[at]!, made[at]!]
    const places = placesOf([...was.renderings, ...is.renderings])
    const isSame = digestAt(was, places) === digestAt(is, places)
    return { rule, made: is, isSame, isIdle: idle.has(rule.id) }
  })
}

interface RenderedRule {
  readonly renderings: readonly Pick<Rendering, Told | 'kind' | 'target'>[]
  readonly bodies: readonly RenderedBody[]
}
type Told = 'state' | 'queries' | 'problems'
type At = Pick<Rendering, 'kind' | 'target'>

function placesOf(renderings: readonly At[]): readonly At[] {
  const byName = new Map(renderings.map((one) => [`${one.kind} ${one.target ?? ''}`, one]))
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, at]) => at)
}

/** What runs at each place; a target without a rendering of its own runs that of its kind. */
function digestAt({ renderings, bodies }: RenderedRule, places: readonly At[]): string {
  return contentHash(
    places.map(({ kind, target }) => {
      const made = renderings.filter((one) => one.kind === kind)
      const one = made.find((each) => each.target === target) ?? made.find((each) => !each.target)
      const written = bodies.filter((each) => each.kind === kind)
      const body =
        written.find(({ overlay }) => overlay === target) ??
        written.find(({ overlay }) => overlay === null)
      return {
        kind,
        target,
        state: one?.state ?? '',
        queries: one?.queries ?? [],
        problems: (one?.problems ?? []).map(({ message }) => message),
        body: (one?.state === 'ok' ? body?.bodyHash : null) ?? null,
      }
    }),
  )
}
