// Writing a rule: the editor, what it is told while one types, and where a new one begins. Loaded with
// its first reader.

import { z } from 'zod'
import { readAttack } from '#domain/instance/attack-in-force.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { EVENT_CHARS_MAX } from '#domain/rules/input.ts'
import { FIELDS_MAX, fieldsOf, readEvent, ruleFromEvent } from '#domain/rules/testing/from-event.ts'
import { KIND_ROWS, KINDS } from '#domain/rules/renders/kinds.ts'
import { examineText, mergeEdit, previewText } from '#domain/rules/looking.ts'
import { quickFixes } from '#domain/rules/quick-fix.ts'
import { getRule } from '#domain/rules/reading.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { ruleTemplates } from '#domain/rules/starter.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import { RULE_BYTES_MAX } from '#kernel/limits.ts'
import type { Problem } from '#kernel/problem.ts'
import { BeginPage, type BeginPageProps } from '#views/rules/begin-page.tsx'
import { EditPage, Found, type EditPageProps } from '#views/rules/edit-page.tsx'
import { Preview } from '#views/rules/preview.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { listPath, pathOf, trailOf } from './rule-frame.ts'
import { listWords } from './rule-words.ts'

const VersionNumber = z.coerce.number().int().min(1)

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

const UNTOUCHED = {
  reason: '',
  problems: null,
  fixes: [],
  preview: null,
  kind: 'splunk',
  kinds: KIND_ROWS,
  refusal: null,
  overtaken: null,
} as const

const NewQuery = z.object({ template: z.string().max(200).optional().catch(undefined) })

export async function showNew(c: HttpContext): Promise<Response> {
  const { template } = readQuery(c, NewQuery)
  const chosen = ruleTemplates().find(({ path }) => path === template)
  const text = chosen?.text ?? TEMPLATE
  return showEditor(c, { ...newProps(c), ...UNTOUCHED, text })
}

export async function showEdit(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { id, text, ...rule } = await getRule(house, caller, readId(c, 'rul'))
  const asked = { act: 'check', kind: 'splunk', text, reason: '' } as const
  const shown = { ...editProps(c, { ...rule, id }), ...UNTOUCHED, text }
  return (await answerLook(c, asked, shown, id))!
}

const FROM_EVENT = { event: '', fields: null, refusal: null } as const

/** Where one begins otherwise than with the usual template. */
export async function showBeginnings(c: HttpContext): Promise<Response> {
  return showFrom(c, FROM_EVENT)
}

function showFrom(c: HttpContext, shown: Pick<BeginPageProps, 'event' | 'fields' | 'refusal'>) {
  const path = `${listPath(c)}/new`
  const templates = ruleTemplates()
  const trail = [...trailOf(c), { label: 'New rule', href: path }]
  const status = shown.refusal === null ? 200 : 422
  const title = 'Begin a rule'
  return page(
    c,
    { title, trail, status },
    <BeginPage {...shown} path={path} templates={templates} />,
  )
}

const EventForm = z.strictObject({
  event: z.string().max(EVENT_CHARS_MAX),
  field: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((given) => [given].flat().slice(0, FIELDS_MAX)),
})

/** First the fields of an event are shown, then those that were ticked become a detection. */
export async function beginWithEvent(c: HttpContext): Promise<Response> {
  const { event, field } = await readForm(c, EventForm)
  const read = readEvent(event)
  if (read === undefined) return showFrom(c, { event, fields: null, refusal: NO_EVENT })
  if (field.length === 0) return showFrom(c, { event, fields: fieldsOf(read), refusal: null })
  const text = ruleFromEvent(read, field)
  const asked = { act: 'check', kind: 'splunk', text, reason: '' } as const
  return (await answerLook(c, asked, { ...newProps(c), ...UNTOUCHED, text }))!
}

const NO_EVENT = 'Paste one event as a JSON object, such as {"Image": "C:\\\\Windows\\\\x.exe"}.'

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

type Ask = z.output<typeof EditForm>

/** What was typed, looked at and not saved: by a button, or by the editor after some typing. */
async function answerLook(
  c: HttpContext,
  { act, fix, kind }: Ask,
  shown: EditPageProps,
  id?: RuleId,
): Promise<Response | undefined> {
  const { house } = c.var
  const caller = callerOf(c)
  if (wantsOnly(c, 'preview')) {
    const preview = await previewText(house, caller, { text: shown.text, id })
    return fragment(
      c,
      <Preview path={shown.path} preview={preview} kind={kind} kinds={KIND_ROWS} />,
    )
  }
  const isPart = wantsOnly(c, 'problems')
  if (!isPart && act === 'save' && fix === undefined) return undefined
  const found = await look(c, shown.text)
  if (isPart) return fragment(c, <Found path={shown.path} {...found} />)
  const text = found.fixes.find(({ key }) => key === fix)?.fixed() ?? shown.text
  const { problems, fixes } = text === shown.text ? found : await look(c, text)
  const preview = await previewText(house, caller, { text, id })
  return showEditor(c, { ...shown, text, problems, fixes, preview, kind })
}

async function look(c: HttpContext, text: string) {
  const { house } = c.var
  const caller = callerOf(c)
  const attack = await readAttack(house, caller)
  const { content, problems } = await examineText(house, caller, text)
  return { problems, fixes: quickFixes(text, { problems, tags: content?.tags ?? [] }, attack) }
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
  /** What shall be written otherwise, by the key of its fix. */
  fix: z.string().max(200).optional(),
  /** What the preview shows. */
  kind: z.enum(KINDS).default('splunk'),
})

export async function writeNew(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const asked = await readForm(c, EditForm)
  const { reason, kind } = asked
  const text = withLineEnds(asked.text, '\n')
  const shown = { ...newProps(c), ...UNTOUCHED, text, reason, kind }
  const answer = await answerLook(c, asked, shown)
  if (answer) return answer
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
  const asked = await readForm(c, EditForm)
  const { reason, kind, version: baseVersion = rule.version } = asked
  const text = withLineEnds(asked.text, rule.text.includes('\r\n') ? '\r\n' : '\n')
  const shown = { ...editProps(c, rule), ...UNTOUCHED, version: baseVersion, text, reason, kind }
  const answer = await answerLook(c, asked, shown, rule.id)
  if (answer) return answer
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
