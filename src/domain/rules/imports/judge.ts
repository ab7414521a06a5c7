// What each document that somebody brings would do: examined in a worker, held against the rules that
// are there and against what was imported before. Writes nothing.

import { hasErrors, type Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { mergeTexts } from '#domain/rules/merge/compare-task.ts'
import type { ExaminedRule } from '#domain/rules/examined.ts'
import { examineTexts } from '#domain/rules/examining.ts'
import { findUnknownNames, unknownRule } from '#domain/rules/exclusions/bind.ts'
import { hashText } from '#domain/rules/rule.ts'
import {
  selectRulesByHash,
  selectRulesById,
  selectRulesBySigmaId,
  type RuleRow,
} from '#domain/rules/rule-store.ts'
import { getVersion } from '#domain/rules/version-store.ts'
import type { Finding } from './import.ts'
import { BECOMES_EXCLUSION, judgeFilter, type JudgedFilter } from './exclusions.ts'
import * as store from './store.ts'
import { splitFiles, type FileToSplit, type SplitDocument } from './split-task.ts'

/** Thousands of files take seconds; more than this is no folder of rules. */
const LIMITS: TaskLimits = { timeoutMs: 120_000 }
/** Documents examined in one go: others get their turn in the worker between. */
const CHUNK = 250

export interface JudgeWatch {
  readonly signal?: AbortSignal
  readonly progress?: (done: number, total: number) => void
}

export interface FilesToJudge extends JudgeWatch {
  /** These are not all of the import: what a filter names may come with the others. */
  readonly hasOthers?: boolean
}

/** In the order of the files. Throws what the signal aborts with. */
export async function judgeFiles(
  house: House,
  caller: Caller,
  files: readonly FileToSplit[],
  { signal, progress, hasOthers = false }: FilesToJudge = {},
): Promise<readonly store.NewItem[]> {
  const documents = await house.workers.run(splitFiles, files, LIMITS)
  const judged: Judged[] = []
  const seen: Seen = { paths: new Map(), names: new Set(), filters: new Map() }
  for (let at = 0; at < documents.length; at += CHUNK) {
    signal?.throwIfAborted()
    const chunk = documents.slice(at, at + CHUNK)
    judged.push(...(await judge(house, caller, chunk, seen)))
    progress?.(judged.length, documents.length)
  }
  const whole = hasOthers ? judged : await judgeReferences(house, caller, judged, seen)
  return whole.map((one, at) => ({ ...one, position: at + 1 }))
}

type Judged = Omit<store.NewItem, 'position'>

/** What the documents of one import are to each other. */
interface Seen {
  /** Path of the document that brought an id first. */
  readonly paths: Map<string, string>
  /** What the rules among them are called, broken ones too: those can be mended, or kept. */
  readonly names: Set<string>
  readonly filters: Map<Judged, Pick<JudgedFilter, 'references' | 'problems'>>
}

/** A filter over a rule that neither is here nor comes along would be refused: that is told before. */
async function judgeReferences(
  house: House,
  caller: Caller,
  judged: readonly Judged[],
  { names, filters }: Seen,
): Promise<readonly Judged[]> {
  const named = [...filters.values()].flatMap(({ references }) => references)
  const absent = new Set(named.filter((name) => !names.has(name)))
  const unknown = await findUnknownNames(house, caller, [...absent])
  return judged.map((one) => {
    const { references, problems } = filters.get(one) ?? { references: [], problems: [] }
    const told = references.filter((name) => unknown.has(name)).map(unknownRule)
    if (told.length === 0) return one
    return { ...one, finding: 'broken', problems: writeFilterProblems([...told, ...problems]) }
  })
}

function writeFilterProblems(problems: readonly Problem[]): string {
  const told = problems.toSorted(errorsFirst).slice(0, PROBLEMS_MAX - 1)
  return JSON.stringify([...told, BECOMES_EXCLUSION])
}

async function judge(
  house: House,
  caller: Caller,
  documents: readonly SplitDocument[],
  seen: Seen,
): Promise<readonly Judged[]> {
  const same = await findSame(house, caller, documents)
  // Examining is what takes long, and of most that is brought again nothing has changed.
  const others = documents.filter((document) => !same.has(document))
  const texts = others.map(({ text }) => text)
  const examined = await examineTexts(house, caller, texts, LIMITS)
  const known = await findKnown(house, caller, others, examined)
  const judged: Judged[] = []
  let next = 0
  for (const document of documents) {
    const rule = same.get(document)
    if (rule) judged.push(judgeSame(document, rule, seen))
    else {
      const given = { document, examined: examined[next++]!, known, seen }
      judged.push(await judgeOne(house, caller, given))
    }
  }
  return judged
}

/** Documents whose very text a rule has now. */
async function findSame(
  { db }: House,
  { scope }: Caller,
  documents: readonly SplitDocument[],
): Promise<ReadonlyMap<SplitDocument, RuleRow>> {
  const hashes = new Map(documents.map((one) => [one, hashText(one.text)]))
  const rows = await selectRulesByHash(db.read(scope), scope, [...hashes.values()])
  const byHash = new Map(rows.map((row) => [row.contentHash, row]))
  return new Map(
    documents.flatMap((one) => {
      const row = byHash.get(hashes.get(one)!)
      return row ? [[one, row] as const] : []
    }),
  )
}

function judgeSame(
  { path, text, problems }: SplitDocument,
  { id, title, sigmaId }: RuleRow,
  seen: Seen,
): Judged {
  const first = sigmaId === null ? undefined : seen.paths.get(sigmaId)
  if (sigmaId !== null) seen.paths.set(sigmaId, first ?? path)
  const told = first === undefined ? problems : [repeated(first), ...problems]
  return {
    path: path.toWellFormed(),
    title,
    text: text.toWellFormed(),
    contentHash: hashText(text),
    merged: null,
    finding: first === undefined ? 'same' : 'broken',
    problems: JSON.stringify(told.slice(0, PROBLEMS_MAX)),
    ruleId: first === undefined ? id : null,
  }
}

/** The rules that documents are versions of. */
interface Known {
  readonly bySigmaId: ReadonlyMap<string | null, RuleRow>
  /** Of those without an id: by path and title of an earlier import. */
  readonly byPlace: ReadonlyMap<string, RuleRow>
}

async function findKnown(
  { db }: House,
  { scope }: Caller,
  documents: readonly SplitDocument[],
  examined: readonly ExaminedRule[],
): Promise<Known> {
  const reader = db.read(scope)
  const ids = examined.flatMap(({ content }) => content?.sigmaId ?? [])
  const named = await selectRulesBySigmaId(reader, scope, ids)
  const nameless = documents.filter((_, at) => examined[at]!.content?.sigmaId === null)
  const paths = nameless.map(({ path }) => path.toWellFormed())
  const before = await store.selectImportedFrom(reader, scope, paths)
  const rows = await selectRulesById(reader, scope, [...new Set(before.map((one) => one.ruleId))])
  const byId = new Map(rows.filter((row) => row.sigmaId === null).map((row) => [row.id, row]))
  return {
    bySigmaId: new Map(named.map((row) => [row.sigmaId, row])),
    byPlace: new Map(
      before.flatMap(({ path, title, ruleId }) => {
        const row = byId.get(ruleId)
        return row ? [[placeOf(path, title), row] as const] : []
      }),
    ),
  }
}

const placeOf = (path: string, title: string | null) => `${path}\0${title}`

interface Given {
  readonly document: SplitDocument
  readonly examined: ExaminedRule
  readonly known: Known
  readonly seen: Seen
}

async function judgeOne(
  house: House,
  caller: Caller,
  { document, examined, known, seen }: Given,
): Promise<Judged> {
  const { text, path } = document
  const { content } = examined
  const isEmpty = text.trim() === ''
  const problems = [...document.problems, ...(isEmpty ? [] : examined.problems)]
  const base = {
    path: path.toWellFormed(),
    title: content?.title.toWellFormed() ?? null,
    text: text.toWellFormed(),
    contentHash: hashText(text),
    merged: null,
    ruleId: null,
  }
  const as = (finding: Finding, more: readonly Problem[] = [], rest: Partial<Judged> = {}) => ({
    ...base,
    finding,
    problems: JSON.stringify([...problems, ...more].toSorted(errorsFirst).slice(0, PROBLEMS_MAX)),
    ...rest,
  })
  if (text === '' && hasErrors(problems)) return as('broken')
  if (isEmpty) return as('left_out', problems.length === 0 ? [EMPTY] : [])
  if (content === undefined) return as('broken')
  if (content.kind === 'filter') {
    const judged = await judgeFilter(house, caller, text, content)
    const own = problems.filter(({ code }) => code !== ELSEWHERE)
    const told = [...judged.problems, ...own]
    const item = {
      ...base,
      finding: judged.finding,
      text: judged.text,
      contentHash: hashText(judged.text),
      problems: writeFilterProblems(told),
    }
    seen.filters.set(item, { references: judged.references, problems: told })
    return item
  }
  const { sigmaId, name } = content
  if (sigmaId !== null) seen.names.add(sigmaId)
  if (name !== null) seen.names.add(name)
  const first = sigmaId === null ? undefined : seen.paths.get(sigmaId)
  if (first !== undefined) return as('broken', [repeated(first)])
  if (sigmaId !== null) seen.paths.set(sigmaId, path)
  const rule =
    sigmaId === null
      ? known.byPlace.get(placeOf(base.path, base.title))
      : known.bySigmaId.get(sigmaId)
  if (hasErrors(examined.problems)) return as('broken')
  if (!rule) return as('new')
  const { finding, merged } = await compareWithRule(house, caller, rule, text)
  return as(finding, [], { ruleId: rule.id, merged })
}

const PROBLEMS_MAX = 50

const EMPTY: Problem = {
  code: 'import/empty',
  severity: 'info',
  message: 'This file is empty.',
}
/** Its rules stand in other documents, or in the workspace. */
const ELSEWHERE = 'sigma/filter-of-nothing'

function errorsFirst(a: Problem, b: Problem): number {
  return Number(b.severity === 'error') - Number(a.severity === 'error')
}

function repeated(path: string): Problem {
  return {
    code: 'import/repeated-id',
    severity: 'error',
    message: `Another document of this import has the same id: ${path.slice(0, 200)}.`,
    hint: 'Give one of them another id.',
  }
}

/** What was edited here since the last import is kept where the import does not touch it. */
async function compareWithRule(
  { db, workers }: House,
  { scope }: Caller,
  rule: RuleRow,
  theirs: string,
): Promise<{ readonly finding: Finding; readonly merged: string | null }> {
  const reader = db.read(scope)
  const base = await store.findBase(reader, scope, rule.id)
  if (base?.contentHash === rule.contentHash) return { finding: 'changed', merged: null }
  if (!base) return { finding: 'conflicting', merged: null }
  if (base.contentHash === hashText(theirs)) return { finding: 'same', merged: null }
  const { text: mine } = await getVersion(reader, scope, rule.id, rule.version)
  const merge = await workers.run(mergeTexts, { base: base.text, mine, theirs }, LIMITS)
  return merge.conflicts.length === 0
    ? { finding: 'merged', merged: merge.text }
    : { finding: 'conflicting', merged: null }
}
