// What a folder asks of a server: hashes of all rules, a few texts, and to keep what changed. Answers
// are checked as any other input from outside.

import { z } from 'zod'
import { readRuleText } from '#domain/rules/content.ts'
import type { FiledRule } from '#domain/rules/files/folder.ts'
import { SAME_MAX, TEXTS_MAX } from '#domain/rules/input.ts'
import { ID_PREFIXES, isId, type RuleId } from '#kernel/id.ts'
import { BODY_BYTES_MAX, RULE_BYTES_MAX } from '#kernel/limits.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import type { Progress } from './progress.ts'
import type { Server } from './server.ts'

const RuleRef = z.string().refine((text): text is RuleId => isId(ID_PREFIXES.rule, text))
const Version = z.int().min(1)
const Place = { path: z.string(), document: z.int().min(0) }

const Me = z.object({ workspace: z.object({ id: z.string() }) })
const Page = z.object({
  items: z.array(
    z.object({
      id: RuleRef,
      version: Version,
      contentHash: z.string(),
      sigmaId: z.string().nullable(),
      title: z.string(),
      group: z.string().nullable(),
      file: z.object({ ...Place, version: Version, contentHash: z.string() }).nullable(),
    }),
  ),
  next: z.string().nullable(),
})
const Texts = z.object({
  texts: z.array(
    z.object({ rule: RuleRef, version: Version, text: z.string().max(RULE_BYTES_MAX) }),
  ),
})
const Results = z.object({
  results: z.array(
    z.object({
      ...Place,
      outcome: z.enum(['created', 'saved', 'same', 'refused']),
      rule: RuleRef.optional(),
      version: Version.optional(),
      contentHash: z.string().optional(),
      problems: z.array(z.object({ message: z.string(), line: z.int().optional() })).optional(),
    }),
  ),
})

export type PushResult = z.output<typeof Results>['results'][number]

export interface ToPush {
  readonly path: string
  readonly document: number
  readonly text: string
  readonly over?: { readonly rule: RuleId; readonly version: number }
}

export interface ToConfirm {
  readonly path: string
  readonly document: number
  readonly rule: RuleId
  readonly version: number
}

/** The id of the workspace that the token belongs to. */
export async function askWorkspace(server: Server): Promise<string> {
  return Me.parse(await server.get('/me')).workspace.id
}

export async function askRules(server: Server): Promise<readonly FiledRule[]> {
  const rules: FiledRule[] = []
  let cursor = ''
  do {
    const more = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { items, next } = Page.parse(
      await server.get(`/rules/files?limit=${PAGE_LIMIT_MAX}${more}`),
    )
    rules.push(...items)
    cursor = next ?? ''
  } while (cursor !== '')
  return rules
}

/** By `rule@version`; one that is not there any more is left out. */
export async function askTexts(
  server: Server,
  wanted: readonly { readonly rule: RuleId; readonly version: number }[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (let at = 0; at < wanted.length; at += TEXTS_MAX) {
    const body = { versions: wanted.slice(at, at + TEXTS_MAX) }
    const answer = Texts.parse(await server.post('/rules/files/read', body))
    for (const { rule, version, text } of answer.texts) texts.set(textKey(rule, version), text)
  }
  return texts
}

export function textKey(rule: RuleId, version: number): string {
  return `${rule}@${version}`
}

/**
 * In batches that fit a body; `same` goes with the first ones. What correlations build on goes before
 * them, so that it is there when they are compiled. The results are in no order.
 */
export async function sendFiles(
  server: Server,
  files: readonly ToPush[],
  same: readonly ToConfirm[],
  progress: Progress,
): Promise<readonly PushResult[]> {
  const results: PushResult[] = []
  const batches = levelsOf(files).flatMap(batchesOf)
  const confirmations = Math.ceil(same.length / SAME_MAX)
  for (let at = 0; at < Math.max(batches.length, confirmations); at++) {
    const body = {
      files: batches[at] ?? [],
      same: same.slice(at * SAME_MAX, (at + 1) * SAME_MAX),
    }
    results.push(...Results.parse(await server.post('/rules/push', body)).results)
    progress.show(results.length)
  }
  return results
}

/** Rules, then correlations of those, then correlations of these. What names itself in a circle goes last. */
function levelsOf(files: readonly ToPush[]): readonly (readonly ToPush[])[] {
  const isCorrelation = ({ text }: ToPush) => /^correlation:/m.test(text)
  const levels = [files.filter((file) => !isCorrelation(file))]
  let left = files
    .filter(isCorrelation)
    .map((file) => ({ file, says: readRuleText(file.text).value }))
  while (left.length > 0) {
    const names = new Set(left.flatMap(({ says }) => [says?.sigmaId, says?.name]))
    const waits = left.filter(({ says }) => says?.refersTo.some((name) => names.has(name)))
    const isCircle = waits.length === left.length
    const next = isCircle ? left : left.filter((one) => !waits.includes(one))
    levels.push(next.map(({ file }) => file))
    left = isCircle ? [] : waits
  }
  return levels
}

function batchesOf(files: readonly ToPush[]): readonly (readonly ToPush[])[] {
  const batches: ToPush[][] = []
  let bytes = 0
  for (const file of files) {
    const size = Buffer.byteLength(JSON.stringify(file)) + 1
    const last = batches.at(-1)
    // Room for the longest list of what is the same.
    const isFull =
      last === undefined || last.length === TEXTS_MAX || bytes + size > BODY_BYTES_MAX / 2
    if (isFull) batches.push([file])
    else last.push(file)
    bytes = isFull ? size : bytes + size
  }
  return batches
}
