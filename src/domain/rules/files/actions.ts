// Rules as files of a folder: what a folder is compared with, and what it sends. Programs decide on
// their side what to send (sync.ts); here every text is judged again, and none is written over a version
// that the program did not see.

import { permit } from '#domain/access/permission.ts'
import type { RuleId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { readRuleText } from '#domain/rules/content.ts'
import { renderWaiting } from '#domain/rules/renders/jobs.ts'
import { getRule, updateRule } from '#domain/rules/rule-store.ts'
import { prepareTexts, tryToKeep, type PreparedText } from '#domain/rules/save.ts'
import { keepFile, selectFiled, selectTexts } from './store.ts'
import { type FiledRule, groupOfPath } from './folder.ts'

/** Every rule that is not retired, by id: hashes, no texts. */
export async function listFiled(
  house: House,
  caller: Caller,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<FiledRule>> {
  permit(caller, 'rule.read')
  const { scope } = caller
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'rule-files' },
    limit,
    cursor,
    placeOf: ({ id }: FiledRule) => id,
    select: (page) => selectFiled(house.db.read(scope), scope, page),
  })
}

export interface VersionWanted {
  readonly rule: RuleId
  readonly version: number
}

/** Texts of versions; those that are not in this workspace are left out. */
export async function readTexts(
  house: House,
  caller: Caller,
  wanted: readonly VersionWanted[],
): Promise<readonly (VersionWanted & { readonly text: string })[]> {
  permit(caller, 'rule.read')
  return selectTexts(house.db.read(caller.scope), caller.scope, wanted)
}

export interface PushedFile {
  readonly path: string
  readonly document: number
  readonly text: string
  /** The rule it is, over the version the program saw; a new one when absent. */
  readonly over?: VersionWanted | undefined
}

/** A file that is the same as a rule, without its text. */
export interface SameFile extends VersionWanted {
  readonly path: string
  readonly document: number
}

export interface PushedResult {
  readonly path: string
  readonly document: number
  readonly outcome: 'created' | 'saved' | 'same' | 'refused'
  readonly rule?: RuleId
  readonly version?: number
  readonly contentHash?: string
  /** Why it was refused. */
  readonly problems?: readonly Problem[]
}

/** One transaction; a text that is refused costs the others nothing. */
export async function pushFiles(
  house: House,
  caller: Caller,
  { files, same }: { readonly files: readonly PushedFile[]; readonly same: readonly SameFile[] },
): Promise<readonly PushedResult[]> {
  permit(caller, 'rule.write')
  const prepared =
    files.length === 0
      ? []
      : await prepareTexts(
          house,
          caller,
          files.map(({ path, text, over }) => ({
            text,
            reason: `Pushed from ${path}`.slice(0, REASON_CHARS).toWellFormed(),
            origin: 'imported' as const,
            ...(over && { ruleId: over.rule, expected: new Set([String(over.version)]) }),
          })),
        )
  return house.db.write(caller, async (tx) => {
    const results: PushedResult[] = []
    const marked = new Set<RuleId>()
    for (const [at, file] of files.entries()) {
      const text = prepared[at]!
      const { path, document } = file
      if ('index' in text) results.push(await keepFiled(tx, house, caller, { file, text, marked }))
      else results.push({ path, document, outcome: 'refused', problems: text.problems })
    }
    await renderWaiting(tx, house, caller, [...marked])
    for (const file of same) await keepPlace(tx, file)
    return results
  })
}

const REASON_CHARS = 500

/** A file that was moved belongs to the group of its new folder, unless its text names one. */
async function keepPlace(tx: Tx, { rule, version, path, document }: SameFile): Promise<void> {
  const [found] = await selectTexts(tx, tx.scope, [{ rule, version }])
  if (!found) return // what is not here any more has no place either
  await keepFile(tx, { ruleId: rule, version, path, document, contentHash: found.contentHash })
  const group = groupOfPath(path)
  const row = await getRule(tx, tx.scope, rule)
  if (row.group === group || row.version !== version) return
  if (readRuleText(found.text).value?.group === null) await updateRule(tx, rule, { group })
}

interface FileToKeep {
  readonly file: PushedFile
  readonly text: PreparedText
  /** Takes the rules that build on it. */
  readonly marked: Set<RuleId>
}

async function keepFiled(
  tx: Tx,
  house: House,
  caller: Caller,
  { file: { path, document }, text: prepared, marked }: FileToKeep,
): Promise<PushedResult> {
  const group = prepared.index.group ?? groupOfPath(path)
  const text = { ...prepared, index: { ...prepared.index, group } }
  const kept = await tryToKeep(tx, house, caller, text)
  if ('message' in kept) {
    const { message } = kept
    const problem: Problem = { code: `rule/${kept.outcome}`, severity: 'error', message }
    return { path, document, outcome: 'refused', problems: [problem] }
  }
  const { outcome, rule } = kept
  const { id, version, contentHash } = rule
  for (const above of kept.marked) marked.add(above)
  if (outcome === 'same' && rule.group !== group) await updateRule(tx, id, { group })
  await keepFile(tx, { ruleId: id, path, document, version, contentHash })
  return { path, document, outcome, rule: id, version, contentHash }
}
