// What the queries of an item would do on their target: read and nothing else, and not everything. A
// query is read in a thread, with the macros that the target told.

import { findMacros } from '#domain/adoption/dependencies.ts'
import { guardQuery, readQuery } from '#domain/queries/actions.ts'
import { languageOf } from '#domain/rules/renders/own-language.ts'
import type { Rendering } from '#domain/rules/renders/render.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import type { Problem } from '#kernel/problem.ts'
import { readObserved } from '#languages/rule-formats/observed/observed.ts'
import type { QueryLanguage, QuerySchema } from '#languages/query.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { problemOf } from './checks.ts'

interface Written {
  readonly target: Target
  readonly rendering: Rendering
  readonly body: RuleBody
  /** What stands there since it was adopted: it may go on naming no place. */
  readonly adopted?: RuleBody | undefined
}

export type JudgeQueries = (written: Written) => Promise<readonly Problem[]>

/** Many items have the same query; each is read once. */
export function openQueryJudge(house: House, caller: Caller): JudgeQueries {
  const known = new Map<string, Promise<readonly Problem[]>>()
  return async ({ target, rendering, body, adopted }) => {
    const language = rendering.language ?? languageOf(target.kind, { type: '', settings: body })
    if (target.kind === 'local' || language === undefined) return []
    // Some vendors name the places beside the query.
    const isPlaced = rendering.indexes.length > 0 || namesIndexes(body)
    const problems: Problem[] = []
    for (const text of rendering.queries) {
      const name = [target.id, language, isPlaced, text].join(' ')
      const asked = known.get(name) ?? judge(house, caller, { target, language, text, isPlaced })
      known.set(name, asked)
      problems.push(...(await asked))
    }
    const isNew = !problems.some(({ code }) => code === 'change/unscoped') || adopted === undefined
    if (isNew || !(await wasUnscoped(house, caller, target, adopted))) return problems
    return problems.map((one) => (one.code === 'change/unscoped' ? asBefore(one) : one))
  }
}

/** A ratchet: the query that was adopted reads everything, too. */
async function wasUnscoped(
  house: House,
  caller: Caller,
  target: Target,
  body: RuleBody,
): Promise<boolean> {
  if (namesIndexes(body)) return false
  const { query } = readObserved(target.kind, { ref: '', name: '', raw: body, body })
  if (query === null) return false
  const found = await judge(house, caller, { target, ...query, isPlaced: false })
  return found.some(({ code }) => code === 'change/unscoped')
}

function asBefore({ code, message }: Problem): Problem {
  const hint = 'It was so when it was adopted, so it may stay. Give it a place when you can.'
  return { code, severity: 'warning', message, hint }
}

function namesIndexes({ index }: RuleBody): boolean {
  return Array.isArray(index) && index.length > 0
}

interface Question {
  readonly target: Target
  readonly language: QueryLanguage
  readonly text: string
  readonly isPlaced: boolean
}

async function judge(
  house: House,
  caller: Caller,
  { target, language, text, isPlaced }: Question,
): Promise<readonly Problem[]> {
  const macros = language === 'spl' ? await findMacros(house, caller, target.id, text) : undefined
  const schema: QuerySchema = macros === undefined ? {} : { macros }
  const { isAllowed, problems } = await guardQuery(house.workers, { language, text, schema })
  if (!isAllowed) {
    const [first] = problems
    const words = first?.message ?? 'Nobody can tell what it does.'
    return [problemOf('change/unsafe', `Its query may do more than read: ${words}`)]
  }
  if (isPlaced) return []
  const { facts } = await readQuery(house.workers, { language, text, schema })
  if (facts?.scope.state !== 'unscoped') return []
  return [
    problemOf(
      'change/unscoped',
      `Its query names no place, so it would read all of ${target.name}.`,
      {
        hint: 'Give its log source a place in the mapping of the target, or waive it by name.',
      },
    ),
  ]
}
