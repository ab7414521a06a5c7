// The rules of a bulk change, a page at a time: each rule is changed and told of in one transaction, and
// one that cannot be changed stops no other.

import { AppError } from '#kernel/error.ts'
import type { JobId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { inTurns, nextTurn } from '#platform/turns.ts'
import { saveRules, type Outcome } from '#domain/rules/save-many.ts'
import { editRuleText } from '#domain/rules/edit.ts'
import { RuleListQuery, type BulkEdit, type BulkRequest } from '#domain/rules/input.ts'
import type { RuleFilter } from '#domain/rules/list.ts'
import { countRules, selectRulesToExport } from '#domain/rules/list-store.ts'
import { revisionOf, RULE_STATES, type RuleSummary } from '#domain/rules/rule.ts'
import { toSummary } from '#domain/rules/rule-store.ts'
import { moveRule, type Move } from '#domain/rules/rule-state.ts'
import type { RuleText } from '#domain/rules/save.ts'
import { editsOf, titleOf } from './change.ts'
import * as store from './store.ts'
import { undoPage } from './undo.ts'

const PAGE = 50

interface PageAt {
  readonly jobId: JobId
  readonly after: RuleId | null
}

export interface Pages {
  readonly total: (house: House, caller: Caller) => Promise<number>
  /** Does one page; the id of its last rule, or null when there is no other page. */
  readonly run: (house: House, caller: Caller, at: PageAt) => Promise<RuleId | null>
}

export function editPages({ edit, ids, filter }: BulkRequest): Pages {
  const { sort: _, ...wanted } = RuleListQuery.parse(filter ?? {})
  const chosen: RuleFilter = ids ? { ids, state: RULE_STATES } : wanted
  return {
    total: (house, { scope }) => countRules(house.db.read(scope), scope, chosen),
    async run(house, caller, { jobId, after }) {
      const page = await readRules(house, caller, chosen, after)
      if (edit.kind === 'retire' || edit.kind === 'revive') {
        const to = edit.kind === 'retire' ? 'retired' : 'draft'
        for (const rule of page) {
          const move = { ruleId: rule.id, expected: 'any', to } as const
          await moveOne(house, caller, { jobId, title: rule.title, move })
        }
      } else await editAll(house, caller, { jobId, page, edit })
      return page.length < PAGE ? null : page.at(-1)!.id
    },
  }
}

export function undoPages(undone: JobId): Pages {
  return {
    async total(house, { scope }) {
      return (await store.countBulkItems(house.db.read(scope), scope, undone)).changed
    },
    async run(house, caller, { jobId, after }) {
      const { scope } = caller
      const wanted = { result: 'changed', limit: PAGE, after } as const
      const items = await store.selectBulkItems(house.db.read(scope), scope, undone, wanted)
      const { title } = await store.getBulk(house.db.read(scope), scope, jobId)
      const { texts, moves, refused } = await undoPage(house, caller, items, title)
      await house.db.write(caller, (tx) => store.insertBulkItems(tx, jobId, refused))
      await saveAll(house, caller, jobId, texts)
      for (const { title: of, ...move } of moves) {
        await moveOne(house, caller, { jobId, title: of, move })
      }
      return items.length < PAGE ? null : items.at(-1)!.ruleId
    },
  }
}

type RuleToEdit = RuleSummary & { readonly text: string }

async function readRules(
  house: House,
  { scope }: Caller,
  filter: RuleFilter,
  after: RuleId | null,
): Promise<readonly RuleToEdit[]> {
  const page = { limit: PAGE, after }
  const rows = await selectRulesToExport(house.db.read(scope), scope, filter, page)
  return rows.map(({ text, ...row }) => ({ ...toSummary(row), text }))
}

/** The state and what is told of it, in one transaction. */
async function moveOne(
  house: House,
  caller: Caller,
  { jobId, title, move }: { readonly jobId: JobId; readonly title: string; readonly move: Move },
): Promise<void> {
  const { ruleId } = move
  try {
    await house.db.write(caller, async (tx) => {
      const { isChanged, before, rule } = await moveRule(tx, house, caller, move)
      const item = isChanged
        ? changedItem(rule, revisionOf(before))
        : { ...unchanged, result: 'same' as const, ruleId, title }
      await store.insertBulkItems(tx, jobId, [item])
    })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const item = refusedItem({ id: ruleId, title }, error.message)
    await house.db.write(caller, (tx) => store.insertBulkItems(tx, jobId, [item]))
  }
}

interface Editing {
  readonly jobId: JobId
  readonly page: readonly RuleToEdit[]
  readonly edit: BulkEdit
}

/** Somebody who saves a rule in between is not overwritten: their text is read and edited again. */
const TRIES = 3

async function editAll(house: House, caller: Caller, { jobId, page, edit }: Editing) {
  let open = page
  for (let tried = 1; open.length > 0; tried++) {
    const texts: (RuleText & { readonly rule: RuleSummary })[] = []
    const refused: store.BulkItem[] = []
    for await (const { text, ...rule } of inTurns(open)) {
      try {
        const edited = editRuleText(text, editsOf(edit))
        const expected = new Set([String(rule.version)])
        const { id: ruleId, origin } = rule
        texts.push({ text: edited, reason: titleOf(edit), origin, ruleId, expected, rule })
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        refused.push(refusedItem(rule, error.message))
      }
    }
    await house.db.write(caller, (tx) => store.insertBulkItems(tx, jobId, refused))
    const stale = await saveAll(house, caller, jobId, texts, tried < TRIES)
    if (stale.length === 0) return
    await nextTurn()
    open = await readRules(house, caller, { ids: stale, state: RULE_STATES }, null)
  }
}

/** Returns those that somebody else saved meanwhile, when they are to be tried again. */
async function saveAll(
  house: House,
  caller: Caller,
  jobId: JobId,
  texts: readonly (RuleText & { readonly rule: Pick<RuleSummary, 'id' | 'title'> })[],
  triesAgain = false,
): Promise<readonly RuleId[]> {
  const outcomes = await saveRules(house, caller, texts, {
    async within(tx, batch, from) {
      const items = batch.flatMap((outcome, at) =>
        triesAgain && outcome.kind === 'stale' ? [] : [itemOf(texts[from + at]!.rule, outcome)],
      )
      await store.insertBulkItems(tx, jobId, items)
    },
  })
  return texts.flatMap(({ rule }, at) =>
    triesAgain && outcomes[at]!.kind === 'stale' ? [rule.id] : [],
  )
}

const unchanged = { before: null, after: null, message: null } as const

function itemOf(rule: Pick<RuleSummary, 'id' | 'title'>, outcome: Outcome): store.BulkItem {
  if (outcome.kind === 'same') {
    return { ...unchanged, ruleId: rule.id, title: rule.title, result: 'same' }
  }
  if (!('rule' in outcome)) {
    const message = 'message' in outcome ? outcome.message : outcome.problems[0]!.message
    return refusedItem(rule, message)
  }
  const { state, version } = outcome.rule
  return changedItem(outcome.rule, revisionOf({ state, version: version - 1 }))
}

function changedItem(rule: RuleSummary, before: string): store.BulkItem {
  const { id: ruleId, title } = rule
  return { ruleId, title, result: 'changed', before, after: revisionOf(rule), message: null }
}

function refusedItem({ id, title }: Pick<RuleSummary, 'id' | 'title'>, message: string) {
  return { ...unchanged, ruleId: id, title, result: 'refused', message } as const
}
