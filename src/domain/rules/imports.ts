// Importing rules: what was brought is taken apart, examined and held against the rules that are there,
// which makes a preview; then a job writes it, a batch at a time. One bad document stops nothing else.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ImportId, type JobId } from '#kernel/id.ts'
import type { Page } from '#kernel/page.ts'
import { readPage } from '#kernel/page.ts'
import { hasErrors, type Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { mergeTexts } from './compare-task.ts'
import type { ExaminedRule } from './examined.ts'
import { examineTexts } from './examining.ts'
import type {
  ConflictChoice,
  Counts,
  Finding,
  ImportItem,
  ImportResult,
  RuleImport,
} from './import.ts'
import { importJob } from './import-job.ts'
import * as store from './import-store.ts'
import { hashText } from './rule.ts'
import { selectRulesBySigmaId, type RuleRow } from './rule-store.ts'
import { splitFiles, type FileToSplit, type SplitDocument } from './split-task.ts'
import { getVersion } from './version-store.ts'

/** Thousands of files take seconds; more than this is no folder of rules. */
const LIMITS: TaskLimits = { timeoutMs: 120_000 }
/** Documents examined in one go: others get their turn in the worker between. */
const CHUNK = 250

export interface Brought {
  /** What people call it: the name of the archive, or how many files. */
  readonly source: string
  readonly files: readonly FileToSplit[]
}

/** Stores a preview; nothing is written to rules. Throws `invalid` when nothing was brought. */
export async function previewImport(
  house: House,
  caller: Caller,
  { source, files }: Brought,
): Promise<ImportId> {
  permit(caller, 'rule.write')
  if (files.length === 0) throw new AppError('invalid', 'Nothing was sent. Choose files or paste.')
  const documents = await house.workers.run(splitFiles, files, LIMITS)
  const items: store.NewItem[] = []
  const seen = new Map<string, string>()
  for (let at = 0; at < documents.length; at += CHUNK) {
    const chunk = documents.slice(at, at + CHUNK)
    for (const item of await judge(house, caller, chunk, seen)) {
      items.push({ ...item, position: items.length + 1 })
    }
  }
  const id = makeId(ID_PREFIXES.import, caller.now, house.random(10))
  await house.db.write(caller, async (tx) => {
    await store.insertImport(tx, {
      id,
      state: 'preview',
      source: source.slice(0, 200).toWellFormed(),
      fileCount: files.length,
      conflicts: null,
      jobId: null,
      createdAt: caller.now,
      createdBy: caller.actor,
    })
    await store.insertItems(tx, id, items)
    const data = { files: files.length, documents: items.length }
    await house.audit.record(tx, caller, { action: 'rule.import', target: id, data })
  })
  return id
}

type Judged = Omit<store.NewItem, 'position'>

async function judge(
  house: House,
  caller: Caller,
  documents: readonly SplitDocument[],
  seen: Map<string, string>,
): Promise<readonly Judged[]> {
  const texts = documents.map(({ text }) => text)
  const examined = await examineTexts(house, caller, texts, LIMITS)
  const reader = house.db.read(caller.scope)
  const ids = examined.flatMap(({ content }) => content?.sigmaId ?? [])
  const rows = await selectRulesBySigmaId(reader, caller.scope, ids)
  const known = new Map(rows.map((row) => [row.sigmaId, row]))
  const judged: Judged[] = []
  for (const [at, document] of documents.entries()) {
    judged.push(await judgeOne(house, caller, { document, examined: examined[at]!, known, seen }))
  }
  return judged
}

interface Given {
  readonly document: SplitDocument
  readonly examined: ExaminedRule
  readonly known: ReadonlyMap<string | null, RuleRow>
  /** Path of the document that brought an id first. */
  readonly seen: Map<string, string>
}

async function judgeOne(
  house: House,
  caller: Caller,
  { document, examined, known, seen }: Given,
): Promise<Judged> {
  const { text, path } = document
  const { content } = examined
  const problems = [...document.problems, ...(text === '' ? [] : examined.problems)]
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
    problems: JSON.stringify([...problems, ...more].slice(0, PROBLEMS_MAX)),
    ...rest,
  })
  if (text === '') return as(hasErrors(problems) ? 'broken' : 'left_out')
  if (content === undefined || hasErrors(examined.problems)) return as('broken')
  if (content.kind === 'filter') return as('left_out', [FILTER])
  const { sigmaId } = content
  const first = sigmaId === null ? undefined : seen.get(sigmaId)
  if (first !== undefined) return as('broken', [repeated(first)])
  if (sigmaId !== null) seen.set(sigmaId, path)
  const rule = sigmaId === null ? undefined : known.get(sigmaId)
  if (!rule) return as('new')
  const { finding, merged } = await compareWithRule(house, caller, rule, text)
  return as(finding, [], { ruleId: rule.id, merged })
}

const PROBLEMS_MAX = 50

const FILTER: Problem = {
  code: 'import/filter',
  severity: 'info',
  message: 'This is a filter over other rules, not a rule.',
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
  if (rule.contentHash === hashText(theirs)) return { finding: 'same', merged: null }
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

export interface ImportWish {
  readonly conflicts: ConflictChoice
  /** Nothing is written when anything is broken. */
  readonly isAllOrNothing: boolean
}

/** Throws `conflict` for an import that ran already, or that is broken somewhere and shall be whole. */
export async function startImport(
  house: House,
  caller: Caller,
  id: ImportId,
  { conflicts, isAllOrNothing }: ImportWish,
): Promise<JobId> {
  permit(caller, 'rule.write')
  return house.db.write(caller, async (tx) => {
    const found = await store.getImport(tx, tx.scope, id)
    if (found.state !== 'preview') {
      throw new AppError('conflict', 'This import runs or has run already.')
    }
    const { broken = 0 } = await store.countItems(tx, tx.scope, id, 'finding')
    if (isAllOrNothing && broken > 0) {
      throw new AppError(
        'conflict',
        `${broken} documents are broken, so nothing was imported. Mend them, or import the rest.`,
      )
    }
    const title = `Import of ${found.source}`
    const jobId = await house.jobs.enqueue(tx, caller, importJob, { importId: id }, { title })
    await store.updateImport(tx, id, { state: 'running', conflicts, jobId })
    return jobId
  })
}

export interface ImportShown {
  readonly found: RuleImport
  readonly findings: Counts<Finding>
  readonly results: Counts<ImportResult>
}

/** Throws `forbidden` for an import that is not here. */
export async function getImport(house: House, caller: Caller, id: ImportId): Promise<ImportShown> {
  permit(caller, 'rule.write')
  const reader = house.db.read(caller.scope)
  return {
    found: await store.getImport(reader, caller.scope, id),
    findings: await store.countItems(reader, caller.scope, id, 'finding'),
    results: await store.countItems(reader, caller.scope, id, 'result'),
  }
}

/** Newest first; the last twenty. */
export async function listImports(house: House, caller: Caller): Promise<readonly RuleImport[]> {
  permit(caller, 'rule.write')
  return store.selectImports(house.db.read(caller.scope), caller.scope)
}

export interface ItemsWanted {
  readonly finding?: Finding | undefined
  readonly result?: ImportResult | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

export async function listImportItems(
  house: House,
  caller: Caller,
  id: ImportId,
  { limit, cursor, finding, result }: ItemsWanted,
): Promise<Page<ImportItem>> {
  permit(caller, 'rule.write')
  const { scope } = caller
  const reader = house.db.read(scope)
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: scope.workspaceId,
      list: 'import-items',
      id,
      finding: finding ?? null,
      result: result ?? null,
    },
    limit,
    cursor,
    placeOf: ({ position }: ImportItem) => position,
    select: (wanted) => store.selectItems(reader, scope, id, { ...wanted, finding, result }),
  })
}
