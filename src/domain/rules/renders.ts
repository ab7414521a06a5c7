// Compiled queries of rules: made at each save, shown, made again when what they were made from is
// another one. Compiling happens in worker threads.

import { permit } from '#domain/access/permission.ts'
import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { nextTurn } from '#platform/turns.ts'
import type { House } from '#platform/house.ts'
import { VERSION } from '#platform/version.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { renderRules } from './render-task.ts'
import type { Rendering, StoredRender } from './render.ts'
import {
  saveRenders,
  selectPending,
  selectReferences,
  selectRenders,
  selectSources,
} from './render-store.ts'
import { getRule } from './rule-store.ts'
import { getVersion } from './version-store.ts'

/** Another release may compile otherwise, so each is a renderer of its own. */
export const RENDERER = VERSION

const LIMITS: TaskLimits = { timeoutMs: 60_000 }

export interface TextToRender {
  readonly text: string
  readonly references: readonly string[]
}

export interface MadeRenders {
  readonly renderings: readonly Rendering[]
  /** Content hashes of what it builds on, to see whether that is still so. */
  readonly sources: string
}

/** In the order of the texts. Looks for what correlations build on in the workspace. */
export async function makeRenders(
  { db, workers }: House,
  scope: WorkspaceScope,
  texts: readonly TextToRender[],
): Promise<readonly MadeRenders[]> {
  const reader = db.read(scope)
  const inputs = []
  const hashes: string[] = []
  for (const { text, references } of texts) {
    const sources = await selectSources(reader, scope, references)
    hashes.push(hashesOf(sources))
    inputs.push({
      text,
      sources: sources.map((one) => one.text),
      filters: [],
      renderer: RENDERER,
    })
  }
  const made = await workers.run(renderRules, inputs, LIMITS)
  return made.map((renderings, at) => ({ renderings, sources: hashes[at]! }))
}

/** Stores what was made, and marks it when what it builds on has changed since it was looked for. */
export async function keepRenders(
  tx: Tx,
  { now }: Caller,
  rule: { readonly id: RuleId; readonly version: number; readonly references: readonly string[] },
  { renderings, sources }: MadeRenders,
): Promise<void> {
  const current = hashesOf(await selectSources(tx, tx.scope, rule.references))
  await saveRenders(tx, {
    ruleId: rule.id,
    version: rule.version,
    renderer: RENDERER,
    at: now,
    isPending: current !== sources,
    renderings,
  })
}

function hashesOf(sources: readonly { readonly contentHash: string }[]): string {
  return sources.map(({ contentHash }) => contentHash).join(' ')
}

/** One for each kind of place. Throws `forbidden` for a rule that is not here. */
export async function listRenders(
  house: House,
  caller: Caller,
  id: RuleId,
): Promise<readonly StoredRender[]> {
  permit(caller, 'rule.read')
  const reader = house.db.read(caller.scope)
  await getRule(reader, caller.scope, id)
  return selectRenders(reader, caller.scope, id, RENDERER)
}

/** Rules whose renderings are not of what is there now, in the order of their ids. */
export async function listPendingRenders(
  house: House,
  caller: Caller,
  page: { readonly limit: number; readonly after: RuleId | null },
): Promise<readonly RuleId[]> {
  permit(caller, 'rule.read')
  const reader = house.db.read(caller.scope)
  return selectPending(reader, caller.scope, { renderer: RENDERER, ...page })
}

/** Compiles a rule again from what is there now. Makes no version. Audited. */
export async function renderAgain(
  house: House,
  caller: Caller,
  id: RuleId,
): Promise<readonly StoredRender[]> {
  permit(caller, 'rule.write')
  const rule = await readForRender(house.db.read(caller.scope), caller.scope, id)
  const [made] = await makeRenders(house, caller.scope, [rule])
  return house.db.write(caller, async (tx) => {
    const { version } = await getRule(tx, tx.scope, id)
    // Whoever saved meanwhile has compiled the newer text already.
    if (version === rule.version) await keepRenders(tx, caller, rule, made!)
    await house.audit.record(tx, caller, {
      action: 'rule.render',
      target: id,
      data: { version, renderer: RENDERER },
    })
    return selectRenders(tx, tx.scope, id, RENDERER)
  })
}

async function readForRender(reader: Reader, scope: WorkspaceScope, id: RuleId) {
  const { version } = await getRule(reader, scope, id)
  const { text } = await getVersion(reader, scope, id, version)
  return { id, version, text, references: await selectReferences(reader, scope, [id]) }
}

/** Of these rules, those that are pending are compiled from what is there now. */
export async function renderPending(
  house: House,
  caller: Caller,
  ids: ReadonlySet<RuleId>,
): Promise<void> {
  let after: RuleId | null = null
  for (;;) {
    const reader = house.db.read(caller.scope)
    const page = await selectPending(reader, caller.scope, {
      renderer: RENDERER,
      limit: 100,
      after,
    })
    const rules: Awaited<ReturnType<typeof readForRender>>[] = []
    for (const id of page)
      if (ids.has(id)) rules.push(await readForRender(reader, caller.scope, id))
    if (rules.length > 0) {
      const made = await makeRenders(house, caller.scope, rules)
      await house.db.write(caller, async (tx) => {
        for (const [at, rule] of rules.entries()) {
          const { version } = await getRule(tx, tx.scope, rule.id)
          if (version === rule.version) await keepRenders(tx, caller, rule, made[at]!)
        }
      })
      await nextTurn() // the reader is not used in the turn of a commit
    }
    if (page.length < 100) return
    after = page.at(-1)!
  }
}
