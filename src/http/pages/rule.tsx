// One rule: its faces, writing it, going back, putting it away. Loaded with the first reader, because
// runbooks bring a Markdown parser along.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { readAttack } from '#domain/instance/attack-in-force.ts'
import { createRule, restoreRule, retireRule, reviveRule, saveRule } from '#domain/rules/actions.ts'
import { listRuleExclusions } from '#domain/rules/exclusions.ts'
import { RestoreInput } from '#domain/rules/input.ts'
import { KIND_ROWS, KINDS } from '#domain/rules/kinds.ts'
import { examineText, compareVersions, mergeEdit } from '#domain/rules/looking.ts'
import { getRule, listVersions } from '#domain/rules/reading.ts'
import { listRenders, renderAgain } from '#domain/rules/renders.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { offersFor, takeOffer } from '#domain/rules/sigma-offer.ts'
import { addStarterRules, starterNotice } from '#domain/rules/starter.ts'
import { findOrigin } from '#domain/rules/upstream-looking.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { RULE_BYTES_MAX } from '#kernel/limits.ts'
import type { Problem } from '#kernel/problem.ts'
import { fixTags, readTags } from '#languages/attack/tags.ts'
import { parseMarkdown } from '#languages/markdown/parse.ts'
import { EditPage, Found, type EditPageProps } from '#views/rules/edit-page.tsx'
import { QueryPage } from '#views/rules/query-page.tsx'
import { RulePage } from '#views/rules/rule-page.tsx'
import { ComparisonPage, VersionsPage } from '#views/rules/versions-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { headOf, listPath, pathOf, trailOf } from './rule-frame.ts'
import { listWords } from './rule-words.ts'

export async function showRule(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const examined = await examineText(house, caller, rule.text)
  const table = await readAttack(house, caller)
  const origin = (await findOrigin(house, caller, rule.id)) ?? null
  const { runbook } = examined.content ?? { runbook: null }
  const exclusions = {
    path: `${placeOf(c)}/exclusions`,
    items: await listRuleExclusions(house, caller, rule.id),
    mayWrite: can(caller, 'exclusion.write') && rule.state !== 'retired',
  }
  const props = {
    ...headOf(c, rule, ''),
    exclusions,
    examined,
    origin,
    runbook: runbook === null ? null : parseMarkdown(runbook, { resolve: onlyWeb }),
    attack: { tags: readTags(rule.tags, table), fixes: fixTags(rule.tags, table) },
  }
  return page(c, { title: rule.title, trail: trailOf(c) }, <RulePage {...props} />)
}

const onlyWeb = (href: string) => (/^https?:\/\//i.test(href) ? href : undefined)

export async function showQuery(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const renders = await listRenders(house, caller, rule.id)
  const offers = await offersFor(house, caller, rule)
  const head = headOf(c, rule, '/query')
  const props = { ...head, text: rule.text, renders, offers, kinds: KIND_ROWS }
  return page(c, { title: 'Query', trail: trailOf(c, rule) }, <QueryPage {...props} />)
}

const OfferForm = z.strictObject({ kind: z.enum(KINDS) })

export async function addDetection(c: HttpContext): Promise<Response> {
  const { id } = await getRule(c.var.house, callerOf(c), readId(c, 'rul'))
  const { kind } = await readForm(c, OfferForm)
  const { rule } = await takeOffer(c.var.house, callerOf(c), id, kind)
  const notice = `Version ${rule.version} has the detection beside the query.`
  return changed(c, { redirect: `${pathOf(c, id)}/query`, notice })
}

export async function compileAgain(c: HttpContext): Promise<Response> {
  const id = readId(c, 'rul')
  await renderAgain(c.var.house, callerOf(c), id)
  return changed(c, { redirect: `${pathOf(c, id)}/query`, notice: 'The rule was compiled again.' })
}

export async function addStarter(c: HttpContext): Promise<Response> {
  const told = await addStarterRules(c.var.house, callerOf(c))
  return changed(c, { redirect: listPath(c), notice: starterNotice(told) })
}

const VERSIONS_SHOWN = 50
const VersionsQuery = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) })

export async function showVersions(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { cursor } = readQuery(c, VersionsQuery)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const list = await listVersions(house, caller, rule.id, { limit: VERSIONS_SHOWN, cursor })
  const props = {
    ...headOf(c, rule, '/versions'),
    versions: list.items,
    next: list.next,
    isFirst: cursor === undefined,
  }
  return page(c, { title: 'Versions', trail: trailOf(c, rule) }, <VersionsPage {...props} />)
}

const VersionNumber = z.coerce.number().int().min(1)
const FromQuery = z.object({ from: VersionNumber.catch(1).default(1) })

export async function showComparison(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { from } = readQuery(c, FromQuery)
  const to = VersionNumber.safeParse(c.req.param('version'))
  if (!to.success) throw forbidden()
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const compared = await compareVersions(house, caller, rule.id, [from, to.data])
  const { before, after } = compared
  const props = { ...headOf(c, rule, '/versions'), ...compared }
  const title = `Versions ${before.number} and ${after.number}`
  return page(c, { title, trail: trailOf(c, rule) }, <ComparisonPage {...props} />)
}

const RestoreForm = z.strictObject({ version: VersionNumber, over: VersionNumber })

export async function restore(c: HttpContext): Promise<Response> {
  const { id } = await getRule(c.var.house, callerOf(c), readId(c, 'rul'))
  const { version, over } = await readForm(c, RestoreForm)
  const input = RestoreInput.parse({ version, reason: `Back to version ${version}` })
  const expected = new Set([String(over)])
  await restoreRule(c.var.house, callerOf(c), id, { ...input, expected })
  const notice = `Version ${version} is the newest text again.`
  return changed(c, { redirect: pathOf(c, id), notice })
}

export async function retire(c: HttpContext): Promise<Response> {
  const id = readId(c, 'rul')
  const { title } = await retireRule(c.var.house, callerOf(c), id)
  return changed(c, { redirect: pathOf(c, id), notice: `${shorten(title)} is retired.` })
}

export async function revive(c: HttpContext): Promise<Response> {
  const id = readId(c, 'rul')
  const { title } = await reviveRule(c.var.house, callerOf(c), id)
  return changed(c, { redirect: pathOf(c, id), notice: `${shorten(title)} is a draft again.` })
}

const shorten = (title: string) => (title.length > 80 ? `${title.slice(0, 80)}…` : title)

const TEMPLATE = `title: What this rule finds, in a few words
# id: a UUID, when the rule is shared
status: experimental
description: Why somebody should look at this.
tags:
  - attack.execution
logsource:
  product: windows
  category: process_creation
detection:
  selection:
    Image|endswith: '\\\\example.exe'
  condition: selection
falsepositives:
  - Name what else does this
level: medium
rulewright:
  tests:
    - name: fires on the example
      expect: match
      events: [{Image: 'C:\\\\tools\\\\example.exe'}]
    - name: silent on another program
      expect: no_match
      events: [{Image: 'C:\\\\tools\\\\other.exe'}]
`.replaceAll('\\\\', '\\')

const UNTOUCHED = { reason: '', problems: null, refusal: null, overtaken: null } as const

export async function showNew(c: HttpContext): Promise<Response> {
  return showEditor(c, { ...newProps(c), ...UNTOUCHED, text: TEMPLATE })
}

export async function showEdit(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const { problems } = await examineText(house, caller, rule.text)
  return showEditor(c, { ...editProps(c, rule), ...UNTOUCHED, text: rule.text, problems })
}

type Place = Pick<EditPageProps, 'title' | 'path' | 'back' | 'version' | 'words'>

const wordsPath = (c: HttpContext) => `${listPath(c)}/words`

function newProps(c: HttpContext): Place {
  const back = listPath(c)
  return { title: 'New rule', path: `${back}/new`, back, version: null, words: wordsPath(c) }
}

function editProps(c: HttpContext, { id, version }: RuleSummary): Place {
  const back = pathOf(c, id)
  return { title: 'Edit rule', path: `${back}/edit`, back, version, words: wordsPath(c) }
}

/** What the editor offers. Asked for once a page, when somebody begins to type. */
export async function giveWords(c: HttpContext): Promise<Response> {
  return c.json(listWords(await readAttack(c.var.house, callerOf(c))))
}

/** Whether the text shall be looked at and not saved: the button, or the editor after some typing. */
const asksOnly = (c: HttpContext, act: 'save' | 'check') => act === 'check' || asksProblems(c)
const asksProblems = (c: HttpContext) => wantsOnly(c, 'problems')

async function showChecked(c: HttpContext, props: EditPageProps): Promise<Response> {
  const { problems } = await examineText(c.var.house, callerOf(c), props.text)
  const { path } = props
  if (asksProblems(c)) return fragment(c, <Found path={path} problems={problems} />)
  return showEditor(c, { ...props, problems })
}

function showEditor(c: HttpContext, props: EditPageProps): Promise<Response> {
  const status = props.refusal !== null ? 422 : props.overtaken !== null ? 409 : 200
  return page(c, { title: props.title, trail: trailOf(c), status }, <EditPage {...props} />)
}

const EditForm = z.strictObject({
  text: z.string().max(2 * RULE_BYTES_MAX),
  reason: z.string().trim().max(2_000).default(''),
  version: VersionNumber.optional(),
  act: z.enum(['save', 'check']).default('save'),
})

export async function writeNew(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { text: typed, reason, act } = await readForm(c, EditForm)
  const text = withLineEnds(typed, '\n')
  const shown = { ...newProps(c), ...UNTOUCHED, text, reason }
  if (asksOnly(c, act)) return showChecked(c, shown)
  try {
    const { rule } = await createRule(house, caller, { text, reason, origin: 'written' })
    return changed(c, { redirect: pathOf(c, rule.id), notice: 'The rule is saved.' })
  } catch (error) {
    return showEditor(c, { ...shown, ...refusalOf(error) })
  }
}

export async function writeEdit(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const { text: typed, reason, version, act } = await readForm(c, EditForm)
  const baseVersion = version ?? rule.version
  const text = withLineEnds(typed, rule.text.includes('\r\n') ? '\r\n' : '\n')
  const shown = { ...editProps(c, rule), ...UNTOUCHED, version: baseVersion, text, reason }
  if (asksOnly(c, act)) return showChecked(c, shown)
  try {
    const expected = new Set([String(baseVersion)])
    const { outcome, rule: kept } = await saveRule(house, caller, rule.id, {
      text,
      reason,
      expected,
    })
    const notice =
      outcome === 'same' ? 'The text is as it was.' : `Version ${kept.version} is saved.`
    return changed(c, { redirect: pathOf(c, rule.id), notice })
  } catch (error) {
    if (error instanceof AppError && error.code === 'stale') {
      const merged = await mergeEdit(house, caller, rule.id, { baseVersion, mine: text })
      const { text: both, conflicts, version: over } = merged
      return showEditor(c, { ...shown, text: both, version: over, overtaken: conflicts })
    }
    return showEditor(c, { ...shown, ...refusalOf(error) })
  }
}

/** A browser sends every line end of a form as two characters; the file keeps its own. */
function withLineEnds(text: string, lineEnd: '\n' | '\r\n'): string {
  return text.replaceAll(/\r?\n/g, lineEnd)
}

/** What was typed stays on the page beside why it was not saved. Throws whatever is no such refusal. */
function refusalOf(error: unknown): Pick<EditPageProps, 'refusal' | 'problems'> {
  const isRefusal = error instanceof AppError && ['invalid', 'conflict'].includes(error.code)
  if (!isRefusal) throw error
  const details = error.details as { readonly problems?: readonly Problem[] } | undefined
  return { refusal: error.message, problems: details?.problems ?? null }
}
